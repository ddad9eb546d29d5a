'use strict'
// The meter's page: every value with its code, the line, the clock, the damaged frames.
const EVERY_MS = 3000
const OLD_S = 90

// Name and code of meterwire/obis.py; the phases' C is 20, 40, 60 more, E is the tariff.
const CODES = Object.fromEntries(
  `active_power_import 1.7 active_power_export 2.7 active_power_net 16.7 reactive_power_import 3.7
  reactive_power_export 4.7 apparent_power_import 9.7 apparent_power_export 10.7 power_factor 13.7
  reactive_power_q1 5.7 reactive_power_q2 6.7 reactive_power_q3 7.7 reactive_power_q4 8.7
  frequency 14.7 current 11.7 voltage 12.7 current_n 91.7 active_energy_import 1.8
  active_energy_export 2.8 reactive_energy_import 3.8 reactive_energy_export 4.8
  reactive_energy_q1 5.8 reactive_energy_q2 6.8 reactive_energy_q3 7.8 reactive_energy_q4 8.8
  active_power_average 1.4 active_power_peak 1.6 power_limit 17.0 tariff 96.14 breaker 96.3.10
  power_failures 96.7.21 long_power_failures 96.7.9 voltage_sags 12.32 voltage_swells 12.36
  device_type 24.1 volume 24.2.1 energy 24.2.1 volume_uncorrected 24.2.3 valve 24.4
  message 96.13 message_code 96.13.1`
    .split(/\s+/)
    .reduce((pairs, word, i, all) => (i % 2 ? [...pairs, [all[i - 1], word]] : pairs), [])
)

const obis = (name) => {
  if (name.includes(':')) return name
  const [, channel, base, phase, tariff] = name.match(
    /^(?:meter(\d+)_)?(.*?)(?:_l([123]))?(?:_t(\d))?$/
  )
  const code = CODES[base]
  if (!code) return ''
  const [c, d, e = 0] = code.split('.').map(Number)
  const electric = c !== 96 && c !== 24 && c !== 17 ? '1-0' : '0-0'
  return `${channel ? '0-' + channel : electric}:${c + 20 * (phase || 0)}.${d}.${tariff || e}`
}

const CAUSES = {
  fcs: w('Damaged on the way (frame checksum)'),
  hcs: w('Damaged on the way (header checksum)'),
  crc: w('Damaged on the way (telegram checksum)'),
  checksum: w('Damaged on the way (M-Bus checksum)'),
  length: w('Cut off, or too long'),
  segment: w('A part of a message is missing'),
  no_key: w('Encrypted, and no key is entered'),
  key: w('The encryption key does not fit'),
  tag: w('The authentication key does not fit'),
  counter: w('Sent again, or an old message'),
  apdu: w('Not a known message'),
  unknown: w('An unknown list'),
  rows: w('More values than fit')
}

const GROUPS = [
  [w('Now'), ({ unit }, name) => !is_total(unit) && !/^meter\d/.test(name)],
  [w('Registers'), ({ unit }, name) => is_total(unit) && !/^meter\d/.test(name)],
  [w('Other meters'), (v, name) => /^meter\d/.test(name)]
]

let told_time = null // the meter's time when it was last asked for
let drift = null // seconds that the meter's clock is ahead

const card = (title, ...inside) => make('section', { class: 'card' }, make('h2', title), ...inside)

const value_line = ([name, v]) =>
  make(
    'tr',
    make(
      'th',
      { scope: 'row' },
      from_device(v.label),
      name !== v.label && make('small', obis(name))
    ),
    make('td', shown(v), make('small', ago(v.age), ' ', ...flag_tags(v.flags)))
  )

const values_cards = (values) =>
  GROUPS.map(([title, belongs]) => {
    const rows = Object.entries(values).filter(([name, v]) => belongs(v, name))
    return rows.length && card(t(title), make('table', ...rows.map(value_line)))
  })

// What the meter's clock shows, as a moment; without an offset it shows the zone's time.
const meter_moment = (time) => {
  if (/(Z|[+-]\d\d:?\d\d)$/.test(time)) return Date.parse(time) / 1000
  const [y, m, d, h, min, s = 0] = time.match(/\d+/g).map(Number)
  return moment_of(y, m, d, h, min, s)
}

const clock_lines = ({ time, status }) => {
  if (!time) return [line(t('Clock of the meter'), DASH)]
  const told = meter_moment(time)
  // Only a time that has just come tells something: short lists have none.
  if (told_time && time !== told_time) drift = told + (status.frame_age || 0) - Date.now() / 1000
  told_time = time
  const shown_time = at(told, { dateStyle: 'medium', timeStyle: 'medium' })
  let words = t('shown when the meter next sends its time')
  if (drift != null) {
    const off = Math.round(Math.abs(drift))
    if (off < 3) words = t('right')
    else words = t(drift > 0 ? w('{span} ahead') : w('{span} behind'), { span: span(off) })
  }
  return [
    line(t('Clock of the meter'), shown_time),
    line(t('Compared with the clock of this browser'), words)
  ]
}

const encryption = ({ no_key, key, tag: refused }) =>
  no_key ? t(CAUSES.no_key) : key ? t(CAUSES.key) : refused ? t(CAUSES.tag) : ''

const line_card = (data) => {
  const { meter, status } = data
  const rows = [
    [t('Type'), meter.type],
    [t('List'), meter.list],
    [t('Number'), meter.id],
    [t('Line'), status.line === 'searching' ? t('searching') : status.line],
    [t('Lists read'), digits(data.lists)],
    [t('Last list'), status.frame_age == null ? t('none yet') : ago(status.frame_age)],
    [t('Encryption'), encryption(status.frames || {})]
  ]
  return card(
    t('Meter and line'),
    make(
      'table',
      { class: 'long' },
      ...rows.filter(([, text]) => text).map(([label, text]) => line(label, text)),
      ...clock_lines(data)
    )
  )
}

const frames_card = ({ frames = {} }) => {
  const { ok = 0, unchecked = 0, noise = 0, ...others } = frames
  const bad = Object.entries(others).filter(([, n]) => n)
  return card(
    t('Frames'),
    make(
      'table',
      line(t('Read'), digits(ok)),
      unchecked ? line(t('Read, without a checksum'), digits(unchecked)) : '',
      ...bad.map(([cause, n]) => line(CAUSES[cause] ? t(CAUSES[cause]) : cause, digits(n))),
      bad.length ? '' : line(t('Not read'), '0'),
      noise ? line(t('Noise'), t('{n} bytes', { n: digits(noise) })) : ''
    )
  )
}

const file = (path, name, text) => make('p', make('a', { href: path, download: name }, text))

const files_card = () =>
  card(
    t('Files'),
    make(
      'p',
      { class: 'help' },
      t('They contain the number of your meter: give them only to people you trust.')
    ),
    file('/log.txt', 'log.txt', t('Journal (log.txt)')),
    file('/raw.dat', 'raw.dat', t('The last frames that failed, in hex (raw.dat)')),
    file('/frame.bin', 'frame.bin', t('The newest frame (frame.bin)')),
    file('/data.json', 'data.json', t('All values (data.json)'))
  )

// report.js is loaded when somebody wants the report.
const report_card = () => {
  const error = make('p', { class: 'err', role: 'alert' })
  const button = make('button', { type: 'button' }, t('Make the report'))
  button.onclick = async () => {
    error.textContent = ''
    try {
      const { report } = await import('/report.js')
      const link = make('a', { download: 'kwhisper-report.txt' })
      link.href = URL.createObjectURL(new Blob([await report(ask)], { type: 'text/plain' }))
      link.click()
      setTimeout(() => URL.revokeObjectURL(link.href), 60000) // some browsers begin late
    } catch (trouble) {
      error.textContent = trouble.message
    }
  }
  const words = t(
    'One file with the newest frames and values, for a public bug report: the number of your meter is replaced in it.'
  )
  return card(t('Report'), make('p', { class: 'help' }, words), error, button)
}

let after = [] // the parts of the page that stay as they are
const show = (data) => {
  const { status } = data
  $('problem').hidden = !status.problem
  say($('problem'), status.problem ? from_device(status.problem) : '')
  const old = status.frame_age == null || status.frame_age > OLD_S
  const cards = [
    old && make('p', { class: 'note bad' }, t('The meter is silent. These are its last values.')),
    ...values_cards(data.values),
    line_card(data),
    frames_card(status)
  ]
  if (!after.length) after = [files_card(), report_card()]
  $('cards').replaceChildren(...cards.filter(Boolean), ...after)
}

const poll = async () => {
  try {
    if (!document.hidden) show(parse_exactly(await ask('/data.json', null, 8000)))
    $('failed')?.remove()
  } catch (error) {
    if (error.code === 401) return failed(error, poll) // the browser would ask again and again
    note('failed', true, make('p', error.message))
  }
  setTimeout(poll, EVERY_MS)
}

const start = async () => {
  await learn()
  frame()
  try {
    zone = (await ask_json('/device.json')).zone
  } catch {
    /* the next question tells what is wrong */
  }
  poll()
}
start()
