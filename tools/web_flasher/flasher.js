import { ESPLoader, Transport } from './esptool.js'
import qrcode from './qrcode.js'
import { filesystem, problem } from './image.js'
import { joining, ready } from './console.js'

const BAUD = 460800
const CONSOLE = 115200
const LISTEN_MS = 30000
const ANSWER_MS = 15000 // the tool's own 3 s are short for a busy PC or a slow adapter
const MB = { '4MB': 4, '8MB': 8, '16MB': 16 }

const $ = (id) => document.getElementById(id)
const manifest = await (await fetch('manifest.json')).json()
$('version').textContent = manifest.version

let port, transport, loader, board, flash, image

function say(id, text, good = true) {
  $(id).textContent = text
  $(id).className = good ? 'good' : 'bad'
}

const terminal = {
  clean() {},
  write(text) { $('log').textContent = ($('log').textContent + text).slice(-20000) },
  writeLine(text) { this.write(text + '\n') }
}

if (!navigator.serial) {
  $('connect').disabled = $('listen').disabled = true
  say('chip', 'This browser cannot reach a serial port: take Chrome, Edge or Opera on a PC.', false)
}

$('connect').onclick = async () => {
  try {
    port = await navigator.serial.requestPort()
  } catch {
    return // nothing was chosen
  }
  $('connect').disabled = $('listen').disabled = true
  say('chip', 'Asking the board …')
  try {
    transport = new Transport(port)
    loader = new ESPLoader({ transport, baudrate: BAUD, terminal })
    const block_ms = loader.timeoutPerMb.bind(loader)
    loader.timeoutPerMb = (...size) => Math.max(block_ms(...size), ANSWER_MS)
    const chip = await loader.main()
    board = manifest.boards[loader.chip.CHIP_NAME]
    const size = await loader.detectFlashSize()
    flash = (MB[size] ?? 0) << 20
    if (!board) throw new Error(`${chip}: kWhisper has no build for it.`)
    if (!flash) throw new Error(`${chip} with ${size} of flash: take the command kwhisper flash.`)
    say('chip', `${chip}, ${size} of flash.`)
    $('wanted').innerHTML = `<a target="_blank" rel="noopener"></a>, or a newer one, from that page.`
    const link = $('wanted').firstChild
    link.href = 'https://' + board.page
    link.textContent = board.wanted
    $('file').disabled = false
  } catch (error) {
    say('chip', `${error.message} Hold the board's button BOOT while you choose the port, and reload this page.`, false)
  }
}

$('file').onchange = async () => {
  image = new Uint8Array(await $('file').files[0].arrayBuffer())
  const why = problem(image, board, manifest.least)
  $('write').disabled = !!why
  say('image', why ?? 'This file is right.', !why)
}

$('write').onclick = async () => {
  $('write').disabled = $('file').disabled = true
  try {
    const place = filesystem(image, board.offset, flash)
    const name = place && board.filesystems[place.blocks]
    if (!name) throw new Error(`This file divides the flash in a way that is not known here; get ${board.wanted}.`)
    say('written', 'Writing: two minutes or so. Leave the board connected.')
    $('progress').hidden = false
    const packed = await fetch(name)
    const files = new Response(packed.body.pipeThrough(new DecompressionStream('gzip')))
    const parts = [
      { data: image, address: board.offset },
      { data: new Uint8Array(await files.arrayBuffer()), address: place.at }
    ]
    const total = parts.reduce((sum, part) => sum + part.data.length, 0)
    await loader.writeFlash({
      fileArray: parts, flashMode: 'keep', flashFreq: 'keep', flashSize: 'keep', eraseAll: false, compress: true,
      reportProgress: (index, written, size) => {
        const before = index ? parts[0].data.length : 0
        $('progress').value = (before + (written / size) * parts[index].data.length) / total
      }
    })
    $('progress').value = 1
    await loader.after('hard_reset')
    await transport.disconnect()
    say('written', 'Written. The board starts …')
  } catch (error) {
    return say('written', `${error.message} Nothing is lost: reload this page and try again.`, false)
  }
  await listen('written')
}

$('listen').onclick = async () => {
  try {
    port = await navigator.serial.requestPort()
  } catch {
    return // nothing was chosen
  }
  $('connect').disabled = $('listen').disabled = true
  say('chip', 'The board starts …')
  await listen('chip')
}

/** Show the board's console from its start on, until it is unplugged; and the code of its own WiFi. */
async function listen(place) {
  const output = $('console')
  const decoder = new TextDecoder()
  $('heard').hidden = false
  let text = '', found = null, reader = null
  const timer = setTimeout(() => {
    say(place, 'The board has not reported its WiFi yet. Look for one that begins with kWhisper-; press its button RESET.', false)
  }, LISTEN_MS)
  try {
    await port.open({ baudRate: CONSOLE })
    // Out of reset, with the pin for the loader left alone.
    await port.setSignals({ dataTerminalReady: false, requestToSend: true })
    await port.setSignals({ dataTerminalReady: false, requestToSend: false })
    reader = port.readable.getReader()
    for (;;) {
      const { value, done } = await reader.read()
      if (done) break
      text = (text + decoder.decode(value, { stream: true })).slice(-20000)
      const below = output.scrollHeight - output.scrollTop - output.clientHeight < 40
      output.textContent = text
      if (below) output.scrollTop = output.scrollHeight
      const now = ready(text)
      if (now && now.name + now.password !== found) {
        clearTimeout(timer)
        found = now.name + now.password
        show(place, now)
      }
      if (!found && text.includes('WiFi: connected')) {
        clearTimeout(timer)
        say(place, 'It is set up already, and has joined its WiFi.')
      }
    }
  } catch (error) {
    say(place, `The console has ended: ${error.message}`, !!found)
  } finally {
    clearTimeout(timer)
    reader?.releaseLock()
    await port.close().catch(() => {}) // it may be unplugged
    $('connect').disabled = $('listen').disabled = false
  }
}

/** How to join the board's own WiFi. */
function show(place, { name, password }) {
  say(place, `Done. Join the WiFi ${name} with the password ${password} (write it down), or point the phone’s camera ` +
    'at the code below. The set-up page opens by itself, or open http://192.168.4.1.')
  const code = qrcode(0, 'M')
  code.addData(joining(name, password))
  code.make()
  $('code').innerHTML = code.createSvgTag({ cellSize: 5, margin: 20, scalable: true, alt: `The WiFi ${name}` })
  $('code').hidden = false
}
