'use strict'
// What all pages use: words and numbers of the reader's language, elements, questions to the
// device, the frame of a page, the axes of a plot.
const $ = (id) => document.getElementById(id)
const pause = (ms) => new Promise((done) => setTimeout(done, ms))

// What a browser keeps between visits; one that keeps nothing does without.
const remember = (name, value) => {
  try {
    if (value != null) localStorage.setItem(name, value)
    return localStorage.getItem(name)
  } catch {
    return null
  }
}

// ---- the reader's language

const LANGUAGES = {
  en: 'English',
  nb: 'Norsk',
  sv: 'Svenska',
  da: 'Dansk',
  fi: 'Suomi',
  de: 'Deutsch',
  nl: 'Nederlands',
  fr: 'Français'
}
const code_of = (tag) =>
  tag
    .toLowerCase()
    .split('-')[0]
    .replace(/^n[on]$/, 'nb')
const language =
  [remember('language'), ...navigator.languages]
    .filter(Boolean)
    .map(code_of)
    .find((code) => code in LANGUAGES) || 'en'
// German of Austria writes its numbers otherwise than German of Germany.
const locale = navigator.languages.find((tag) => tag.split('-')[0] === language) || language

// English stands in the code: a language's file has its words by the English ones, and a page
// whose file does not come is English.
let words = {}

// Marks a text for the languages where it stands in a table.
const w = (text) => text

// The pieces of a text in the reader's language; {name} becomes what `values` have, an element too.
const parts = (text, values = {}) =>
  (words[text] || text).split(/\{(\w+)\}/).map((piece, i) => (i % 2 ? values[piece] : piece))
const t = (text, values) => parts(text, values).join('')
const plural = new Intl.PluralRules(locale)
const counted = (n, one, more) => t(plural.select(n) === 'one' ? one : more, { n: digits(n) })

const learn = async () => {
  document.documentElement.lang = language
  if (language === 'en') return
  try {
    const known = await ask_json(`/languages/${language}.json`)
    // A chip has the keys, which are the same for all languages, only once.
    const keys = Array.isArray(known) && (await ask_json('/languages/en.json'))
    words = keys ? Object.fromEntries(keys.map((key, i) => [key, known[i]])) : known
  } catch {
    document.documentElement.lang = 'en'
  }
  for (const element of document.querySelectorAll('[data-t]'))
    element.textContent = t(element.textContent)
}

// ---- numbers and times

const mark_of = (type) =>
  new Intl.NumberFormat(locale).formatToParts(-1234567.5).find((part) => part.type === type)?.value
const POINT = mark_of('decimal')
const GROUP = (mark_of('group') || '').replace(/\s/, '\u202f')
const DASH = '\u2013'

// A decimal number as the meter sent it, all its digits, in the language's form.
const digits = (number) => {
  const [, minus, whole, decimals] = String(number).match(/^(-?)(\d*)\.?(\d*)/)
  return (
    (minus && '\u2212') +
    whole.replace(/\B(?=(\d{3})+$)/g, GROUP) +
    (decimals ? POINT + decimals : '')
  )
}
// A computed number, rounded.
const rounded = (number, decimals) => digits(number.toFixed(decimals))
// The digits with the point moved to the left: none is lost, none is made up.
const shifted = (number, places) => {
  const [, minus, whole, decimals] = String(number).match(/^(-?)(\d*)\.?(\d*)/)
  const padded = whole.padStart(places + 1, '0')
  return minus + padded.slice(0, -places) + '.' + padded.slice(-places) + decimals
}
const unit_of = (s) =>
  s < 90
    ? [s, 'second']
    : s < 5400
      ? [s / 60, 'minute']
      : s < 172800
        ? [s / 3600, 'hour']
        : [s / 86400, 'day']
// "5 min", "2 days"
const span = (s) => {
  const [n, unit] = unit_of(s)
  return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'short' }).format(
    Math.round(n)
  )
}
// "5 min. ago"
const ago = (s) => {
  const [n, unit] = unit_of(s)
  return new Intl.RelativeTimeFormat(locale, { style: 'short' }).format(-Math.round(n), unit)
}
// A moment in the zone of the meter, which need not be the browser's.
let zone
const at = (seconds, options) =>
  new Intl.DateTimeFormat(locale, { timeZone: zone, ...options }).format(seconds * 1000)
const CLOCK = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }
const DAY = { day: 'numeric', month: 'short' }
// A moment's year, month, day, hour, minute, second there. A day has 23, 24 or 25 hours.
let formatter
const local = (seconds) => {
  formatter ??= new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric'
  })
  const found = {}
  for (const { type, value } of formatter.formatToParts(seconds * 1000)) found[type] = +value
  return [found.year, found.month, found.day, found.hour, found.minute, found.second]
}
// The moment when the clocks there show this.
const moment_of = (year, month, day, ...time) => {
  const wanted = Date.UTC(year, month - 1, day, ...time) / 1000
  let seconds = wanted
  for (let i = 0; i < 2; i++) {
    const [y, m, ...more] = local(seconds)
    seconds += wanted - Date.UTC(y, m - 1, ...more) / 1000
  }
  return seconds
}
// Wh as kWh
const kwh = (wh, decimals = 2) => rounded(wh / 1000, decimals) + '\u00a0kWh'
const money = (amount, currency) => {
  try {
    return new Intl.NumberFormat(locale, { style: 'currency', currency }).format(amount)
  } catch {
    return rounded(+amount, 2) + '\u00a0' + currency
  }
}

// ---- values of /data.json

const is_total = (unit) => /^(Wh|varh|VAh|J|m3)$/.test(unit)
const shown = ({ value, unit }) => {
  // Heat meters count in thousandths of a gigajoule.
  if (unit === 'J') return digits(shifted(value, 9).replace(/0{1,6}$/, '')) + '\u00a0GJ'
  if (unit !== 'm3' && is_total(unit)) return digits(shifted(value, 3)) + '\u00a0k' + unit
  return digits(value) + (unit && '\u00a0') + unit.replace('m3', 'm\u00b3')
}
// What the device says in English: "Voltage L1" is translated as "Voltage L{n}".
const from_device = (text) => {
  const numbers = text.match(/\d+/g) || []
  let i = 0
  const key = text.replace(/\d+/g, () => ['{n}', '{m}'][i++])
  return words[key] && i < 3 ? t(key, { n: numbers[0], m: numbers[1] }) : text
}

const FLAGS = {
  unsure: w('unsure'),
  stale: w('old'),
  estimated: w('estimated'),
  derived: w('computed'),
  unchecked: w('unchecked')
}
const flag_tags = (flags = []) => flags.map((flag) => tag(FLAGS[flag] ? t(FLAGS[flag]) : flag))

// ---- elements

const filled = (element, inside) => {
  if (inside[0]?.constructor === Object) {
    for (const [name, value] of Object.entries(inside.shift())) {
      if (value != null && value !== false) element.setAttribute(name, value === true ? '' : value)
    }
  }
  element.append(...inside.filter((part) => part != null && part !== false))
  return element
}
// An element and what stands in it. A plain object in front holds its attributes; those that are
// null or false are left out, as are null and false among the rest.
const make = (tag, ...inside) => filled(document.createElement(tag), inside)
const draw = (tag, ...inside) =>
  filled(document.createElementNS('http://www.w3.org/2000/svg', tag), inside)
const bold = (text) => make('b', text)
const line = (label, ...inside) =>
  make('tr', make('th', { scope: 'row' }, label), make('td', ...inside))
const head = (...names) =>
  make('thead', make('tr', ...names.map((name) => make('th', { scope: 'col' }, name))))
const tag = (text, kind = '') => make('span', { class: 'tag ' + kind }, text)

// Only what differs is written: a screen reader would read all of it again.
const say = (element, text) => {
  if (element.textContent !== text) element.textContent = text
}

// ---- questions to the device

const REASONS = {
  401: w('The password of these pages is needed. Try again and type it; any user name will do.'),
  404: w('The device does not know this address.'),
  503: w('The device is busy. Wait a moment.')
}

const trouble = (message, code = 0, errors = {}) =>
  Object.assign(new Error(message), { code, errors })

// The text that the device answers. Throws an Error whose message a person can act on;
// `code` is the HTTP status, or 0 if no answer came, and `errors` what the device says of fields.
// `changes`: an object, which is posted as JSON, or a file. `as`: "text" or "arrayBuffer".
const ask = async (path, changes, within_ms = 20000, as = 'text') => {
  const abort = new AbortController()
  const timer = setTimeout(() => abort.abort(), within_ms)
  const file = changes instanceof Blob
  const post = {
    method: 'POST',
    headers: { 'Content-Type': file ? 'application/octet-stream' : 'application/json' },
    body: file ? changes : JSON.stringify(changes)
  }
  let answer, text
  try {
    answer = await fetch(path, { signal: abort.signal, ...(changes && post) })
    text = await answer[answer.ok ? as : 'text']()
  } catch {
    throw trouble(
      abort.signal.aborted
        ? t('The device takes too long to answer.')
        : t('The device does not answer. Are you still on its WiFi or network?')
    )
  } finally {
    clearTimeout(timer)
  }
  if (answer.ok) return text
  let errors = {}
  try {
    errors = JSON.parse(text).errors || {}
  } catch {
    /* no JSON, but perhaps a sentence */
  }
  const said = errors[''] || (/^[^<{]{9,200}$/.test(text) && text)
  const reason = REASONS[answer.status]
  throw trouble(
    (reason && t(reason)) ||
      said ||
      t('The device cannot answer this (HTTP {code}).', { code: answer.status }),
    answer.status,
    errors
  )
}

const ask_json = async (path, within_ms) => {
  for (let tries = 1; ; tries++) {
    try {
      return JSON.parse(await ask(path, null, within_ms))
    } catch (error) {
      if (error instanceof SyntaxError) throw trouble(t('The answer of the device is incomplete.'))
      if (error.code !== 503 || tries === 3) throw error
      await pause(1000 * tries)
    }
  }
}

// What a device may lack: null where it does not know the address.
const ask_if_there = async (path) => {
  try {
    return await ask_json(path)
  } catch (error) {
    if (error.code === 404) return null
    throw error
  }
}

// JSON.parse would turn 230.40 into 230.4; the meter's own decimals are shown.
const parse_exactly = (text) => JSON.parse(text.replace(/"value":\s*(-?[\d.]+)/g, '"value":"$1"'))

// A note at the top of the page.
const note = (id, bad, ...inside) => {
  const attributes = { class: bad ? 'note bad' : 'note', id, role: bad && 'alert' }
  const box = make('div', attributes, ...inside)
  $(id)?.remove()
  $('notes').append(box)
  return box
}

// What went wrong, with a button that tries it again.
const failed = (error, again) => {
  const button = make('button', { type: 'button' }, t('Try again'))
  const box = note('failed', true, make('p', error.message), button)
  button.onclick = () => {
    box.remove()
    again()
  }
}

// ---- the frame

const PAGES = [
  ['/', w('Live'), 'M3 13h4l3-8 4 14 3-6h4'],
  ['/history.html', w('History'), 'M5 20V10M12 20V4M19 20v-7'],
  ['/meter.html', w('Meter'), 'M12 4a9 9 0 0 1 9 9 9 9 0 0 1-3 6H6a9 9 0 0 1 6-15zm0 9 4-4'],
  [
    '/device.html',
    w('Device'),
    'M7 7h10v10H7zM10 3v4m4-4v4m-4 10v4m4-4v4M3 10h4m-4 4h4m10-4h4m-4 4h4'
  ],
  [
    '/settings',
    w('Settings'),
    'M4 7h9m6 0h1M4 17h1m6 0h9M13 7a3 3 0 1 0 6 0 3 3 0 0 0-6 0zM5 17a3 3 0 1 0 6 0 3 3 0 0 0-6 0z'
  ]
]

// The links to the pages and the choice of the language.
const frame = (pages = true) => {
  const here = location.pathname
  const links = PAGES.map(([path, name, shape]) =>
    make(
      'a',
      { href: path, 'aria-current': path === here && 'page' },
      draw('svg', { viewBox: '0 0 24 24', 'aria-hidden': 'true' }, draw('path', { d: shape })),
      t(name)
    )
  )
  document
    .querySelector('header div')
    .append(pages ? make('nav', { 'aria-label': t('Pages') }, ...links) : '')
  const choice = make(
    'select',
    { id: 'language' },
    ...Object.entries(LANGUAGES).map(([code, name]) =>
      make('option', { value: code, selected: code === language, lang: code }, name)
    )
  )
  choice.onchange = () => {
    remember('language', choice.value)
    location.reload()
  }
  document
    .querySelector('footer')
    .append(make('label', { for: 'language' }, t('Language')), choice)
  document.body.classList.toggle('paged', pages)
  const [, name] = PAGES.find(([path]) => path === here) || []
  if (pages && name) document.title = `${t(name)} ${DASH} kWhisper`
}

// ---- plots: SVG of our own. A library (the smallest, uPlot, has 20 KB) draws on a canvas, where
// nothing can be read out, and knows neither gaps with a sum nor days of 23 hours.

// Round numbers from low to high, some `most` of them.
const ticks = (low, high, most = 4) => {
  const least = (high - low) / most || 1
  const power = 10 ** Math.floor(Math.log10(least))
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= least * 0.999)
  const found = []
  for (let n = Math.floor(low / step); n * step < high + step * 0.999; n++) found.push(n * step)
  return found
}

// Lines and numbers of a vertical axis; returns what a value's y is.
const axis = (svg, found, { left, right, top, bottom, written }) => {
  const low = found[0]
  const high = found.at(-1)
  const y = (value) => bottom - ((bottom - top) * (value - low)) / (high - low)
  for (const value of found) {
    const at = y(value).toFixed(1)
    svg.append(
      draw('line', { x1: left, x2: right, y1: at, y2: at, class: value ? 'grid' : 'zero' }),
      draw('text', { x: left - 6, y: at, dy: '0.35em', 'text-anchor': 'end' }, written(value))
    )
  }
  return y
}

// Draw when the element's width is known, and anew when it changes.
const fitted = (element, drawn) => {
  new ResizeObserver(() => element.clientWidth && drawn(element.clientWidth)).observe(element)
}
