'use strict'
// The settings' form, built from the device's own table. The device judges what is typed.
const EYE = { true: w('Show'), false: w('Hide') }
const AS_TYPED = { autocapitalize: 'none', autocorrect: 'off', spellcheck: 'false' }
const SIGNALS = [
  [-55, 4, w('signal strong')],
  [-67, 3, w('signal good')],
  [-78, 2, w('signal fair')],
  [-999, 1, w('signal weak')]
]
const MOST_NETWORKS = 12
const BACK_MS = 120000

let device = {} // /device.json
let rows = []
let values = {}
let fields = [] // {row, box, focus: the element, read(): what the device would be sent, before}
let leaving = false
let heard = [] // [name, rssi, secured] of the networks
let wired = [] // names of the boards that have Ethernet
// The groups that can be tried before they are saved.
const TESTS = { wifi: w('Test the WiFi'), mqtt: w('Test the broker') }

// ---- the controls: each returns {parts, focus, read} and is one row of the table

const described = (row) => `e_${row.name} h_${row.name}`
// The words of a row: those of the language, by the setting's name, else the table's own.
const label_of = (row) => words[row.name] || row.label
const help_of = (row) => words[row.name + '?'] || row.help || ''
const choice_of = (row, [choice, text]) => words[`${row.name}=${choice}`] || text
const label = (row) => make('label', { for: row.name }, label_of(row))

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
  const eye = make('button', { type: 'button', 'aria-controls': input.id })
  const name = () => {
    const hidden = input.type === 'password'
    eye.textContent = t(EYE[hidden])
    const says = hidden ? t('Show what is typed') : t('Hide what is typed')
    eye.setAttribute('aria-label', says)
  }
  name()
  eye.onclick = () => {
    input.type = input.type === 'password' ? 'text' : 'password'
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
      placeholder: kept ? t('saved; empty keeps it') : null
    },
    ''
  )
  const parts = [label(row), hidden ? with_eye(input) : input]
  if (!kept) return { parts, focus: input, read: () => input.value }
  const tick = make('input', { type: 'checkbox', name: 'delete_' + row.name })
  tick.onchange = () => {
    input.disabled = tick.checked
  }
  parts.push(make('label', { class: 'tick' }, tick, t('Delete the saved one')))
  return { parts, focus: input, read: () => (tick.checked ? null : input.value) }
}

const pick = (row, value, choices) => {
  const known = choices.some(([choice]) => choice === value)
  const select = make(
    'select',
    { id: row.name, name: row.name, 'aria-describedby': described(row) },
    ...(known ? choices : [...choices, [value, value]]).map((choice) =>
      make('option', { value: choice[0], selected: choice[0] === value }, choice_of(row, choice))
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
    return [tick, make('label', { class: 'tick' }, tick, choice_of(row, [choice, text]))]
  })
  const set = make(
    'fieldset',
    { 'aria-describedby': described(row) },
    make('legend', label_of(row)),
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
    parts: [make('label', { class: 'tick' }, tick, label_of(row))],
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
  const typing = typed(
    row,
    'input',
    {
      'aria-label': t('Name of the other network'),
      placeholder: t('Name of the network')
    },
    ''
  )
  const state = make('span', { role: 'status' })
  const again = make('button', { type: 'button', class: 'link' }, t('Search again'))
  const other = make('input', { type: 'radio', name: 'wifi_pick' })
  let radios = []
  const chosen = () =>
    other.checked ? typing.value : radios.find((radio) => radio.checked)?.value || ''
  const line = (radio, name, ...more) => make('label', radio, make('span', name), ...more)
  const sign = (name, text) => make('i', { class: name, role: 'img', 'aria-label': text })
  const show = () => {
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
      const lock = secured ? sign('lock', t('secured')) : make('small', t('open'))
      lines.push(line(radio, name, lock, sign('signal' + bars, t(strength))))
    }
    if (ssid && !names.has(ssid)) typing.value = ssid
    other.checked = !names.has(ssid) && (!!ssid || !names.size)
    set.replaceChildren(make('legend', label_of(row)), ...lines, line(other, t('Another network')))
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
    state.textContent = t('Searching for networks …')
    try {
      heard = await ask_json(path)
      const found = show()
      state.textContent = found
        ? counted(found, w('{n} network'), w('{n} networks'))
        : t('No network was found.')
    } catch (error) {
      state.textContent = `${t('The search failed.')} ${error.message}`
    }
    searching = false
    mark()
  }
  again.onclick = () => search('/networks.json?again=1')
  typing.value = value
  other.checked = true
  show()
  return {
    parts: [set, typing, make('p', { class: 'again' }, state, again)],
    focus: () => (other.checked ? typing : radios.find((radio) => radio.checked) || radios[0]),
    read: chosen,
    search: () => search('/networks.json')
  }
}

// A new device takes the zone of the browser in front of it.
const zone_pick = (row, value, zones) => {
  const made = pick(row, value, zones)
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone
  if (device.mode === 'setup' && value === row.default && zones.some(([name]) => name === here))
    made.focus.value = here
  return { ...made, before: value, untouched: made.read() }
}

const control = (row, boards, zones) => {
  const value = values[row.name]
  if (row.secret) return secret(row, value)
  if (row.name === 'wifi_ssid' && device.mode === 'setup') return networks(row, value)
  if (row.type === 'board' && boards) return pick(row, value, boards)
  if (row.type === 'zone' && zones) return zone_pick(row, value, zones)
  if (row.type === 'bool') return bool(row, value)
  if (row.type === 'int') return number(row, value)
  if (row.type === 'pick') return pick(row, value, row.choices)
  if (row.type === 'many') return many(row, value)
  return text(row, value)
}

// ---- the form

const help = (row) => {
  const said = [help_of(row)]
  const typed_text = !/decimal|span|many/.test(row.type)
  if (row.type === 'int') said.unshift(t('{least} to {most}.', row))
  else if (row.least > 1 && typed_text) said.unshift(t('At least {least} characters.', row))
  return said.join(' ').trim()
}

const build = (boards, zones) => {
  fields = []
  let inside
  for (const row of rows) {
    if (row.title) {
      const title = make('h2', words['group.' + row.group] || row.title)
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
    // The WiFi can be tried in the set-up only: while the meter is read it is in use.
    const last = rows[rows.indexOf(row) + 1]?.title
    if (last && row.group in TESTS && (row.group === 'mqtt' || device.mode === 'setup'))
      inside.append(test_of(row.group))
  }
}

// The set-up's first question: who shall get the values. The formats follow from the answer.
const ask_system = () => {
  const { row, box, read } = fields.find((field) => field.row.presets)
  const select = make(
    'select',
    { id: 'system', 'aria-labelledby': 'which' },
    make('option', { value: read() }, t('As chosen below')),
    ...row.presets.map(([formats, text]) =>
      make('option', { value: formats }, choice_of(row, [formats, text]))
    )
  )
  select.onchange = () => {
    const chosen = select.value.split(',')
    for (const tick of box.querySelectorAll('[type=checkbox]'))
      tick.checked = chosen.includes(tick.value)
  }
  $('groups').prepend(
    make(
      'section',
      { class: 'card' },
      make('h2', { id: 'which' }, t('Which system should receive the values?')),
      make('div', { class: 'fields' }, make('div', { class: 'field' }, select))
    )
  )
}

// A button that tries what is typed, without saving or restarting.
const test_of = (group) => {
  const state = make('span', { role: 'status' })
  const button = make('button', { type: 'button', class: 'link' }, t(TESTS[group]))
  const work = async () => {
    const { wifi, broker } = JSON.parse(await ask('/test', typed_changes(), 60000))
    const problem = wifi || (group === 'mqtt' && broker)
    if (problem) throw trouble(from_device(problem))
    if (group === 'mqtt' && broker === undefined)
      return t('No broker is set: the values are on its own page only.')
    state.className = 'fine'
    return t('It works.')
  }
  button.onclick = async () => {
    state.className = ''
    say(state, t('Testing …'))
    try {
      say(state, await work())
    } catch (error) {
      state.className = 'err'
      const [fault] = Object.entries(error.errors)
      const field = fault && fields.find(({ row }) => row.name === fault[0])
      say(state, field ? `${label_of(field.row)} ${from_device(fault[1])}` : error.message)
    }
  }
  return make('p', { class: 'again wide' }, state, button)
}

const changed = () =>
  fields.filter((field) => ![field.before, field.untouched].includes(field.read()))

const mark = () => {
  const now = changed()
  for (const field of fields) field.box.classList.toggle('changed', now.includes(field))
  $('unsaved').textContent = now.length
    ? counted(now.length, w('{n} change, not saved yet'), w('{n} changes, not saved yet'))
    : ''
  $('save').classList.toggle('due', !!now.length)
}

const go = (field) => {
  const folded = field.box.closest('details')
  if (folded) folded.open = true
  field.box.scrollIntoView({ block: 'center' })
  const target = typeof field.focus === 'function' ? field.focus() : field.focus
  target.focus({ preventScroll: true })
}

const link = (name, text) => {
  const a = make('a', { href: '#f_' + name }, text)
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
  line.textContent = wrong ? t('This {message}.', { message: from_device(message) }) : ''
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
    make('li', link(row.name, label_of(row)), ' ', from_device(errors[row.name]))
  )
  const others = Object.entries(errors).filter(([name]) => !$('f_' + name))
  const box = note(
    'errors',
    true,
    make('p', t('Nothing is saved yet.')),
    ...others.map(([name, message]) => make('p', name, ' ', from_device(message))),
    make('ul', ...lines)
  )
  // All are unfolded, and the first one is gone to.
  for (const field of wrong.reverse()) go(field)
  if (!wrong.length) box.scrollIntoView()
}

// What is typed anew is no longer wrong, as far as anybody knows.
const touched = ({ target }) => {
  mark()
  const field = fields.find(({ box }) => box.contains(target))
  if (!field) return
  const with_it = field.row.name === 'wifi_ssid' ? ['wifi_ssid', 'wifi_password'] : [field.row.name]
  for (const name of with_it) {
    show_error(field_of(name), null)
    $('errors')?.querySelector(`[href='#f_${name}']`)?.closest('li').remove()
  }
  if (!$('errors')?.querySelector('li')) $('errors')?.remove()
}

// ---- saving, and what happens next

const busy = (text) => {
  $('groups').inert = !!text
  $('send').setAttribute('aria-disabled', !!text)
  $('unsaved').textContent = text
}

// What is to be sent: what is needed and empty too, so that the device can say so.
const typed_changes = () => {
  const changes = {}
  const needed = (field) => field.row.least && !field.row.secret && field.read() === ''
  for (const field of fields)
    if (field.read() !== field.before || needed(field)) changes[field.row.name] = field.read()
  return changes
}

const field_of = (name) => fields.find(({ row }) => row.name === name)

// What the set-up sees before the device is asked: without a cable there is no going on without a
// network, nor in one with a lock without its password.
const lacking = () => {
  if (device.mode !== 'setup') return {}
  const ssid = field_of('wifi_ssid').read()
  const board = field_of('board').read()
  const password = field_of('wifi_password').read()
  if (!ssid && !wired.includes(board === 'auto' ? device.board : board))
    return { wifi_ssid: w('is needed: choose a network') }
  const locked = heard.some(([name, , secured]) => name === ssid && secured)
  if (ssid && locked && !password && (password === null || !values.wifi_password))
    return { wifi_password: w('is needed: this network asks for a password') }
  return {}
}

const save = async () => {
  if ($('groups').inert) return
  const changes = typed_changes()
  $('unsent').textContent = ''
  if (device.mode === 'run' && !Object.keys(changes).length) {
    $('unsaved').textContent = t('Nothing is changed, so there is nothing to save.')
    return
  }
  const lacks = lacking()
  if (Object.keys(lacks).length) return show_errors(lacks)
  busy(t('Saving …'))
  try {
    const { password } = JSON.parse(await ask('/settings.json', changes))
    busy('')
    done(t('Saved'), changes, password)
  } catch (error) {
    busy('')
    mark()
    show_errors(((error.code === 422 || error.code === 400) && error.errors) || {})
    if (!$('errors')) {
      const doubt = error.code ? '' : t('It may or may not be saved.')
      $('unsent').textContent = [
        error.message,
        doubt,
        t('Everything you typed is still here: save again.')
      ].join(' ')
    }
  }
}

const restart = async () => {
  if (changed().length && !confirm(t('Restart without saving what you changed?'))) return
  try {
    await ask('/restart', {})
    done(t('Restarting'), {})
  } catch (error) {
    failed(error, restart)
  }
}

const address = (host) => make('a', { href: `http://${host}/` }, `http://${host}/`)

const next_steps = (now, name, setup, moved) => [
  setup &&
    now.wifi_ssid &&
    make(
      'li',
      ...parts('This set-up network closes now. Connect your phone to {network} again.', {
        network: bold(now.wifi_ssid)
      })
    ),
  make(
    'li',
    ...parts(
      setup
        ? w(
            'After half a minute, open {address}, {short}, or look for {name} in the device list of your router.'
          )
        : w(
            'In half a minute it is back at {address}, {short}, or look for {name} in the device list of your router.'
          ),
      { address: address(name + '.local'), short: address(name), name: bold(name) }
    )
  ),
  now.mqtt_host
    ? make(
        'li',
        ...parts('Values appear on the broker {broker} below {topic}.', {
          broker: bold(now.mqtt_host),
          topic: bold(now.mqtt_topic + '/')
        })
      )
    : make('li', t('No broker is set: the values are on its own page only.')),
  moved &&
    make(
      'li',
      t(
        'If it cannot join, the set-up network comes back in a minute or two. Its page says why, and everything you typed is still there.'
      )
    )
]

// The page after a save or a restart: what happens next.
const done = (title, changes, password) => {
  const setup = device.mode === 'setup'
  const now = { ...values, ...changes }
  const name = now.host_name.trim()
  const moved = setup || 'wifi_ssid' in changes
  leaving = true
  const wait = make('p', { class: 'lead', role: 'status' })
  $('title').textContent = title
  const card = make(
    'section',
    { class: 'card' },
    make(
      'p',
      { class: 'lead' },
      ...(moved && now.wifi_ssid
        ? parts('kWhisper restarts now and joins {network}.', { network: bold(now.wifi_ssid) })
        : [t('kWhisper restarts now.')])
    ),
    password &&
      make(
        'p',
        { class: 'note' },
        ...parts(
          'The password of these pages is {password}. Note it now: it is not shown again. Any user name will do.',
          { password: bold(password) }
        )
      ),
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
  wait.textContent = t('This page continues by itself when the device answers again.')
  while (passed() < BACK_MS) {
    await pause(2000)
    try {
      if ((await ask_json('/data.json')).status.uptime * 1000 < passed())
        return location.assign('/')
    } catch {
      /* it is still starting */
    }
  }
  wait.textContent = t(
    'It has not answered for two minutes. Try the addresses above, or check whether its set-up network is there.'
  )
}

// ---- the start

const board_choices = async () => {
  try {
    const boards = await ask_json('/boards.json')
    wired = boards.filter(({ ethernet }) => ethernet).map(({ name }) => name)
    return [
      ['auto', t('Automatic')],
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

// Shows the settings that hold what is typed, and unfolds their groups.
const seek = () => {
  const wanted = $('sought').value.trim().toLowerCase()
  for (const { row, box } of fields) {
    const text = [row.name, row.label, label_of(row), row.help, help_of(row)].join(' ')
    box.hidden = !text.toLowerCase().includes(wanted)
  }
  for (const group of $('groups').children) {
    const found = group.querySelector('.field:not([hidden])')
    group.hidden = !found
    if ('open' in group) group.open = !!wanted && !!found
  }
  $('nothing').hidden = fields.some(({ box }) => !box.hidden)
}

const seeking = () => {
  const input = make('input', { type: 'search', id: 'sought', ...AS_TYPED, autocomplete: 'off' })
  input.oninput = (event) => {
    event.stopPropagation()
    seek()
  }
  $('seek').append(
    make('label', { for: 'sought' }, t('Search the settings')),
    input,
    make(
      'span',
      { id: 'nothing', class: 'help', role: 'status', hidden: true },
      t('No setting matches.')
    )
  )
  $('seek').hidden = false
}

const start = async () => {
  $('lead').textContent = t('Asking the device …')
  try {
    // One after the other: the device serves few connections at once.
    device = await ask_json('/device.json')
    rows = await ask_json('/setting_table.json')
    // The browser itself asks for a password: a person takes the time it takes.
    const locked = device.mode === 'run'
    if (locked)
      $('lead').textContent = t(
        'Your browser asks for the password of these pages. Any user name will do. Before you choose one it is that of the set-up network.'
      )
    values = await ask_json('/settings.json', locked ? 600000 : undefined)
  } catch (error) {
    $('lead').textContent = ''
    return failed(error, start)
  }
  const setup = device.mode === 'setup'
  document.documentElement.style.setProperty('--changed', JSON.stringify(t('changed')))
  build(await board_choices(), await zone_choices())
  if (setup) ask_system()
  $('title').textContent = setup ? t('Set up your reader') : t('Settings')
  $('lead').textContent = setup
    ? t('Choose your WiFi and where the values go. The other settings have good defaults.')
    : ''
  if (setup)
    $('quiet').replaceChildren(
      make('a', { href: '/device.html' }, t('Update, journal, factory reset'))
    )
  $('quiet').hidden = false
  if (!setup && !$('sought')) seeking()
  if (!setup && !values.web_password) {
    note(
      'open',
      false,
      make(
        'p',
        t('The password of these pages is that of the set-up network.'),
        ' ',
        link('web_password', t('Choose one of your own'))
      )
    )
  }
  if (device.problem) {
    note(
      'problem',
      true,
      setup && values.wifi_ssid
        ? make('p', ...parts('Could not run with {network}:', { network: bold(values.wifi_ssid) }))
        : null,
      make('p', from_device(device.problem))
    )
  }
  $('form').hidden = false
  $('form').oninput = $('form').onchange = touched
  $('form').onsubmit = (event) => {
    event.preventDefault()
    save()
  }
  if (!setup) $('restart').onclick = restart
  for (const field of fields) field.search?.()
}

addEventListener('beforeunload', (event) => {
  if (!leaving && changed().length) event.preventDefault()
})
learn().then(() => {
  frame(location.pathname !== '/')
  start()
})
