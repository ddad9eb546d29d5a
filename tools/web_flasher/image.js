// What a file says about itself: the same checks as tools/commands/official_image.py.

const MAGIC = 0xe9
const CHIP_ID = 12
const TABLE = 0x8000 // where the table of partitions lies in the flash
const ENTRY = 32
const DATA = 1
const BLOCK = 4096

/** Why this file is not for this chip, or null. `board`: its row of manifest.json. */
export function problem(data, board, least) {
  if (data[0] !== MAGIC) return 'This is not an image for an Espressif chip.'
  const text = new TextDecoder('latin1').decode(data)
  const banner = /MicroPython v(\d+)\.(\d+)[^ ]* on \d{4}-\d\d-\d\d/.exec(text)
  if (!banner) return 'This is not MicroPython.'
  const chip = data[CHIP_ID] | (data[CHIP_ID + 1] << 8)
  if (chip !== board.chip_id || text.includes('with ESP8266')) return `This is for another chip: get ${board.wanted}.`
  const [major, minor] = [Number(banner[1]), Number(banner[2])]
  if (major < least[0] || (major === least[0] && minor < least[1])) {
    return `MicroPython ${major}.${minor} is too old: ${least.join('.')} or newer is needed, such as ${board.wanted}.`
  }
  if (!text.includes('umqtt/simple')) return `This MicroPython has no umqtt.simple: get ${board.wanted}.`
  return null
}

/** {at, blocks} of the filesystem: the partition "vfs", else what the others leave of the flash. */
export function filesystem(data, offset, flash) {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  let end = 0
  for (let i = TABLE - offset; data[i] === 0xaa && data[i + 1] === 0x50; i += ENTRY) {
    const at = view.getUint32(i + 4, true), size = view.getUint32(i + 8, true)
    const name = new TextDecoder('latin1').decode(data.subarray(i + 12, i + 28)).replace(/\0.*/s, '')
    if (data[i + 2] === DATA && name === 'vfs') return { at, blocks: size / BLOCK }
    end = Math.max(end, at + size)
  }
  return end ? { at: end, blocks: (flash - end) / BLOCK } : null
}
