'use strict'
// The device's page: how it is, its journal, and what may be done to it.
const EVERY_MS = 5000
const BACK_MS = 150000
const UPLOAD_MS = 300000
const TRIAL_MS = 10000

const volts = (mv) => rounded(mv / 1000, 2) + '\u00a0V'
const STATES = {
  running: w('running'),
  starting: w('starting'),
  connected: w('connected'),
  connecting: w('connecting'),
  pausing: w('not connected'),
  off: w('off'),
  up: w('joined'),
  joining: w('joining'),
  cable: w('by cable'),
  PWRON_RESET: w('power on'),
  HARD_RESET: w('restart'),
  SOFT_RESET: w('restart'),
  WDT_RESET: w('watchdog'),
  DEEPSLEEP_RESET: w('sleep')
}
// Why a restart was wanted stands behind its cause: "HARD_RESET: settings".
const WHY = { settings: w('Settings'), 'factory reset': w('Factory reset') }
const in_words = (text) =>
  text
    .split(': ')
    .map((part) => STATES[part] || WHY[part] || part)
    .map(from_device)
    .join(': ')
// Of the status: name, label, and how its value is written; what is 0 or unknown is left out.
const GROUPS = [
  [
    w('Device'),
    [
      ['state', w('State'), in_words],
      ['version', w('Version')],
      ['board', w('Board')],
      ['uptime', w('Running for'), span],
      ['reset_cause', w('Cause of the last start'), in_words],
      ['mem_free', w('Free memory'), (n) => t('{n} bytes', { n: digits(n) })],
      ['restarts', w('Parts restarted'), digits],
      ['totals_lost', w('Totals lost'), digits],
      ['supply_mv', w('Supply'), volts],
      ['bus_mv', w('Meter port'), volts]
    ]
  ],
  [
    w('WiFi'),
    [
      ['wifi', w('State'), in_words],
      ['rssi', w('Signal'), (n) => digits(n) + '\u00a0dBm'],
      ['ip', w('Address')]
    ]
  ],
  [
    w('MQTT broker'),
    [
      ['mqtt', w('State'), in_words],
      ['mqtt_error', w('Problem'), from_device],
      ['dropped', w('Messages dropped'), digits]
    ]
  ]
]

const card = (title, ...inside) => make('section', { class: 'card' }, make('h2', title), ...inside)
const button = (text, pressed) => {
  const found = make('button', { type: 'button' }, text)
  found.onclick = pressed
  return found
}

const show = ({ status }) => {
  $('problem').hidden = !status.problem
  say($('problem'), status.problem ? from_device(status.problem) : '')
  $('status').replaceChildren(
    ...GROUPS.map(([title, rows]) =>
      card(
        t(title),
        make(
          'table',
          { class: 'long' },
          ...rows
            .filter(([name]) => status[name])
            .map(([name, label, written = String]) => line(t(label), written(status[name])))
        )
      )
    )
  )
}

// ---- what takes the device away for a while

// The start page by itself, as soon as a device answers that runs for less long than this wait.
const leave = async (title, ...more) => {
  const setup = stopped // it has no status to wait for
  stopped = true
  const wait = make(
    'p',
    { class: 'lead', role: 'status' },
    t('This page continues by itself when the device answers again.')
  )
  $('title').textContent = title
  if (setup) wait.textContent = t('kWhisper restarts now.')
  $('cards').replaceChildren(make('section', { class: 'card' }, ...more, wait))
  scrollTo(0, 0)
  $('title').focus()
  if (setup) return
  const began = performance.now()
  const passed = () => performance.now() - began
  while (passed() < BACK_MS) {
    await pause(2000)
    try {
      if ((await ask_json('/data.json')).status.uptime * 1000 < passed()) return location.reload()
    } catch {
      /* it is still starting */
    }
  }
  wait.textContent = t(
    'It has not answered for two minutes. Check whether its set-up network is there.'
  )
}

// Does what a button says; while it goes on the button says so, and what fails stands beside it.
const act = async (pressed, box, work) => {
  const error = box.querySelector('.err')
  error.textContent = ''
  pressed.setAttribute('aria-disabled', 'true')
  try {
    await work()
  } catch (trouble) {
    error.textContent = trouble.message
  }
  pressed.removeAttribute('aria-disabled')
}
const acting = (title, words, text, work, ...fields) => {
  const box = card(
    title,
    make('p', { class: 'help' }, words),
    ...fields,
    make('p', { class: 'err', role: 'alert' })
  )
  const pressed = button(
    text,
    () => pressed.ariaDisabled !== 'true' && act(pressed, box, () => work(box))
  )
  box.append(pressed)
  return box
}
const file_field = (id, label, accept) => [
  make('label', { for: id }, label),
  make('input', { type: 'file', id, accept })
]
const chosen = (id) => {
  const [found] = $(id).files
  if (!found) throw trouble(t('Choose a file first.'))
  return found
}
const secret_field = (id, label) => [
  make('label', { for: id }, label),
  make('input', { type: 'password', id, autocomplete: 'new-password' })
]

const restart_card = () =>
  acting(
    t('Restart'),
    t('The meter is not read for about ten seconds.'),
    t('Restart'),
    async () => {
      await ask('/restart', {})
      leave(t('Restarting'))
    }
  )

const journal_card = () => {
  const text = make('pre', { tabindex: 0, hidden: true, 'aria-label': t('Journal') })
  return acting(
    t('Journal'),
    t('What the device logged, the oldest first.'),
    t('Show'),
    async () => {
      text.textContent = await ask('/log.txt', null, 600000)
      text.hidden = false
    },
    text
  )
}

// Where memory is short the device makes room first, by a restart.
const install = async (file) => {
  if (!JSON.parse(await ask('/update', file, UPLOAD_MS)).again) return
  const began = performance.now()
  while (performance.now() - began < BACK_MS) {
    await pause(2000)
    const update = await ask_if_there('/update.json').catch(() => null)
    if (update?.state === 'ready') return void (await ask('/update', file, UPLOAD_MS))
  }
  throw new Error(
    t('It has not answered for two minutes. Check whether its set-up network is there.')
  )
}

const update_words = (update) => {
  const words = [t('Runs version {version}.', { version: update.version })]
  if (update.state === 'trial')
    words.push(t('It is on trial: it stays when it has worked for a minute.'))
  if (update.failed)
    words.push(t('Version {version} did not work; the one before runs again.', { version: update.failed }))
  return words.join(' ')
}
const update_card = (update) =>
  acting(
    t('Update'),
    update_words(update),
    t('Install'),
    async () => {
      await install(chosen('kwu'))
      leave(
        t('Updating'),
        make(
          'p',
          t('The new version is installed. It goes on trial; if it fails, the old one comes back.')
        )
      )
    },
    ...file_field('kwu', t('File of the new version (.kwu)'), '.kwu')
  )

// A version on trial is confirmed or taken back while its page is open.
const watch_trial = async (update, words) => {
  while (update?.state === 'trial' && !stopped) {
    await pause(TRIAL_MS)
    update = await ask_if_there('/update.json').catch(() => update)
    if (update) say(words, update_words(update))
  }
}

// Saves what the device answered as a file of the browser.
const save_as = (name, text) => {
  const link = make('a', {
    href: URL.createObjectURL(new Blob([text], { type: 'application/json' })),
    download: name
  })
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60000) // some browsers begin late
}

const backup_card = () =>
  acting(
    t('Backup'),
    t('All settings in a file. Passwords and keys are in it only under a passphrase.'),
    t('Save as a file'),
    async () => {
      const passphrase = $('seal').value
      const text = await ask('/backup', passphrase ? { passphrase } : null, 60000)
      save_as('kwhisper-backup.json', text)
    },
    ...secret_field('seal', t('Passphrase (empty, or at least 10 characters)'))
  )

const restore_card = () =>
  acting(
    t('Restore'),
    t('Loads the settings of a backup and restarts.'),
    t('Restore'),
    async () => {
      const text = await chosen('saved').text()
      let backup
      try {
        backup = JSON.parse(text)
      } catch {
        throw trouble(t('this is not a kWhisper backup'))
      }
      await ask('/restore', { backup, passphrase: $('unseal').value }, 60000)
      leave(t('Restarting'))
    },
    ...file_field('saved', t('File of the backup'), '.json'),
    ...secret_field('unseal', t('Its passphrase, if it has one'))
  )

const reference_card = () =>
  acting(
    t('Reference reading'),
    t('Consumption and cost are counted from now on, and appear on the live page under this name.'),
    t('Count from now on'),
    async (box) => {
      await ask('/reference', { text: $('reference').value })
      box.querySelector('.help').textContent = t('Saved')
    },
    make('label', { for: 'reference' }, t('Name')),
    make('input', { id: 'reference', maxlength: 60, autocomplete: 'off' })
  )

const meter_card = () =>
  acting(
    t('New meter'),
    t(
      'Press this when the meter was replaced: its registers start again, and are accepted at once.'
    ),
    t('The meter was replaced'),
    async () => {
      if (confirm(t('Was the meter replaced?'))) await ask('/meter', { new: true })
    }
  )

const reset_card = () => {
  const keep = make('input', { type: 'checkbox', id: 'keep', checked: true })
  return acting(
    t('Factory reset'),
    t('Deletes all settings. The set-up network opens afterwards.'),
    t('Delete all settings'),
    async () => {
      if (!confirm(t('Really delete all settings?'))) return
      await ask('/reset', { totals: keep.checked })
      leave(t('Restarting'))
    },
    make('label', { class: 'tick' }, keep, t('Keep the history'))
  )
}

let stopped = false
const poll = async () => {
  try {
    const text = !document.hidden && (await ask('/data.json', null, 8000))
    if (stopped) return // what it would be shown in is gone
    if (text) show(JSON.parse(text))
    $('failed')?.remove()
  } catch (error) {
    if (stopped) return
    if (error.code === 401) return failed(error, poll) // the browser would ask again and again
    note('failed', true, make('p', error.message))
  }
  if (!stopped) setTimeout(poll, EVERY_MS)
}

const start = async () => {
  await learn()
  const device = await ask_json('/device.json').catch(() => ({}))
  // The set-up is safe mode, too: a device that cannot run can be updated and reset here.
  const setup = device.mode === 'setup'
  frame(!setup)
  const cards = [journal_card()]
  if (setup) {
    stopped = true
    cards.unshift(make('p', make('a', { href: '/' }, t('Back to the set-up'))))
    if (device.problem) note('problem', true, make('p', from_device(device.problem)))
  } else cards.push(restart_card())
  $('cards').append(make('div', { id: 'status' }), ...cards)
  if (!setup) await poll()
  const update = await ask_if_there('/update.json').catch(() => null)
  if (stopped && !setup) return
  $('cards').append(
    ...(update ? [update_card(update)] : []),
    backup_card(),
    restore_card(),
    ...(device.energy ? [reference_card()] : []),
    ...(setup ? [] : [meter_card()]),
    reset_card()
  )
  if (update) watch_trial(update, $('kwu').closest('section').querySelector('.help'))
}
start()
