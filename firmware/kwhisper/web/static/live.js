'use strict'
// The live page: /data.json, asked again and again.
const EVERY_MS = 2500
const OLD_S = 90 // meters send a list every 2 to 60 s
const HOURLY_S = 5400 // totals come once an hour
const POINTS = 120

const FLAGS = {
  unsure: 'unsure',
  stale: 'old',
  estimated: 'estimated',
  derived: 'computed',
  unchecked: 'unchecked'
}
const COLUMNS = [
  ['voltage', 'Voltage'],
  ['current', 'Current'],
  ['active_power_import', 'Power']
]
const POWER = ['active_power_import', 'active_power_export', 'active_power_net']
// Of the status: name, label, and how its value is written; what is 0 or unknown is left out.
const STATE = [
  ['state', 'State'],
  ['line', 'Meter line'],
  ['mqtt', 'MQTT'],
  ['mqtt_error', 'MQTT problem'],
  ['rssi', 'WiFi signal', (n) => n + ' dBm'],
  ['ip', 'Address'],
  ['uptime', 'Running for', (n) => span(n)],
  ['mem_free', 'Free memory', (n) => spaced(n) + ' bytes'],
  ['dropped', 'Messages dropped'],
  ['restarts', 'Parts restarted'],
  ['totals_lost', 'Totals lost'],
  ['reset_cause', 'Last start by'],
  ['supply_mv', 'Supply', (n) => volts(n)],
  ['bus_mv', 'Meter port', (n) => volts(n)],
  ['board', 'Board'],
  ['version', 'Version']
]

const plotted = []
let heard = 0 // performance.now() of the last answer
let frame_age = null // seconds, at that time

const volts = (mv) => (mv / 1000).toFixed(2) + ' V'
const span = (s) => {
  if (s < 90) return s + ' s'
  if (s < 5400) return Math.round(s / 60) + ' min'
  if (s < 172800) return Math.round(s / 3600) + ' h'
  return Math.round(s / 86400) + ' days'
}
// Thousands are parted before the decimal point only.
const spaced = (number) => {
  const [whole, decimals] = String(number).split('.')
  return whole.replace(/\B(?=(\d{3})+$)/g, '\u202f') + (decimals ? '.' + decimals : '')
}
// The meter's digits with the point moved to the left: no digit is lost, none is made up.
const shifted = (digits, places) => {
  const [, minus, whole, decimals = ''] = digits.match(/(-?)(\d+)\.?(\d*)/)
  const padded = whole.padStart(places + 1, '0')
  return minus + padded.slice(0, -places) + '.' + padded.slice(-places) + decimals
}

const is_total = (unit) => /^(Wh|varh|VAh|J|m3)$/.test(unit)
const shown = ({ value, unit }) => {
  // Heat meters count in thousandths of a gigajoule.
  if (unit === 'J') return spaced(shifted(value, 9).replace(/0{1,6}$/, '')) + '\u00a0GJ'
  if (unit !== 'm3' && is_total(unit)) return spaced(shifted(value, 3)) + '\u00a0k' + unit
  return (
    (is_total(unit) ? spaced(value) : value) + (unit && '\u00a0') + unit.replace('m3', 'm\u00b3')
  )
}

const line = (label, words, ...tags) =>
  make('tr', make('th', { scope: 'row' }, label), make('td', words, ...tags))
const line_of = (v) => line(v.label, shown(v), ...tags_of(v))
const tags_of = ({ flags = [], age }) => {
  const old = age > HOURLY_S
  const words = flags
    .filter((flag) => !(old && flag === 'stale'))
    .map((flag) => FLAGS[flag] || flag)
  return (old ? [...words, span(age) + ' old'] : words).flatMap((word) => [
    ' ',
    make('span', { class: 'tag' }, word)
  ])
}

const fill = (id, lines) => {
  $(id).hidden = !lines.length
  $(id)
    .querySelector('table')
    .replaceChildren(...lines)
}

const draw = (power) => {
  plotted.push(power)
  if (plotted.length > POINTS) plotted.shift()
  const low = Math.min(0, ...plotted)
  const high = Math.max(1, ...plotted)
  const x = (i) => ((300 * i) / (plotted.length - 1)).toFixed(1)
  const y = (p) => (58 - (56 * (p - low)) / (high - low)).toFixed(1)
  const d =
    plotted.length > 1 ? plotted.map((p, i) => (i ? 'L' : 'M') + x(i) + ' ' + y(p)).join('') : ''
  const [curve, area] = $('plot').children
  curve.setAttribute('d', d)
  area.setAttribute('d', d && d + 'V' + y(0) + 'H0Z')
}

const show_power = (values) => {
  const [drawn, back, net] = POWER.map((name) => values[name])
  let out = null
  if (!(drawn && +drawn.value)) {
    if (back && +back.value > 0) out = back
    else if (net && +net.value < 0) out = net
  }
  const top = out || drawn || net || back
  const way = out ? 'Delivered to the grid' : 'Drawn from the grid'
  $('way').textContent = top ? way : 'Waiting for the meter'
  $('power').textContent = top ? spaced(top.value.replace(/^-|\..*/g, '')) : '\u2013'
  $('unit').textContent = top ? top.unit : 'W'
  if (top) draw(out ? -Math.abs(out.value) : +top.value)
}

const phases = (values) => {
  const columns = COLUMNS.filter(([name]) => ['_l1', '_l2', '_l3'].some((p) => values[name + p]))
  const lines = ['l1', 'l2', 'l3']
    .filter((p) => columns.some(([name]) => values[name + '_' + p]))
    .map((p) =>
      make(
        'tr',
        make('th', { scope: 'row' }, p.toUpperCase()),
        ...columns.map(([name]) => {
          const v = values[name + '_' + p]
          return make('td', ...(v ? [...tags_of(v), ' ', shown(v)] : ['\u2013']))
        })
      )
    )
  const head = make(
    'tr',
    ...['Phase', ...columns.map(([, words]) => words)].map((words) =>
      make('th', { scope: 'col' }, words)
    )
  )
  fill('phases', lines.length ? [make('thead', head), make('tbody', ...lines)] : [])
  return COLUMNS.flatMap(([name]) => [name + '_l1', name + '_l2', name + '_l3'])
}

const state = ({ meter, time, status }) => {
  const { ok = 0, unchecked = 0, noise = 0, ...bad } = status.frames || {}
  const faults = Object.entries(bad)
    .filter(([, n]) => n)
    .map(([cause, n]) => cause + ' ' + spaced(n))
  return [
    ['Meter', [meter.type, meter.list].filter(Boolean).join(', ')],
    ['Meter number', meter.id],
    ['Meter clock', time && time.slice(0, 19).replace('T', ' ')],
    ['Frames read', spaced(ok + unchecked)],
    ['Frames not read', faults.join(', ') || '0'],
    ['Noise', noise && spaced(noise) + ' bytes'],
    ...STATE.map(([name, label, written = String]) => [
      label,
      status[name] && written(status[name])
    ])
  ]
    .filter(([, words]) => words)
    .map(([label, words]) => line(label, words))
}

const show = (data) => {
  const { values, status } = data
  heard = performance.now()
  frame_age = status.frame_age
  $('name').textContent = document.title = data.name
  $('problem').hidden = !status.problem
  if ($('problem').textContent !== (status.problem || ''))
    $('problem').textContent = status.problem || ''
  show_power(values)
  const used = new Set([...POWER, ...phases(values)])
  const others = Object.keys(values)
    .filter((name) => !used.has(name))
    .map((name) => values[name])
  fill('totals', others.filter((v) => is_total(v.unit)).map(line_of))
  fill('more', others.filter((v) => !is_total(v.unit)).map(line_of))
  fill('state', state(data))
  $('frame').hidden = !data.unknown_frame
}

// What must not be taken for the power of this minute says so.
const judge_age = (problem) => {
  const age = frame_age == null ? null : Math.round(frame_age + (performance.now() - heard) / 1000)
  const old = age != null && age > OLD_S
  let last = 'Nothing heard from the meter yet'
  if (age != null) last = age < 2 ? 'Last list just now' : `Last list ${span(age)} ago`
  $('when').textContent = problem || last
  $('when').classList.toggle('off', !!problem || age == null || old)
  $('now').classList.toggle('old', !!problem || old)
  let hint = ''
  if (problem && age != null) hint = `These values are ${span(age)} old.`
  else if (old) hint = 'The meter is silent. These are its last values.'
  $('old').hidden = !hint
  if ($('old').textContent !== hint) $('old').textContent = hint
}

let timer
let asking = false
const poll = async () => {
  if (asking) return
  asking = true
  clearTimeout(timer)
  try {
    // JSON.parse would turn 230.40 into 230.4; the meter's own decimals are shown.
    const text = await ask('/data.json', null, 8000)
    if (text[0] === '<') return location.reload() // it is in set-up now
    show(JSON.parse(text.replace(/"value":\s*(-?[\d.]+)/g, '"value":"$1"')))
    judge_age('')
  } catch (error) {
    judge_age(error.code === undefined ? 'The answer of the device is not whole.' : error.message)
  }
  asking = false
  timer = setTimeout(poll, document.hidden ? EVERY_MS * 8 : EVERY_MS)
}
document.addEventListener('visibilitychange', () => document.hidden || poll())
$('now').hidden = false
poll()
