'use strict'
// What both pages use: elements, and questions to the device.
const $ = (id) => document.getElementById(id)
const pause = (ms) => new Promise((done) => setTimeout(done, ms))

const counted = (n, thing) => `${n} ${thing}${n === 1 ? '' : 's'}`

// An element and what stands in it. A plain object in front holds its attributes; those that are
// null or false are left out, as are null and false among the rest.
const make = (tag, ...inside) => {
  const element = document.createElement(tag)
  if (inside[0]?.constructor === Object) {
    for (const [name, value] of Object.entries(inside.shift())) {
      if (value != null && value !== false) element.setAttribute(name, value === true ? '' : value)
    }
  }
  element.append(...inside.filter((part) => part != null && part !== false))
  return element
}

const REASONS = {
  401: 'The password of these pages is needed. Try again and type it; any user name will do.',
  404: 'The device does not know this address.',
  503: 'The device is busy. Wait a moment.'
}

const trouble = (message, code = 0, errors = {}) =>
  Object.assign(new Error(message), { code, errors })

// The text that the device answers. Throws an Error whose message a person can act on;
// `code` is the HTTP status, or 0 if no answer came, and `errors` what the device says of fields.
const ask = async (path, changes, within_ms = 20000) => {
  const abort = new AbortController()
  const timer = setTimeout(() => abort.abort(), within_ms)
  const post = {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(changes)
  }
  let answer, text
  try {
    answer = await fetch(path, { signal: abort.signal, ...(changes && post) })
    text = await answer.text()
  } catch {
    throw trouble(
      abort.signal.aborted
        ? 'The device takes too long to answer.'
        : 'The device does not answer. Are you still on its WiFi or network?'
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
  throw trouble(
    REASONS[answer.status] || said || `The device cannot answer this (HTTP ${answer.status}).`,
    answer.status,
    errors
  )
}

const ask_json = async (path, within_ms) => {
  for (let tries = 1; ; tries++) {
    try {
      return JSON.parse(await ask(path, null, within_ms))
    } catch (error) {
      if (error instanceof SyntaxError) throw trouble('The answer of the device is not whole.')
      if (error.code !== 503 || tries === 3) throw error
      await pause(1000 * tries)
    }
  }
}

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
  const button = make('button', { type: 'button' }, 'Try again')
  const box = note('failed', true, make('p', error.message), button)
  button.onclick = () => {
    box.remove()
    again()
  }
}
