'use strict'
const $ = (id) => document.getElementById(id)

// Password fields get a button to see what is typed.
for (const input of document.querySelectorAll('input[type=password]')) {
  const box = document.createElement('div')
  const button = document.createElement('button')
  box.className = 'eye'
  button.type = 'button'
  button.textContent = 'Show'
  button.setAttribute('aria-label', 'Show what is typed')
  button.onclick = () => {
    const hidden = input.type === 'password'
    input.type = hidden ? 'text' : 'password'
    button.textContent = hidden ? 'Hide' : 'Show'
  }
  input.replaceWith(box)
  box.append(input, button)
}
const wrong = document.querySelector('.f.bad')
if (wrong) wrong.scrollIntoView({ block: 'center' })

// After a restart on this network the page comes back by itself.
if ($('back')) setTimeout(() => (location = '/'), 30000)

// Saving a form twice would restart the device while it writes.
const form = document.querySelector('form')
if (form) form.onsubmit = () => setTimeout(() => (form.querySelector('.save button').disabled = true))

if (document.body.id === 'live') {
  const EVERY = 2500
  const plot = []
  const flags = { unsure: 'unsure', stale: 'old', estimated: 'estimated', derived: 'computed' }
  const words = {
    state: 'State', mqtt: 'MQTT', mqtt_error: 'MQTT problem', rssi: 'WiFi signal', ip: 'Address',
    uptime: 'Running for', mem_free: 'Free memory', line: 'Meter line', dropped: 'Messages dropped',
    restarts: 'Parts restarted', reset_cause: 'Last start by', supply_mv: 'Supply', bus_mv: 'Meter port', board: 'Board',
    version: 'Version'
  }

  const span = (s) =>
    s < 90 ? s + ' s' : s < 5400 ? Math.round(s / 60) + ' min'
      : s < 172800 ? Math.round(s / 3600) + ' h' : Math.round(s / 86400) + ' days'
  const spaced = (n) => String(n).replace(/\B(?=(\d{3})+(?!\d))/g, '\u202f')

  // Energy comes in Wh and is read in kWh; everything else is shown as the meter gave it.
  const shown = (v) => {
    if (/^(Wh|varh|VAh)$/.test(v.unit)) return [spaced((v.value / 1000).toFixed(2)).replace(/(\.\d)\u202f/, '$1'), 'k' + v.unit]
    return [v.text, v.unit === 'm3' ? 'm\u00b3' : v.unit]
  }

  const cell = (row, text, tag) => {
    const c = row.appendChild(document.createElement(tag || 'td'))
    c.textContent = text
    return c
  }

  const line = (table, label, text) => {
    const row = table.insertRow()
    cell(row, label)
    return cell(row, text)
  }

  const line_of = (table, v) => {
    const c = line(table, v.label, shown(v).join('\u00a0'))
    for (const f of v.flags || []) {
      const t = c.appendChild(document.createElement('span'))
      t.className = 'tag'
      t.textContent = flags[f]
    }
    if (v.age > 5400) c.className = 'old'
  }

  const draw = (power) => {
    plot.push(power)
    if (plot.length > 120) plot.shift()
    const low = Math.min(0, ...plot)
    const high = Math.max(1, ...plot)
    const x = (i) => ((300 * i) / (plot.length - 1)).toFixed(1)
    const y = (p) => (58 - (56 * (p - low)) / (high - low)).toFixed(1)
    const d = plot.length > 1 ? plot.map((p, i) => (i ? 'L' : 'M') + x(i) + ' ' + y(p)).join('') : ''
    const [curve, area] = $('plot').children
    curve.setAttribute('d', d)
    area.setAttribute('d', d && d + 'V' + y(0) + 'H0Z')
  }

  const phases = (values, used) => {
    const columns = [['voltage', 'Voltage'], ['current', 'Current'], ['active_power_import', 'Power']]
      .filter(([n]) => values[n + '_l1'] || values[n + '_l2'] || values[n + '_l3'])
    $('phases').hidden = !columns.length
    const head = document.createElement('tr')
    cell(head, 'Phase', 'th')
    for (const [, label] of columns) cell(head, label, 'th')
    $('phases').querySelector('thead').replaceChildren(head)
    const body = document.createElement('tbody')
    for (const p of ['l1', 'l2', 'l3']) {
      const row = document.createElement('tr')
      cell(row, p.toUpperCase())
      let some = false
      for (const [n] of columns) {
        const v = values[n + '_' + p]
        used.add(n + '_' + p)
        some = some || v
        cell(row, v ? v.text + '\u00a0' + v.unit : '\u2013')
      }
      if (some) body.append(row)
    }
    $('phases').querySelector('tbody').replaceWith(body)
  }

  const show = (d, texts) => {
    const used = new Set(['active_power_import', 'active_power_export', 'active_power_net'])
    const v = d.values
    for (const n in v) v[n].text = texts[n] || String(v[n].value)
    const s = d.status
    $('name').textContent = document.title = d.name
    const power = v.active_power_import
    const back = v.active_power_export
    const out = back && back.value > 0 && !(power && power.value > 0)
    const top = out ? back : power
    const age = s.frame_age
    $('way').textContent = !top ? 'Waiting for the meter' : out ? 'Delivered to the grid' : 'Drawn from the grid'
    $('power').textContent = top ? spaced(top.text.replace(/\..*/, '')) : '\u2013'
    $('when').textContent = age == null ? 'Nothing heard yet' : 'Last list ' + (age < 2 ? 'just now' : span(age) + ' ago')
    $('when').className = 'dot' + (age == null || age > 60 ? ' off' : '')
    if (top) draw(out ? -back.value : power.value)
    $('problem').hidden = !s.problem
    $('problem').textContent = s.problem || ''
    phases(v, used)
    const totals = document.createElement('table')
    const more = document.createElement('table')
    for (const n in v) if (!used.has(n)) line_of(/^(Wh|varh|VAh|m3)$/.test(v[n].unit) ? totals : more, v[n])
    for (const [id, table] of [['totals', totals], ['more', more]]) {
      $(id).hidden = !table.rows.length
      $(id).querySelector('table').replaceWith(table)
    }
    const state = document.createElement('table')
    state.id = 'state'
    if (d.meter.type || d.meter.list) line(state, 'Meter', [d.meter.type, d.meter.list].filter(Boolean).join(', '))
    if (d.meter.id) line(state, 'Meter number', d.meter.id)
    if (d.time) line(state, 'Meter clock', d.time.slice(0, 19).replace('T', ' '))
    const { ok = 0, unchecked = 0, noise = 0, ...bad } = s.frames || {}
    line(state, 'Frames read', spaced(ok + unchecked))
    const faults = Object.entries(bad).filter(([, n]) => n)
    line(state, 'Frames not read', faults.length ? faults.map(([c, n]) => c + ' ' + spaced(n)).join(', ') : '0')
    if (noise) line(state, 'Noise', spaced(noise) + ' bytes')
    for (const n in words) {
      let x = s[n]
      if (x == null || x === '' || ((n === 'dropped' || n === 'restarts') && !x)) continue
      if (n === 'uptime') x = span(x)
      if (n === 'mem_free') x = spaced(x) + ' bytes'
      if (n === 'rssi') x += ' dBm'
      if (/_mv$/.test(n)) x = (x / 1000).toFixed(2) + ' V'
      line(state, words[n], x)
    }
    $('state').replaceWith(state)
    $('frame').hidden = !d.unknown_frame
  }

  const poll = async () => {
    try {
      const text = await (await fetch('/data.json', { signal: AbortSignal.timeout(8000) })).text()
      // JSON.parse would turn 230.40 into 230.4; the meter's own decimals are shown.
      const texts = {}
      for (const m of text.matchAll(/"([\w:.-]+)":\{"label":"(?:[^"\\]|\\.)*","value":(-?[\d.]+)/g)) texts[m[1]] = m[2]
      show(JSON.parse(text), texts)
    } catch (e) {
      $('when').textContent = 'The device does not answer'
      $('when').className = 'dot off'
    }
    setTimeout(poll, document.hidden ? EVERY * 8 : EVERY)
  }
  poll()
}
