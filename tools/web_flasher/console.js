// What a board says on its console: as tools/commands/first_steps.py.

/** {name, password} of the board's own WiFi, the newest in the text, or null. */
export function ready(text) {
  const found = [...text.matchAll(/join the WiFi (\S+) with the password (\S+)\s/g)].pop()
  return found ? { name: found[1], password: found[2] } : null
}

/** The text of a code that joins a WPA2 network, as phones read it. */
export function joining(name, password) {
  const escaped = (text) => text.replace(/[\\;,":]/g, '\\$&')
  return `WIFI:T:WPA;S:${escaped(name)};P:${escaped(password)};;`
}
