'use strict'
// The live page: /data.json whenever the meter has sent a list, the last hour, and the energy.
const SOONEST_MS = 800
const LATEST_MS = 8000
const HIDDEN_MS = 20000
const WHOLE_MS = 15000 // without a new list the rest of the status is still asked for
const ENERGY_MS = 20000
const PRICES_MS = 600000
const OLD_S = 90 // meters send a list every 1 to 60 s
const HOUR_S = 3600
const GAP_S = 45 // a curve is not drawn over more without a value
const MOST_POINTS = 1800

const POWER = ['active_power_import', 'active_power_export', 'active_power_net']
let device = {} // /device.json
let energy = null // /energy.json
let prices = null // /price.json
let curve = [] // [seconds since 1970 by the browser's clock, W], the oldest first
let lists = -1
let heard = 0 // performance.now() of the last answer
let frame_age = null // seconds, at that time

const now_s = () => Date.now() / 1000
const volts_of = ({ values }) => {
  const found = ['l1', 'l2', 'l3'].map((p) => +values['voltage_' + p]?.value || 0)
  return found.filter((volts) => volts > 0)
}

// ---- power

// What flows: watts of import (negative: export), and the value that shows its digits.
const flow = (values) => {
  const [drawn, back, net] = POWER.map((name) => values[name])
  if (drawn && +drawn.value > 0) return { watts: +drawn.value, top: drawn }
  if (back && +back.value > 0) return { watts: -back.value, top: back }
  const top = drawn || net || back
  return top ? { watts: drawn ? 0 : +top.value || 0, top } : {}
}

// The most that the fuse lets through: 230 V between the phases (IT) or to neutral (TN).
const most_import = (data) => {
  const phases = volts_of(data)
  if (!device.fuse || !phases.length) return 0
  const volts = phases.reduce((a, b) => a + b) / phases.length
  if (phases.length === 1) return device.fuse * volts
  return device.fuse * volts * (device.network === 'it' ? Math.sqrt(3) : 3)
}

const arc = (radius, share, kind) =>
  draw('path', {
    d: `M${120 - radius} 118A${radius} ${radius} 0 0 1 ${120 + radius} 118`,
    pathLength: 100,
    class: kind,
    'stroke-dasharray': share == null ? null : `${share.toFixed(1)} 200`
  })

const gauge = (watts, data) => {
  const rings = [
    [Math.max(0, watts), most_import(data), 'in', 106],
    [Math.max(0, -watts), device.production * 1000, 'out', 90]
  ].filter(([, most]) => most > 0)
  const shape = draw('svg', { viewBox: '0 0 240 126', 'aria-hidden': 'true' })
  const labels = []
  for (const [value, most, kind, radius] of rings) {
    const percent = (100 * value) / most
    shape.append(arc(radius, null, 'rest'))
    if (percent > 0.5)
      shape.append(arc(radius, Math.min(100, percent), kind + (percent > 90 ? ' hot' : '')))
    const names = { percent: rounded(percent, 0), most: rounded(most / 1000, 1) + '\u00a0kW' }
    labels.push(
      make(
        'span',
        { class: 'key ' + kind },
        kind === 'in'
          ? t('{percent} % of the fuse ({most})', names)
          : t('{percent} % of the roof ({most})', names)
      )
    )
  }
  $('gauge').replaceChildren(...(rings.length ? [shape] : []))
  $('scale').replaceChildren(...labels)
}

const show_power = (data) => {
  const { watts, top } = flow(data.values)
  const way = watts < 0 ? t('Delivered to the grid') : t('Drawn from the grid')
  say($('way'), top ? way : t('Waiting for the meter'))
  say($('power'), top ? digits(String(top.value).replace(/^-|\..*/g, '')) : DASH)
  $('unit').textContent = top ? top.unit : 'W'
  $('now').classList.toggle('out', watts < 0)
  $('now').classList.toggle('alarm', !!energy?.alarm)
  gauge(watts || 0, data)
  if (!top || data.status.frame_age > OLD_S) return
  const time = now_s() - data.status.frame_age
  if (!curve.length || time > curve.at(-1)[0] + 0.5) curve.push([time, watts])
  while (curve.length > MOST_POINTS || curve[0]?.[0] < time - HOUR_S) curve.shift()
  plot()
}

// ---- the last hour

const load_curve = async () => {
  const told = device.history && (await ask_if_there('/history/power'))
  if (!told) return
  const { values, every, step, age } = told
  const last = now_s() - age - every / 2
  const known = values
    .map((value, i) => [last - (values.length - 1 - i) * every, value])
    .filter(([, value]) => value != null)
    .map(([time, value]) => [time, value * step])
  curve = [...known, ...curve.filter(([time]) => time > last)]
}

const watts_text = (watts) =>
  Math.abs(watts) < 1000 ? rounded(watts, 0) + '\u00a0W' : rounded(watts / 1000, 2) + '\u00a0kW'

let picked = null // seconds of the point that is read out
let width = 0
const LEFT = 44
const HEIGHT = 168
const x_of = (time, now) => LEFT + ((width - LEFT - 4) * (time - now + HOUR_S)) / HOUR_S

// Stretches without a gap.
const runs = () => {
  const found = []
  for (const point of curve) {
    if (!found.length || point[0] - found.at(-1).at(-1)[0] > GAP_S) found.push([])
    found.at(-1).push(point)
  }
  return found
}

const plot = () => {
  $('hour').hidden = curve.length < 2
  if (curve.length < 2 || !width) return
  const now = now_s()
  const watts = curve.map(([, value]) => value)
  const found = ticks(Math.min(0, ...watts), Math.max(100, ...watts), 4)
  const svg = draw('svg', { viewBox: `0 0 ${width} ${HEIGHT}`, height: HEIGHT })
  const thousands = found.at(-1) >= 2000 || found[0] <= -2000
  const bounds = { left: LEFT, right: width - 4, top: 10, bottom: HEIGHT - 24 }
  const written = (value) =>
    thousands ? rounded(value / 1000, found[1] - found[0] < 1000 ? 1 : 0) : digits(value)
  const y = axis(svg, found, { ...bounds, written })
  svg.append(draw('text', { x: 0, y: HEIGHT - 4, class: 'unit' }, thousands ? 'kW' : 'W'))
  const every = width < 480 ? 900 : 600
  for (let time = Math.ceil((now - HOUR_S) / every) * every; time <= now; time += every) {
    const x = x_of(time, now)
    if (x < LEFT + 18 || x > width - 16) continue
    svg.append(
      draw('text', { x, y: HEIGHT - 4, 'text-anchor': 'middle' }, at(time, CLOCK)),
      draw('line', { x1: x, x2: x, y1: bounds.bottom, y2: bounds.bottom + 4, class: 'zero' })
    )
  }
  const zero = y(0).toFixed(1)
  // Above and below zero in their colours.
  const offset = (y(0) - bounds.top) / (bounds.bottom - bounds.top)
  const ends = { x1: 0, x2: 0, y1: bounds.top, y2: bounds.bottom }
  svg.append(
    draw(
      'linearGradient',
      { id: 'ways', gradientUnits: 'userSpaceOnUse', ...ends },
      draw('stop', { offset, class: 'in' }),
      draw('stop', { offset, class: 'out' })
    )
  )
  for (const run of runs()) {
    const points = run.map(([time, value]) => [x_of(time, now).toFixed(1), y(value).toFixed(1)])
    const d = 'M' + points.map((point) => point.join(' ')).join('L')
    svg.append(
      draw('path', { class: 'area', d: `${d}V${zero}H${points[0][0]}Z` }),
      draw('path', { class: 'curve', d })
    )
  }
  const mean = watts.reduce((a, b) => a + b) / watts.length
  svg.setAttribute('role', 'img')
  svg.setAttribute(
    'aria-label',
    t('Power of the last hour: mean {mean}, lowest {low}, highest {high}', {
      mean: watts_text(mean),
      low: watts_text(Math.min(...watts)),
      high: watts_text(Math.max(...watts))
    })
  )
  if (picked) {
    const [time, value] = nearest(picked)
    const x = x_of(time, now).toFixed(1)
    svg.append(
      draw('line', { x1: x, x2: x, y1: bounds.top, y2: bounds.bottom, class: 'zero' }),
      draw('circle', { cx: x, cy: y(value).toFixed(1), r: 4, class: 'spot' })
    )
    say($('point'), at(time, { ...CLOCK, second: '2-digit' }) + ' \u00b7 ' + watts_text(value))
  } else
    say(
      $('point'),
      t('Mean {mean}, highest {high}', {
        mean: watts_text(mean),
        high: watts_text(Math.max(...watts))
      })
    )
  $('plot').replaceChildren(svg)
}

const nearest = (time) =>
  curve.reduce((a, b) => (Math.abs(b[0] - time) < Math.abs(a[0] - time) ? b : a))

const pick_at = (event) => {
  const x = event.clientX - $('plot').getBoundingClientRect().left
  picked = now_s() - HOUR_S + (HOUR_S * (x - LEFT)) / (width - LEFT - 4)
  plot()
}
const step_by = (event) => {
  const step = { ArrowLeft: -60, ArrowRight: 60, Home: -HOUR_S, End: HOUR_S, Escape: 0 }[event.key]
  if (step == null) return
  event.preventDefault()
  picked = step ? Math.min(now_s(), Math.max(curve[0][0], (picked || now_s()) + step)) : null
  plot()
}

// ---- energy

const money_of = (amount) => money(amount, energy.currency)
const row = (label, wh, cost) =>
  line(label, kwh(wh), cost == null ? '' : make('small', money_of(cost)))

const PERIODS = [
  ['today', w('Today')],
  ['yesterday', w('Yesterday')],
  ['month', w('This month')],
  ['last_month', w('Last month')]
]
// When counting began, if that was in the midst of the day or month.
const late = (name) => {
  const start = energy[name + '_start']
  if (start == null) return ''
  const [, , day, hour, minute] = local(start)
  if (hour + minute === 0 && (name !== 'month' || day === 1)) return ''
  return t('since {time}', { time: at(start, name === 'today' ? CLOCK : DAY) })
}
const periods_card = () => {
  const known = PERIODS.filter(([name]) => energy[name + '_import'] != null)
  if (!known.length) return null
  const exports = known.some(([name]) => +energy[name + '_export'])
  const estimated = known.some(([name]) => energy.estimated?.includes(name))
  const cell = (wh, cost) =>
    make('td', wh == null ? DASH : kwh(wh, 1), cost == null ? null : make('small', money_of(cost)))
  const rows = known.map(([name, title]) => {
    const of = (what) => energy[`${name}_${what}`]
    return make(
      'tr',
      make('th', { scope: 'row' }, t(title), late(name) && make('small', late(name))),
      cell(of('import'), of('cost')),
      exports && cell(of('export'), of('income'))
    )
  })
  return make(
    'section',
    { class: 'card' },
    make('h2', t('Energy'), estimated && tag(t('estimated'))),
    make(
      'table',
      head(t('Period'), t('Import'), ...(exports ? [t('Export')] : [])),
      make('tbody', ...rows)
    )
  )
}

const hour_card = () => {
  const { forecast, forecast_limit: limit, hour_import, alarm } = energy
  if (hour_import == null) return null
  const card = make(
    'section',
    { class: alarm ? 'card alarm' : 'card' },
    make('h2', t('This hour')),
    make('p', { class: 'figure' }, kwh(hour_import))
  )
  if (forecast == null) return card
  const most = Math.max(forecast, limit || 0) || 1
  const bar = make('div', { class: 'load', 'aria-hidden': 'true' }, make('i'), make('i'))
  const power = watts_text(forecast)
  const quarter = energy.capacity_minutes === 15
  const words_of = quarter
    ? t('This quarter of an hour: {power} on average', { power })
    : t('At its end: {power} on average', { power })
  card.append(bar, make('p', words_of))
  bar.children[0].style.width = (100 * forecast) / most + '%'
  bar.children[1].style.width = quarter ? 0 : Math.min(100, (100 * hour_import) / most) + '%'
  if (limit != null)
    card.append(
      make(
        'p',
        { class: alarm ? 'err' : 'help' },
        alarm
          ? t('More than {power}: the next step of the tariff is reached', {
              power: watts_text(limit)
            })
          : t('Up to {power} the step of the tariff stays the same', { power: watts_text(limit) })
      )
    )
  return card
}

const peaks_card = () => {
  const { capacity, capacity_peaks: peaks = [], capacity_limit: limit } = energy
  if (capacity == null) return null
  return make(
    'section',
    { class: 'card' },
    make('h2', t('Peaks')),
    make(
      'table',
      line(t('Counted'), watts_text(capacity)),
      limit == null ? '' : line(t('Next step from'), watts_text(limit)),
      energy.capacity_cost == null ? '' : line(t('Cost'), money_of(energy.capacity_cost)),
      ...peaks.map(([time, watts]) => line(at(time, { ...DAY, ...CLOCK }), watts_text(watts)))
    )
  )
}

// The price of a kWh, step by step, of today and of tomorrow as soon as it is known.
const price_plot = ({ start, minutes, import: steps }) => {
  const known = steps.filter((price) => price != null)
  const [low, high] = [Math.min(...known), Math.max(...known)]
  if (!(high > low)) return []
  const time = (i) => start + i * minutes * 60
  const cheapest = steps.indexOf(low)
  const dearest = steps.indexOf(high)
  const text = t('Lowest {low} from {when}, highest {high} from {then}', {
    low: money_of(low),
    when: at(time(cheapest), CLOCK),
    high: money_of(high),
    then: at(time(dearest), CLOCK)
  })
  const box = make('div', { class: 'plot' })
  fitted(box, (wide) => {
    const bottom = 96
    const svg = draw('svg', {
      viewBox: `0 0 ${wide} 118`,
      height: 118,
      role: 'img',
      'aria-label': text
    })
    const found = ticks(Math.min(0, low), high, 3)
    const decimals = found[1] - found[0] < 0.1 ? 2 : found[1] - found[0] < 1 ? 1 : 0
    const bounds = { left: LEFT, right: wide, top: 8, bottom }
    const y = axis(svg, found, { ...bounds, written: (value) => rounded(value, decimals) })
    const each = (wide - LEFT) / steps.length
    const now = Math.floor((now_s() - start) / minutes / 60)
    steps.forEach((price, i) => {
      const x = LEFT + i * each
      const [hour] = local(time(i)).slice(3)
      if (hour % 6 === 0 && at(time(i), CLOCK).endsWith('00'))
        svg.append(draw('text', { x, y: 114, 'text-anchor': 'middle' }, String(hour)))
      if (price == null) return
      const [top, end] = [Math.min(y(price), y(0)), Math.max(y(price), y(0))]
      svg.append(
        draw('rect', {
          x: x.toFixed(1),
          width: Math.max(1, each - Math.min(2, each / 4)).toFixed(1),
          y: top.toFixed(1),
          height: Math.max(0.5, end - top).toFixed(1),
          class: i === now ? 'in' : 'in part'
        })
      )
    })
    box.replaceChildren(svg)
  })
  return [make('p', { class: 'help' }, text), box]
}

const price_card = () => {
  if (energy.price_import == null) return null
  const per_kwh = (price) => money_of(price) + '/kWh'
  return make(
    'section',
    { class: 'card' },
    make('h2', t('Price now')),
    make(
      'table',
      line(t('Import'), per_kwh(energy.price_import)),
      energy.price_export == null ? '' : line(t('Export'), per_kwh(energy.price_export))
    ),
    ...(prices?.import ? price_plot(prices) : [])
  )
}

const reference_card = () => {
  if (energy.reference_start == null) return null
  return make(
    'section',
    { class: 'card' },
    make('h2', energy.reference_text || t('Reference reading')),
    make(
      'table',
      line(t('Since'), at(energy.reference_start, { ...DAY, year: 'numeric' })),
      row(t('Import'), energy.reference_import, energy.reference_cost),
      energy.reference_export
        ? row(t('Export'), energy.reference_export, energy.reference_income)
        : ''
    )
  )
}

const show_energy = () => {
  if (!energy) return
  $('energy').replaceChildren(
    ...[hour_card(), price_card(), periods_card(), peaks_card(), reference_card()].filter(Boolean)
  )
}

// ---- phases and totals

const tags_of = ({ flags = [], age }) => {
  const old = age > 5400 // registers come once an hour
  const said = flag_tags(flags.filter((flag) => !(old && flag === 'stale')))
  return (old ? [...said, tag(ago(age))] : said).flatMap((mark) => [' ', mark])
}

const phase_power = (values, phase) => {
  const [drawn, back] = POWER.map((name) => values[`${name}_${phase}`])
  return back && +back.value > 0 ? { ...back, value: '-' + back.value } : drawn || back
}

const show_phases = ({ values }) => {
  const names = ['l1', 'l2', 'l3']
  const columns = [
    [t('Voltage'), (p) => values['voltage_' + p]],
    [t('Current'), (p) => values['current_' + p]],
    [t('Power'), (p) => phase_power(values, p)],
    [t('Power factor'), (p) => values['power_factor_' + p]]
  ].filter(([, of]) => names.some(of))
  const used = names.filter((p) => columns.some(([, of]) => of(p)))
  $('phases').hidden = !used.length
  const cell = (v, amperes) => {
    if (!v) return make('td', DASH)
    const box = make('td', ...tags_of(v), ' ', digits(v.value) + (v.unit && '\u00a0' + v.unit))
    if (amperes && device.fuse) {
      const share = Math.min(100, (100 * Math.abs(v.value)) / device.fuse)
      box.append(make('div', { class: share > 90 ? 'load hot' : 'load' }, make('i')))
      box.lastChild.firstChild.style.width = share + '%'
    }
    return box
  }
  $('phases')
    .querySelector('table')
    .replaceChildren(
      head(t('Phase'), ...columns.map(([name]) => name)),
      make(
        'tbody',
        ...used.map((p) =>
          make(
            'tr',
            make('th', { scope: 'row' }, p.toUpperCase()),
            ...columns.map(([, of]) => cell(of(p), of(p)?.unit === 'A'))
          )
        )
      )
    )
  say($('balance'), balance(values))
}

// The largest distance of a phase from the mean current, and what share of the power is active.
const balance = (values) => {
  const said = []
  const amperes = ['l1', 'l2', 'l3']
    .map((p) => values['current_' + p])
    .filter(Boolean)
    .map(({ value }) => Math.abs(value)) // below zero: it flows out of the house
  const mean = amperes.reduce((sum, value) => sum + value, 0) / amperes.length
  if (amperes.length === 3 && mean > 0) {
    const far = Math.max(...amperes.map((value) => Math.abs(value - mean)))
    said.push(t('Imbalance {percent} %', { percent: rounded((100 * far) / mean, 0) }))
  }
  const number = (name) => +values[name]?.value || 0
  const watts = number(POWER[0]) - number(POWER[1])
  const var_ = number('reactive_power_import') - number('reactive_power_export')
  const factor = values.power_factor
    ? +values.power_factor.value
    : values.reactive_power_import && watts
      ? Math.abs(watts) / Math.hypot(watts, var_)
      : null
  if (factor != null) said.push(t('Power factor {factor}', { factor: rounded(factor, 2) }))
  return said.join(' \u00b7 ')
}

const show_totals = (values) => {
  const found = Object.entries(values).filter(([, v]) => is_total(v.unit))
  $('totals').hidden = !found.length
  $('totals')
    .querySelector('table')
    .replaceChildren(...found.map(([, v]) => line(from_device(v.label), shown(v), ...tags_of(v))))
}

// Thermometers at the device.
const show_temperatures = ({ temperatures = {} }) => {
  const found = Object.entries(temperatures).filter(([, degrees]) => degrees != null)
  $('warm').hidden = !found.length
  $('warm')
    .querySelector('table')
    .replaceChildren(
      ...found.map(([name, degrees]) => line(name, rounded(degrees, 1) + '\u00a0\u00b0C'))
    )
}

// ---- all of it

const show = (data) => {
  const { values, status } = data
  lists = data.lists
  heard = performance.now()
  frame_age = status.frame_age
  say($('name'), (document.title = data.name))
  let problem = status.problem && from_device(status.problem)
  // The error of an attempt stays until one succeeds.
  if (!problem && /^(pausing|connecting)$/.test(status.mqtt) && status.mqtt_error)
    problem = t('not connected to the broker: {problem}', {
      problem: from_device(status.mqtt_error)
    })
  $('problem').hidden = !problem
  say($('problem'), problem || '')
  show_power(data)
  show_phases(data)
  show_totals(values)
  show_temperatures(status)
}

// What must not be taken for the power of this minute says so.
const judge_age = (problem) => {
  const age = frame_age == null ? null : Math.round(frame_age + (performance.now() - heard) / 1000)
  const old = age != null && age > OLD_S
  let last = t('Nothing received from the meter yet')
  if (age != null) last = age < 3 ? t('Just now') : ago(age)
  say($('when'), problem || last)
  $('when').classList.toggle('off', !!problem || age == null || old)
  $('now').classList.toggle('old', !!problem || old)
  let hint = ''
  if (problem && age != null) hint = t('These values are {span} old.', { span: span(age) })
  else if (old) hint = t('The meter is silent. These are its last values.')
  $('old').hidden = !hint
  say($('old'), hint)
}

// A meter keeps its rhythm: nothing is asked for long before its next list is due. A device that
// has no new list answers 204, which costs it next to nothing.
let changed_at = 0
let whole_at = -WHOLE_MS
let rhythm = 0
let energy_at = -ENERGY_MS
let prices_at = -PRICES_MS
let timer
let asking = false

const note_rhythm = (before) => {
  const now = performance.now()
  const each = (now - changed_at) / (lists - before)
  if (changed_at && before >= 0 && lists > before)
    rhythm = Math.min(each, rhythm ? rhythm * 1.2 : each)
  if (lists !== before) changed_at = now
}
const wait_ms = () => {
  if (document.hidden) return HIDDEN_MS
  const due = rhythm - 400 - (performance.now() - changed_at)
  return Math.min(LATEST_MS, Math.max(SOONEST_MS, due))
}

const poll = async () => {
  if (asking) return
  asking = true
  let refused = null
  clearTimeout(timer)
  try {
    const whole = performance.now() - whole_at > WHOLE_MS
    const text = await ask('/data.json' + (whole ? '' : '?lists=' + lists), null, 8000)
    if (text[0] === '<') return location.reload() // it is in set-up now
    if (text) {
      const before = lists
      whole_at = performance.now()
      show(parse_exactly(text))
      note_rhythm(before)
    }
    judge_age('')
    if (device.energy && performance.now() - energy_at > ENERGY_MS) {
      energy = await ask_if_there('/energy.json')
      energy_at = performance.now()
      if (energy_at - prices_at > PRICES_MS) {
        prices = await ask_if_there('/price.json')
        prices_at = energy_at
      }
      show_energy()
    }
  } catch (error) {
    if (error.code === 401) refused = error
    judge_age(
      error.code === undefined ? t('The answer of the device is incomplete.') : error.message
    )
  }
  asking = false
  if (refused) return failed(refused, poll) // the browser would ask for the password all the time
  timer = setTimeout(poll, wait_ms())
}

const start = async () => {
  await learn()
  frame()
  $('now').hidden = false
  try {
    device = await ask_json('/device.json')
    zone = device.zone
  } catch {
    /* the scale of the gauges is not known; the next question tells what is wrong */
  }
  await poll()
  await load_curve().catch(() => {})
  plot()
}

document.addEventListener('visibilitychange', () => document.hidden || poll())
setInterval(
  () => lists >= 0 && !asking && !$('when').classList.contains('off') && judge_age(''),
  1000
)
fitted($('plot'), (now) => {
  width = now
  plot()
})
$('plot').tabIndex = 0
$('plot').onpointerdown = $('plot').onpointermove = pick_at
$('plot').onkeydown = step_by
$('plot').onpointerleave = () => {
  picked = null
  plot()
}
start()
