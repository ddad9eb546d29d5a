import { ESPLoader, Transport } from './esptool.js'
import { filesystem, problem } from './image.js'

const BAUD = 460800
const CONSOLE = 115200
const LISTEN_MS = 30000
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
  $('connect').disabled = true
  say('chip', 'This browser cannot reach a serial port: take Chrome, Edge or Opera on a PC.', false)
}

$('connect').onclick = async () => {
  try {
    port = await navigator.serial.requestPort()
  } catch {
    return // nothing was chosen
  }
  $('connect').disabled = true
  say('chip', 'Asking the board …')
  try {
    transport = new Transport(port)
    loader = new ESPLoader({ transport, baudrate: BAUD, terminal })
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
    say('written', await started())
  } catch (error) {
    say('written', `${error.message} Nothing is lost: reload this page and try again.`, false)
  }
}

/** What the board says on its console: its own WiFi. */
async function started() {
  await port.open({ baudRate: CONSOLE })
  // Out of reset, with the pin for the loader left alone.
  await port.setSignals({ dataTerminalReady: false, requestToSend: true })
  await port.setSignals({ dataTerminalReady: false, requestToSend: false })
  const reader = port.readable.getReader()
  const timer = setTimeout(() => reader.cancel(), LISTEN_MS)
  let text = ''
  try {
    for (;;) {
      const { value, done } = await reader.read()
      if (done) return 'Written. Look for a WiFi that begins with kWhisper-; its password is on the board’s console.'
      terminal.write(new TextDecoder().decode(value))
      text = (text + new TextDecoder('latin1').decode(value)).slice(-2000)
      const found = /join the WiFi (\S+) with the password (\S+)\s/.exec(text)
      if (found) {
        return `Done. Join the WiFi ${found[1]} with the password ${found[2]} (write it down). ` +
          'The set-up page opens by itself, or open http://192.168.4.1.'
      }
    }
  } finally {
    clearTimeout(timer)
    reader.releaseLock()
    await port.close()
  }
}
