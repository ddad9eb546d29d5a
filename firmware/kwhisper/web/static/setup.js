'use strict'
// The settings' form, built from the device's own table. The device judges what is typed.
const EYE = { true: 'Show', false: 'Hide' }
const AS_TYPED = { autocapitalize: 'none', autocorrect: 'off', spellcheck: 'false' }
const SIGNALS = [
  [-55, 4, 'strong'],
  [-67, 3, 'good'],
  [-78, 2, 'fair'],
  [-999, 1, 'weak']
]
const MOST_NETWORKS = 12
const BACK_MS = 120000

let device = {} // /device.json
let rows = []
let values = {}
let fields = [] // {row, box, focus: the element, read(): what the device would be sent, before}
let leaving = false

// ---- the controls: each returns {parts, focus, read} and is one row of the table

const described = (row) => `e_${row.name} h_${row.name}`
const label = (row) => make('label', { for: row.name }, row.label)

const typed = (row, tag, attributes, value) => {
  const control = make(tag, {
    id: row.name,
    name: row.name,
    'aria-describedby': described(row),
    autocomplete: 'off',
    ...AS_TYPED,
    ...attributes
  })
  control.value = value
  return control
}

const with_eye = (input) => {
  const eye = make('button', { type: 'button', 'aria-controls': input.id }, EYE.true)
  const name = () => eye.setAttribute('aria-label', eye.textContent + ' what is typed')
  name()
  eye.onclick = () => {
    input.type = input.type === 'password' ? 'text' : 'password'
    eye.textContent = EYE[input.type === 'password']
    name()
  }
  return make('div', { class: 'eye' }, input, eye)
}

const secret = (row, kept) => {
  const hidden = row.type === 'text'
  const input = typed(
    row,
    row.type === 'lines' ? 'textarea' : 'input',
    {
      ...(row.type === 'lines' ? { rows: 4 } : { type: hidden ? 'password' : 'text' }),
      autocomplete: hidden ? 'new-password' : 'off',
      placeholder: kept ? 'saved; empty keeps it' : null
    },
    ''
  )
  const parts = [label(row), hidden ? with_eye(input) : input]
  if (!kept) return { parts, focus: input, read: () => input.value }
  const tick = make('input', { type: 'checkbox', name: 'delete_' + row.name })
  tick.onchange = () => {
    input.disabled = tick.checked
  }
  parts.push(make('label', { class: 'tick' }, tick, 'Delete the saved one'))
  return { parts, focus: input, read: () => (tick.checked ? null : input.value) }
}

const pick = (row, value, choices) => {
  const known = choices.some(([choice]) => choice === value)
  const select = make(
    'select',
    { id: row.name, name: row.name, 'aria-describedby': described(row) },
    ...(known ? choices : [...choices, [value, value]]).map(([choice, text]) =>
      make('option', { value: choice, selected: choice === value }, text)
    )
  )
  return { parts: [label(row), select], focus: select, read: () => select.value }
}

const many = (row, value) => {
  const ticks = row.choices.map(([choice, text]) => {
    const tick = make('input', {
      type: 'checkbox',
      name: row.name,
      value: choice,
      checked: value.split(',').includes(choice)
    })
    return [tick, make('label', { class: 'tick' }, tick, text)]
  })
  const set = make(
    'fieldset',
    { 'aria-describedby': described(row) },
    make('legend', row.label),
    make('div', { class: 'ticks' }, ...ticks.map(([, line]) => line))
  )
  const read = () =>
    ticks
      .filter(([tick]) => tick.checked)
      .map(([tick]) => tick.value)
      .join(',')
  return { parts: [set], focus: ticks[0][0], read }
}

const bool = (row, value) => {
  const tick = make('input', {
    type: 'checkbox',
    id: row.name,
    name: row.name,
    checked: value,
    'aria-describedby': described(row)
  })
  return {
    parts: [make('label', { class: 'tick' }, tick, row.label)],
    focus: tick,
    read: () => tick.checked
  }
}

const number = (row, value) => {
  const input = typed(row, 'input', { inputmode: 'numeric' }, value)
  const read = () => (/^\s*-?\d+\s*$/.test(input.value) ? Number(input.value) : input.value)
  return { parts: [label(row), input], focus: input, read }
}

const text = (row, value) => {
  const input =
    row.type === 'lines'
      ? typed(row, 'textarea', { rows: 4 }, value)
      : typed(row, 'input', {}, value)
  return { parts: [label(row), input], focus: input, read: () => input.value }
}

// The networks that the device hears, to choose one, and a line to type another.
const networks = (row, value) => {
  const set = make('fieldset', { class: 'nets', 'aria-describedby': described(row) })
  const words = { 'aria-label': 'Name of the other network', placeholder: 'Name of the network' }
  const typing = typed(row, 'input', words, '')
  const state = make('span', { role: 'status' })
  const again = make('button', { type: 'button', class: 'link' }, 'Search again')
  const other = make('input', { type: 'radio', name: 'wifi_pick' })
  let radios = []
  const chosen = () =>
    other.checked ? typing.value : radios.find((radio) => radio.checked)?.value || ''
  const line = (radio, name, ...more) => make('label', radio, make('span', name), ...more)
  const sign = (name, words) => make('i', { class: name, role: 'img', 'aria-label': words })
  const show = (heard) => {
    const ssid = chosen()
    const names = new Set()
    radios = []
    const lines = []
    for (const [name, rssi, secured] of heard) {
      if (!name || names.has(name) || names.size === MOST_NETWORKS) continue
      names.add(name)
      const [, bars, strength] = SIGNALS.find(([least]) => rssi > least) || SIGNALS[3]
      const radio = make('input', { type: 'radio', name: 'wifi_pick', value: name })
      radio.checked = name === ssid
      radios.push(radio)
      const lock = secured ? sign('lock', 'secured') : make('small', 'open')
      lines.push(line(radio, name, lock, sign('signal' + bars, 'signal ' + strength)))
    }
    if (ssid && !names.has(ssid)) typing.value = ssid
    other.checked = !names.has(ssid) && (!!ssid || !names.size)
    set.replaceChildren(make('legend', row.label), ...lines, line(other, 'Another network'))
    typing.hidden = !other.checked
    return names.size
  }
  set.onchange = () => {
    typing.hidden = !other.checked
  }
  let searching = false
  const search = async (path) => {
    if (searching) return
    searching = true
    state.textContent = 'Searching for networks …'
    try {
      const found = show(await ask_json(path))
      state.textContent = found ? counted(found, 'network') : 'No network was heard.'
    } catch (error) {
      state.textContent = 'The search failed. ' + error.message
    }
    searching = false
    mark()
  }
  again.onclick = () => search('/networks.json?again=1')
  typing.value = value
  other.checked = true
  show([])
  return {
    parts: [set, typing, make('p', { class: 'again' }, state, again)],
    focus: () => (other.checked ? typing : radios.find((radio) => radio.checked) || radios[0]),
    read: chosen,
    search: () => search('/networks.json')
  }
}

// A new device takes the zone of the browser in front of it.
const zone = (row, value, zones) => {
  const made = pick(row, value, zones)
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone
  if (device.mode === 'setup' && value === row.default && zones.some(([name]) => name === here))
    made.focus.value = here
  return { ...made, before: value }
}

const control = (row, boards, zones) => {
  const value = values[row.name]
  if (row.secret) return secret(row, value)
  if (row.name === 'wifi_ssid' && device.mode === 'setup') return networks(row, value)
  if (row.type === 'board' && boards) return pick(row, value, boards)
  if (row.type === 'zone' && zones) return zone(row, value, zones)
  if (row.type === 'bool') return bool(row, value)
  if (row.type === 'int') return number(row, value)
  if (row.type === 'pick') return pick(row, value, row.choices)
  if (row.type === 'many') return many(row, value)
  return text(row, value)
}

// ---- the form

const help = (row) => {
  const parts = [row.help || '']
  if (row.type === 'int') parts.unshift(`${row.least} to ${row.most}.`)
  else if (row.least > 1) parts.unshift(`At least ${row.least} characters.`)
  return parts.join(' ').trim()
}

const build = (boards, zones) => {
  fields = []
  let inside
  for (const row of rows) {
    if (row.title) {
      const title = make('h2', row.title)
      inside = make('div', { class: 'fields' })
      $('groups').append(
        row.folded
          ? make('details', { class: 'card' }, make('summary', title), inside)
          : make('section', { class: 'card' }, title, inside)
      )
      continue
    }
    const field = { row, ...control(row, boards, zones) }
    field.before ??= field.read()
    const wide = /many|lines/.test(row.type) || field.search
    field.box = make(
      'div',
      { class: wide ? 'field wide' : 'field', id: 'f_' + row.name },
      ...field.parts,
      make('p', { class: 'err', id: 'e_' + row.name, hidden: true }),
      make('p', { class: 'help', id: 'h_' + row.name }, help(row))
    )
    fields.push(field)
    inside.append(field.box)
  }
}

const changed = () => fields.filter((field) => field.read() !== field.before)

const mark = () => {
  const now = changed()
  for (const field of fields) field.box.classList.toggle('changed', now.includes(field))
  $('unsaved').textContent = now.length ? counted(now.length, 'change') + ', not saved yet' : ''
  $('save').classList.toggle('due', !!now.length)
}

const go = (field) => {
  const folded = field.box.closest('details')
  if (folded) folded.open = true
  field.box.scrollIntoView({ block: 'center' })
  const target = typeof field.focus === 'function' ? field.focus() : field.focus
  target.focus({ preventScroll: true })
}

const link = (name, words) => {
  const a = make('a', { href: '#f_' + name }, words)
  a.onclick = (event) => {
    event.preventDefault()
    go(fields.find((field) => field.row.name === name))
  }
  return a
}

const show_error = (field, message) => {
  const wrong = message != null
  const line = $('e_' + field.row.name)
  line.hidden = !wrong
  line.textContent = wrong ? `This ${message}.` : ''
  field.box.classList.toggle('bad', wrong)
  const controls = 'input:not([name^=delete_],[type=radio]),select,textarea'
  for (const input of field.box.querySelectorAll(controls)) {
    input.toggleAttribute('aria-invalid', wrong)
    if (wrong) input.setAttribute('aria-invalid', 'true')
  }
}

// {name: message} of the device: at the fields and, with links to them, at the top.
const show_errors = (errors) => {
  for (const field of fields) show_error(field, errors[field.row.name])
  $('errors')?.remove()
  if (!Object.keys(errors).length) return
  const wrong = fields.filter((field) => field.row.name in errors)
  const lines = wrong.map(({ row }) =>
    make('li', link(row.name, row.label), ' ', errors[row.name])
  )
  const others = Object.entries(errors).filter(([name]) => !$('f_' + name))
  const box = note(
    'errors',
    true,
    make('p', 'Nothing is saved yet.'),
    ...others.map(([name, message]) => make('p', name, ' ', message)),
    make('ul', ...lines)
  )
  // All are unfolded, and the first one is gone to.
  for (const field of wrong.reverse()) go(field)
  if (!wrong.length) box.scrollIntoView()
}

// ---- saving, and what happens next

const busy = (words) => {
  $('groups').inert = !!words
  $('send').setAttribute('aria-disabled', !!words)
  $('unsaved').textContent = words
}

const save = async () => {
  if ($('groups').inert) return
  const changes = {}
  // What is needed and empty is sent too, so that the device can say so.
  const needed = (field) => field.row.least && !field.row.secret && field.read() === ''
  for (const field of fields)
    if (field.read() !== field.before || needed(field)) changes[field.row.name] = field.read()
  $('unsent').textContent = ''
  if (device.mode === 'run' && !Object.keys(changes).length) {
    $('unsaved').textContent = 'Nothing is changed, so there is nothing to save.'
    return
  }
  busy('Saving …')
  try {
    await ask('/settings.json', changes)
    busy('')
    done('Saved', changes)
  } catch (error) {
    busy('')
    mark()
    show_errors(((error.code === 422 || error.code === 400) && error.errors) || {})
    if (!$('errors')) {
      $('unsent').textContent =
        error.message +
        (error.code ? '' : ' Perhaps it is saved, perhaps not.') +
        ' All you typed is still here: save again.'
    }
  }
}

const restart = async () => {
  if (changed().length && !confirm('Restart without saving what you changed?')) return
  try {
    await ask('/restart', {})
    done('Restarting', {})
  } catch (error) {
    failed(error, restart)
  }
}

const bold = (words) => make('b', words)
const address = (host) => make('a', { href: `http://${host}/` }, `http://${host}/`)

const next_steps = (now, name, setup, moved) => [
  setup &&
    make(
      'li',
      'This setup network goes away. Join your phone to ',
      bold(now.wifi_ssid),
      ' again.'
    ),
  make(
    'li',
    setup ? 'After half a minute, open ' : 'In half a minute it is back at ',
    ...[address(name + '.local'), ', ', address(name), ', or look for ', bold(name)],
    ' in the device list of your router.'
  ),
  now.mqtt_host
    ? make(
        'li',
        ...['Values appear on the broker ', bold(now.mqtt_host)],
        ...[' below ', bold(now.mqtt_topic + '/'), '.']
      )
    : make('li', 'No broker is set: the values are on its own page only.'),
  moved &&
    make(
      'li',
      'If it cannot join, the setup network comes back in a minute or two, says why, ',
      'and all you typed is still there.'
    )
]

// The page after a save or a restart: what happens next.
const done = (title, changes) => {
  const setup = device.mode === 'setup'
  const now = { ...values, ...changes }
  const name = now.host_name.trim()
  const moved = setup || 'wifi_ssid' in changes
  leaving = true
  const wait = make('p', { class: 'lead', role: 'status' })
  $('title').textContent = title
  const joins = moved ? [' and joins ', bold(now.wifi_ssid)] : []
  const card = make('section', { class: 'card' })
  card.append(
    make('p', { class: 'lead' }, 'kWhisper restarts now', ...joins, '.'),
    make('ol', ...next_steps(now, name, setup, moved)),
    wait
  )
  $('main').replaceChildren($('title'), card)
  scrollTo(0, 0)
  $('title').focus()
  // Under its old name it will not be found again.
  const renamed = location.hostname.split('.')[0] === values.host_name && name !== values.host_name
  if (!setup && !renamed) back(wait)
}

// The live page by itself, as soon as a device answers that runs for less long than this wait.
const back = async (wait) => {
  const began = performance.now()
  const passed = () => performance.now() - began
  wait.textContent = 'This page goes to the values by itself when the device answers again.'
  while (passed() < BACK_MS) {
    await pause(2000)
    try {
      if ((await ask_json('/data.json')).status.uptime * 1000 < passed())
        return location.assign('/')
    } catch {
      /* it is still starting */
    }
  }
  wait.textContent =
    'It has not answered for two minutes. Try the addresses above, or look whether ' +
    'its setup network is there.'
}

// ---- the start

const board_choices = async () => {
  try {
    const boards = await ask_json('/boards.json')
    return [
      ['auto', 'Automatic'],
      ...boards
        .filter((board) => board.platform !== 'linux' || board.name === device.board)
        .map((board) => [board.name, board.label])
    ]
  } catch {
    return null // the name can be typed all the same
  }
}

const zone_choices = async () => {
  try {
    return (await ask_json('/zones.json')).map(({ name }) => [name, name])
  } catch {
    return null
  }
}

const start = async () => {
  $('lead').textContent = 'Asking the device …'
  try {
    // One after the other: the device serves few connections at once.
    device = await ask_json('/device.json')
    rows = await ask_json('/setting_table.json')
    // The browser itself asks for a password: a person takes the time it takes.
    const locked = device.password_set && device.mode === 'run'
    if (locked)
      $('lead').textContent =
        'Your browser asks for the password of these pages. Any user name will do.'
    values = await ask_json('/settings.json', locked ? 600000 : undefined)
  } catch (error) {
    $('lead').textContent = ''
    return failed(error, start)
  }
  const setup = device.mode === 'setup'
  build(await board_choices(), await zone_choices())
  $('title').textContent = setup ? 'Set up your reader' : 'Settings'
  $('lead').textContent = setup
    ? 'Choose your WiFi and where the values go. The rest is set well.'
    : ''
  $('nav').hidden = setup
  $('quiet').hidden = setup
  if (!setup && !values.web_password) {
    note(
      'open',
      false,
      make(
        'p',
        'Anyone on your network can change these settings. ',
        link('web_password', 'Set a password')
      )
    )
  }
  if (device.problem) {
    note(
      'problem',
      true,
      setup && values.wifi_ssid
        ? make('p', 'Could not run with ', bold(values.wifi_ssid), ':')
        : null,
      make('p', device.problem)
    )
  }
  $('form').hidden = false
  $('form').oninput = $('form').onchange = mark
  $('form').onsubmit = (event) => {
    event.preventDefault()
    save()
  }
  $('restart').onclick = restart
  for (const field of fields) field.search?.()
}

addEventListener('beforeunload', (event) => {
  if (!leaving && changed().length) event.preventDefault()
})
start()
