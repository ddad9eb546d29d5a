'use strict'
// A report for a public bug report, as `kwhisper decode FILE --report` makes one: the newest frame
// with the meter's number replaced and its checks reckoned anew, the values, what is in doubt.
// Of an encrypted frame it has the deciphered message; without the key the frame alone.
// `kwhisper decode` reads the file.

const latin = (bytes) => String.fromCharCode(...bytes)
const bytes_of = (text) => Uint8Array.from(text, (letter) => letter.charCodeAt(0))
const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

// ---- checks

// CRC-16/X-25 of HDLC (polynomial 0x8408, from 0xFFFF), CRC-16/ARC of P1 (0xA001, from 0).
const crc = (bytes, from, to, polynomial, register) => {
  for (let at = from; at < to; at++) {
    register ^= bytes[at]
    for (let bit = 0; bit < 8; bit++) register = (register >> 1) ^ (register & 1 ? polynomial : 0)
  }
  return register
}
const x25 = (bytes, from, to) => crc(bytes, from, to, 0x8408, 0xffff)
const arc = (bytes, from, to) => crc(bytes, from, to, 0xa001, 0)
const sum = (bytes, from, to) => bytes.slice(from, to).reduce((all, byte) => (all + byte) & 255, 0)

// Where the check of the frame at bytes[at] stands: { kind, end }, or nothing if it does not hold.
const checked = (bytes, at) => {
  if (bytes[at] === 0x7e) {
    const end = at + 1 + (((bytes[at + 1] & 7) << 8) | bytes[at + 2])
    if (end > at + 7 && end <= bytes.length && x25(bytes, at + 1, end) === 0xf0b8)
      return { kind: 'hdlc', end }
  }
  if (bytes[at] === 0x68 && bytes[at + 3] === 0x68 && bytes[at + 1] === bytes[at + 2]) {
    const length = bytes[at + 1] > 3 ? bytes[at + 1] : bytes[at + 1] + 256
    const end = at + 4 + length
    if (end < bytes.length && sum(bytes, at + 4, end) === bytes[end]) return { kind: 'mbus', end }
  }
  if (bytes[at] === 0x2f) {
    const text = latin(bytes)
    const end = text.indexOf('\n!', at) + 2
    if (end > 1 && parseInt(text.substr(end, 4), 16) === arc(bytes, at, end))
      return { kind: 'p1', end }
  }
}

const made_good = (before, after) => {
  for (let at = 0; at < before.length; at++) {
    const found = checked(before, at)
    if (!found) continue
    const { kind, end } = found
    if (kind === 'mbus') after[end] = sum(after, at + 4, end)
    if (kind === 'hdlc') {
      const check = x25(after, at + 1, end - 2) ^ 0xffff
      after.set([check & 255, check >> 8], end - 2)
    }
    if (kind === 'p1') {
      const check = arc(after, at, end).toString(16).toUpperCase().padStart(4, '0')
      after.set(bytes_of(check), end)
    }
  }
}

// ---- numbers of meters

// Whether A-B:C.D.E names a device: 96.1.x, 42.0.0, 0.0.x; but not the type (0-0:96.1.7, 1-1:96.1.1).
const names_device = (a, c, d, e) => {
  if (c === 96 && d === 1) return e !== 7 && (e !== 1 || a === 0)
  return (c === 42 && d === 0) || (c === 0 && d === 0)
}

const digits_in = (text) => text.replace(/\D/g, '').length
const printable = (bytes) => bytes.every((byte) => byte > 0x1f && byte < 0x7f)

const numbers_of_telegram = (bytes) => {
  const text = latin(bytes)
  const ident = text.slice(5, text.search(/[\r\n]/))
  const found = digits_in(ident) > 4 ? [ident] : []
  const line = /^(?:(\d+)-\d+:)?(\d+)\.(\d+)\.(\d+)(?:\*\d+)?((?:\([^)]*\))+)/gm
  for (const [, a = 1, c, d, e, groups] of text.matchAll(line))
    if (names_device(+a, +c, +d, +e)) found.push(...groups.slice(1, -1).split(')('))
  return found
}

// Of A-XDR: what follows the code of a number; and of lists without codes each text with so many
// digits that it may be one.
const numbers_of_list = (bytes) => {
  const found = []
  const widths = { 0x06: 4, 0x05: 4, 0x12: 2, 0x14: 8, 0x15: 8 }
  let coded = -1 // where the value of the last code stands
  for (let at = 0; at < bytes.length; at++) {
    const [one, two, a, , c, d, e, f] = bytes.slice(at, at + 8)
    // 0-x:25.9.0 is the push setup's own: what follows it is no value of it.
    if (f === 0xff && ((one === 9 && two === 6) || (one === 6 && two === 9)) && (a || c !== 25)) {
      coded = at + 8
      const width = widths[bytes[coded]]
      if (width && names_device(a, c, d, e)) {
        const value = bytes.slice(coded + 1, coded + 1 + width)
        found.push(latin(value), String(BigInt('0x' + hex(value))))
      } else if (bytes[coded] === 9 || bytes[coded] === 10) {
        const value = bytes.slice(coded + 2, coded + 2 + bytes[coded + 1])
        if (names_device(a, c, d, e)) found.push(latin(value))
      }
    } else if ((one === 9 || one === 10) && at !== coded && two > 4 && two < 64) {
      const value = bytes.slice(at + 2, at + 2 + two)
      if (value.length === two && printable(value) && digits_in(latin(value)) > 4)
        found.push(latin(value))
    }
  }
  return found
}

// Its last digits count up from 1: it keeps its length and what tells the maker. P1's hex-coded
// octets stay hex, octets that are no text become zero.
const replaced = (number) => {
  if (!printable(bytes_of(number))) return '\0'.repeat(number.length)
  if (number.length > 7 && /^([0-9A-F]{2})+$/.test(number)) {
    const inside = number.match(/../g).map((pair) => parseInt(pair, 16))
    if (printable(inside)) return hex(bytes_of(replaced(latin(inside)))).toUpperCase()
  }
  let n = 0
  return [...number]
    .reverse()
    .map((letter) => (/\d/.test(letter) && n < 10 ? (9 - n++ + 10) % 10 : letter))
    .reverse()
    .join('')
}

const blotted = (bytes, numbers) => {
  const before = latin(bytes)
  const after = Uint8Array.from(bytes)
  for (const number of [...new Set(numbers)].sort((a, b) => b.length - a.length)) {
    if (number.length < 4) continue
    const other = bytes_of(replaced(number))
    for (let at = before.indexOf(number); at >= 0; at = before.indexOf(number, at + 1))
      after.set(other, at)
  }
  made_good(bytes, after)
  return after
}

// ---- encrypted frames

// general-glo-ciphering, DB 08 title length SC counter text [tag]: { title, text }, text only where
// the device has deciphered it in its place.
const ciphered = (bytes) => {
  for (let at = 0; at + 20 < bytes.length; at++) {
    if (bytes[at] !== 0xdb || bytes[at + 1] !== 8) continue
    let size = bytes[at + 10]
    let from = at + 11
    if (size === 0x81) size = bytes[from++]
    else if (size === 0x82) size = (bytes[from++] << 8) | bytes[from++]
    if (!(bytes[from] & 0x30) || bytes[from] & 0xcc) continue
    const to = from + size - (bytes[from] & 0x10 ? 12 : 0)
    const first = bytes[from + 5]
    const clear = first === 0x0f || (first === 0x2f && latin(bytes).includes('\n!'))
    return {
      title: latin(bytes.slice(at + 2, at + 10)),
      text: clear && to <= bytes.length ? bytes.slice(from + 5, to) : null
    }
  }
}

// A telegram whose lines were ciphered (Poland): they stand deciphered behind the ident line, and
// then the remains of what they were.
const lines_of = (bytes) => {
  const end = bytes.findIndex((byte) => byte > 0x7e || (byte < 0x20 && byte !== 13 && byte !== 10))
  const text = latin(end < 0 ? bytes : bytes.slice(0, end))
  return bytes_of(text.slice(0, text.indexOf('\n!') + 2))
}

// ---- the report

// { bytes, numbers }: what of the frame can be read, and the numbers of meters in it.
const readable = (bytes) => {
  const cipher = ciphered(bytes)
  if (cipher && !cipher.text) return { bytes, numbers: [cipher.title] }
  const plain = cipher ? cipher.text : bytes
  if (plain[0] !== 0x2f) return { bytes: plain, numbers: numbers_of_list(plain) }
  const telegram = checked(plain, 0) ? plain : lines_of(plain)
  const whole = Uint8Array.of(...telegram, 13, 10)
  return { bytes: whole, numbers: numbers_of_telegram(telegram) }
}

const exactly = (text) => JSON.parse(text.replace(/"value":\s*(-?[\d.]+)/g, '"value":"$1"'))

const frame_of = async (ask) => {
  // There is none while the next one comes.
  for (let tries = 0; ; tries++) {
    try {
      return new Uint8Array(await ask('/frame.bin', null, 20000, 'arrayBuffer'))
    } catch (error) {
      if (error.code !== 404) throw error
      if (tries > 4) return new Uint8Array()
      await new Promise((done) => setTimeout(done, 700))
    }
  }
}

// The text of the report; ask(path, null, ms, as) gives what the device answers, as kwhisper.js has
// it: a text, or with "arrayBuffer" bytes, or throws an Error with the HTTP code.
export const report = async (ask) => {
  const data = exactly(await ask('/data.json'))
  const device = JSON.parse(await ask('/device.json'))
  const { bytes, numbers } = readable(await frame_of(ask))
  const { meter, status, values } = data
  if (meter.id) numbers.push(meter.id)
  const frames = Object.entries(status.frames || {}).filter(([, n]) => n)
  const doubts = Object.entries(values)
    .filter(([, { flags = [] }]) => flags.includes('unsure'))
    .map(([name, { flags }]) => `${name}: ${flags.join(', ')}`)
  const told = Object.entries(values).map(([name, { value, unit, flags }]) => [
    name,
    { value, unit: unit || null, ...(flags && { flags }) }
  ])
  let text = JSON.stringify(
    {
      kwhisper: device.version,
      board: device.board,
      line: status.line,
      list: meter.list,
      type: meter.type,
      lists: data.lists,
      left_out: data.left_out,
      frames: Object.fromEntries(frames),
      problem: status.problem,
      doubts,
      hex: hex(blotted(bytes, numbers)),
      readings: [{ time: data.time, values: Object.fromEntries(told) }]
    },
    null,
    1
  )
  // The type, or the list's name, may have the number in it.
  for (const number of numbers)
    if (digits_in(number) > 4) text = text.replaceAll(number, replaced(number))
  return text + '\n'
}
