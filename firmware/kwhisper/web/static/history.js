'use strict'
// The history: hours of a day, days of a month, months of a year, years. The device sends what the
// registers said; here their differences become what was used.
const SPANS = [
  ['day', w('Day')],
  ['month', w('Month')],
  ['year', w('Year')],
  ['years', w('Years')]
]
const QUARTER = 900
const HOUR = 3600
const RECORD = 52
const ABSENT = -128
const UNSURE = 1
const NEW_SERIES = 64
const KEEP_S = 95 * 86400
const LEFT = 44
const HEIGHT = 210
const SWIPE = 50

let device = {} // /device.json
let energy = null // /energy.json
let hours = [] // points of the registers, the oldest first: see point()
let days = []
let costs = new Map() // begin of an hour: {cost, income}
let shown_span = 'day'
let anchor = [0, 1, 1] // year, month, day
let kind = 'energy'
let buckets = []
let picked = -1
let width = 0

// Midnight of a local day; day 0 is the last of the month before.
const midnight = (...date) => moment_of(...date)
const iso = (seconds) => {
  const [y, m, d] = local(seconds)
  return `${y}-${String(m).padStart(2, '0')}-${String(d).padStart(2, '0')}`
}

// ---- what the device keeps

const TABLE = Array.from({ length: 256 }, (_, n) => {
  for (let i = 0; i < 8; i++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1
  return n
})
const crc32 = (bytes) => {
  let crc = -1
  for (const byte of bytes) crc = TABLE[(crc ^ byte) & 255] ^ (crc >>> 8)
  return ~crc >>> 0
}

// The records of 52 bytes as [sequence, time, flags, import, export]; damaged ones are left out.
const records_of = (buffer) => {
  const found = []
  for (let at = 0; at + RECORD <= buffer.byteLength; at += RECORD) {
    const view = new DataView(buffer, at, RECORD)
    if (crc32(new Uint8Array(buffer, at, RECORD - 4)) !== view.getUint32(48, true)) continue
    const register = (i) => {
      const exponent = view.getInt8(44 + i)
      return exponent === ABSENT
        ? null
        : Number(view.getBigInt64(12 + 8 * i, true)) * 10 ** exponent
    }
    const [sequence, time, flags] = [
      view.getUint32(0, true),
      view.getUint32(4, true),
      view.getUint8(10)
    ]
    found.push([sequence, time, flags, register(0), register(1)])
  }
  return found
}
// Lines whose checksum holds, without it.
const lines_of = (text) =>
  text.split('\n').flatMap((row) => {
    const [body, sum] = row.split('*')
    return sum && crc32(new TextEncoder().encode(body)) === parseInt(sum, 16) ? [body] : []
  })

const stored = (name) => {
  try {
    return JSON.parse(remember(name)) || []
  } catch {
    return []
  }
}

// Only what is new is asked for. The last record that is known comes again, which tells that it is
// still the same flash.
const load_hours = async () => {
  let kept = stored('hours')
  const since = kept.length > 1 ? '?since=' + kept.at(-2)[0] : ''
  const found = records_of(await ask('/history/hours' + since, null, 60000, 'arrayBuffer'))
  const last = kept.at(-1)
  const same = since && found[0]?.[0] === last[0] && found[0][1] === last[1]
  kept = (same ? [...kept, ...found.slice(1)] : found).filter(
    ([, time]) => time > Date.now() / 1000 - KEEP_S
  )
  remember('hours', JSON.stringify(kept))
  let series = 0
  const sound = kept.filter(([, , flags]) => (flags & (UNSURE | NEW_SERIES)) !== UNSURE)
  hours = sound.map(([, time, flags, drawn, back]) => {
    if (flags & NEW_SERIES) series++
    return { time: time - (time % QUARTER), series, import: drawn, export: back, subs: {} }
  })
}

// The lines of an address, of which those from the last known one on are asked for. Where that
// does not come again, all do: it is another flash.
const load_lines = async (name) => {
  const key = (row) => row.slice(0, row.indexOf(','))
  const get = async (since) =>
    lines_of(await ask(`/history/${name}${since && '?since=' + since}`, null, 60000)).filter(
      (row) => key(row) >= since
    )
  let kept = stored(name)
  const since = kept.length ? key(kept.at(-1)) : ''
  let found = await get(since)
  if (since && !found.includes(kept.at(-1))) {
    kept = []
    found = await get('')
  }
  const all = [...kept.filter((row) => key(row) < since), ...found]
  remember(name, JSON.stringify(all))
  return all
}

const number = (text) => (text ? Number(text) : null)

const load_days = async () => {
  days = (await load_lines('days')).map((row) => {
    const [date, time, , , series, drawn, back, cost, income, ...meters] = row.split(',')
    const begin = midnight(...date.split('-').map(Number))
    const subs = {}
    for (const meter of meters) {
      const [channel, type, value, unit] = meter.split(':')
      subs[`${channel}:${type}:${unit}`] = Number(value)
    }
    return {
      time: time - begin <= QUARTER ? begin : +time,
      series,
      import: number(drawn),
      export: number(back),
      cost: number(cost),
      income: number(income),
      subs
    }
  })
}

const load_costs = async () => {
  if (!device.energy) return
  for (const row of await load_lines('costs')) {
    const [time, , , cost, income] = row.split(',')
    costs.set(+time, { cost: number(cost), income: number(income) })
  }
  const begin = energy?.hour_start - (energy?.hour_start % HOUR)
  if (energy?.hour_cost != null && energy.hour_start <= begin + 60)
    costs.set(begin, { cost: energy.hour_cost, income: energy.hour_income })
}

// ---- from registers to what was used

const less = (a, b) => (a == null || b == null ? null : b - a)
// Money of two lines; where energy was begun anew it means nothing.
const spent = (a, b) => (less(a, b) < 0 ? null : less(a, b))
const plus = (a, b) => (a == null || b == null ? null : a + b)
const add = (a, b) => (a == null ? b : b == null ? a : a + b)

// What was used from point i to point j. Between two meters nothing is known. Of money that is
// known in part only, `lacks`, there is the sum of what is known.
const used = (points, i, j) => {
  const sum = { import: 0, export: 0, cost: null, income: null, subs: {} }
  let known = false
  for (let k = i; k < j; k++) {
    const [a, b] = [points[k], points[k + 1]]
    if (a.series !== b.series) continue
    known = true
    sum.import = plus(sum.import, less(a.import, b.import))
    sum.export = plus(sum.export, less(a.export, b.export))
    const cost = spent(a.cost, b.cost)
    if (cost == null || b.lacks) sum.lacks = true
    sum.cost = add(sum.cost, cost)
    sum.income = add(sum.income, spent(a.income, b.income))
    for (const [name, value] of Object.entries(b.subs))
      sum.subs[name] = plus(name in sum.subs ? sum.subs[name] : 0, less(a.subs[name], value))
  }
  return known ? sum : {}
}

// What the hours from … to cost, as far as it is known.
const spent_between = (from, to) => {
  const sum = { cost: null, income: null }
  let known = 0
  for (const [time, { cost, income }] of costs) {
    if (time < from || time >= to || cost == null) continue
    known += HOUR
    sum.cost = add(sum.cost, cost)
    sum.income = add(sum.income, income)
  }
  return { ...sum, lacks: known < to - from }
}

// The index of the first point that is not before this time.
const first_from = (points, time) => {
  let [low, high] = [0, points.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (points[middle].time < time) low = middle + 1
    else high = middle
  }
  return low
}

// One bar: what was used from … to. Where a boundary was not read: with `inner` what is known of
// the inside (`part`), else what was used over the whole `gap`.
const bucket = (points, from, to, inner) => {
  const found = { from, to }
  const i = first_from(points, from)
  const j = first_from(points, to)
  const begins = points[i]?.time === from
  const ends = points[j]?.time === to
  if (begins && ends) return Object.assign(found, used(points, i, j))
  const before = begins ? i : i - 1
  const now = Date.now() / 1000
  const last = ends ? j : j - 1
  if ((inner || to > now) && last > i)
    return Object.assign(found, used(points, i, last), {
      part: [points[i].time, points[last].time]
    })
  if (before < 0 || j >= points.length) return found
  const sum = used(points, before, j)
  return Object.assign(found, sum, { gap: [points[before].time, points[j].time] })
}

// Neighbours whose gaps overlap have one together.
const join_gaps = (points) => {
  let run = []
  for (const bar of [...buckets, null]) {
    if (bar?.gap && (!run.length || bar.gap[0] < run.at(-1).gap[1])) {
      run.push(bar)
      continue
    }
    if (run.length > 1) {
      const gap = [run[0].gap[0], run.at(-1).gap[1]]
      const sum = used(points, first_from(points, gap[0]), first_from(points, gap[1]))
      for (const one of run) Object.assign(one, sum, { gap })
    }
    run = bar?.gap ? [bar] : []
  }
}

// The running day in the plots of days and longer: what the device counts if it has counted from
// the day's begin on, else up to the last full hour.
const days_and_today = () => {
  const last = hours.at(-1)
  const day = days.at(-1)
  if (!last || !day || last.time <= day.time) return days
  const i = first_from(hours, day.time)
  if (hours[i].series !== last.series || hours[i].import !== day.import) return days
  const today = { ...last, series: day.series }
  const counts = energy?.today_import != null && Math.abs(energy.today_start - day.time) <= 60
  if (counts)
    Object.assign(today, {
      time: Math.max(last.time, energy.time),
      import: plus(day.import, energy.today_import),
      export: plus(day.export, energy.today_export)
    })
  const { cost, income, lacks } =
    counts && energy.today_cost != null
      ? { cost: energy.today_cost, income: energy.today_income }
      : spent_between(day.time, today.time)
  today.lacks = lacks
  today.cost = cost == null ? null : plus(day.cost, cost)
  today.income = income == null ? null : plus(day.income, income)
  return [...days, today]
}

const boundaries = () => {
  const [y, m, d] = anchor
  if (shown_span === 'day') {
    const found = []
    const end = midnight(y, m, d + 1)
    for (let time = midnight(y, m, d); time <= end; time += HOUR) found.push(time)
    return found
  }
  if (shown_span === 'month') {
    const most = new Date(Date.UTC(y, m, 0)).getUTCDate()
    return Array.from({ length: most + 1 }, (_, i) => midnight(y, m, i + 1))
  }
  if (shown_span === 'year') return Array.from({ length: 13 }, (_, i) => midnight(y, i + 1, 1))
  const first = days.length ? local(days[0].time)[0] : y
  const last = local(Date.now() / 1000)[0]
  return Array.from({ length: last - first + 2 }, (_, i) => midnight(first + i, 1, 1))
}

const fill_buckets = () => {
  const bounds = boundaries()
  const hourly = shown_span === 'day'
  const points = hourly ? hours : days_and_today()
  const inner = shown_span === 'year' || shown_span === 'years'
  buckets = bounds.slice(1).map((to, i) => bucket(points, bounds[i], to, inner))
  join_gaps(points)
  if (hourly)
    for (const bar of buckets)
      Object.assign(bar, spent_between(...(bar.gap || [bar.from, bar.to])))
  const now = Date.now() / 1000
  const running = buckets.find(({ from, to }) => from <= now && now < to)
  const name = { day: 'hour', month: 'today', year: 'month' }[shown_span]
  // What the device counts of the running hour, day or month is newer than the last register, if
  // it has counted from its begin on.
  if (
    running &&
    energy?.[name + '_import'] != null &&
    energy[name + '_start'] <= running.from + 60
  )
    Object.assign(running, {
      import: energy[name + '_import'],
      export: energy[name + '_export'] ?? null,
      cost: energy[name + '_cost'] ?? running.cost ?? null,
      income: energy[name + '_income'] ?? running.income ?? null,
      lacks: energy[name + '_cost'] == null && running.lacks,
      gap: undefined,
      part: [running.from, now]
    })
}

// The sum of all bars; a gap counts once, and leaves the sum whole if both its ends are in it.
const total = () => {
  const sum = { import: null, export: null, cost: null, income: null, subs: {}, whole: true }
  const [begin, end] = [buckets[0].from, buckets.at(-1).to]
  let gap = null
  const now = Date.now() / 1000
  for (const bar of buckets) {
    if (bar.from > now) continue
    const outside = bar.gap && (bar.gap[0] < begin || bar.gap[1] > end)
    if (bar.to < now && (bar.import == null || outside || bar.part)) sum.whole = false
    if (bar.import != null && (bar.lacks || bar.cost == null)) sum.lacks = true
    if (bar.gap && gap === bar.gap[0]) continue
    gap = bar.gap?.[0]
    for (const name of ['import', 'export', 'cost', 'income'])
      sum[name] = add(sum[name], bar[name])
    for (const [name, value] of Object.entries(bar.subs || {}))
      sum.subs[name] = add(sum.subs[name], value)
  }
  return sum
}

// ---- the kinds of bars

const MEDIA = {
  2: w('Electricity'),
  3: w('Gas'),
  4: w('Heat'),
  6: w('Water'),
  7: w('Water'),
  12: w('Heat')
}

const media = () => {
  const known = ({ subs = {} }) => Object.keys(subs).filter((name) => subs[name] != null)
  const names = new Set(buckets.flatMap(known))
  return [...names].map((name) => {
    const [channel, type, unit] = name.split(':')
    return { name, title: MEDIA[type] ? t(MEDIA[type]) : t('Meter {n}', { n: channel }), unit }
  })
}
// Up and down of a bar, how they are written, in what the axis counts.
const amount = (value, unit) => {
  if (value == null) return DASH
  if (unit === 'Wh') return kwh(value)
  if (unit === 'J') return rounded(value / 1e9, 3) + '\u00a0GJ'
  if (unit === 'm3') return rounded(value, 3) + '\u00a0m\u00b3'
  return money(value, unit)
}
const kinds = () => {
  const currency = energy?.currency || 'EUR'
  const found = [
    {
      name: 'energy',
      title: t('Energy'),
      unit: 'Wh',
      axis: ['kWh', 1000],
      up: (bar) => bar.import,
      down: (bar) => bar.export,
      ways: [t('Import'), t('Export')]
    }
  ]
  const priced = buckets.some((bar) => bar.cost != null) || days.some(({ cost }) => cost)
  if (device.energy && priced)
    found.push({
      name: 'cost',
      title: t('Cost'),
      unit: currency,
      axis: [currency, 1],
      up: (bar) => bar.cost,
      down: (bar) => bar.income,
      ways: [t('Cost'), t('Income')]
    })
  for (const { name, title, unit } of media())
    found.push({
      name,
      title,
      unit,
      axis: { J: ['GJ', 1e9], m3: ['m\u00b3', 1], Wh: ['kWh', 1000] }[unit] || [unit, 1],
      up: (bar) => bar.subs?.[name],
      down: () => null,
      ways: [title, '']
    })
  return found
}
const kind_now = () => kinds().find(({ name }) => name === kind) || kinds()[0]

// ---- words

const NAMES = {
  day: { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' },
  month: { month: 'long', year: 'numeric' },
  year: { year: 'numeric' }
}
const title = () => {
  if (shown_span !== 'years') return at(midnight(...anchor) + 43200, NAMES[shown_span])
  const [first] = local(buckets[0].from)
  const [last] = local(buckets.at(-1).from)
  return first === last ? String(first) : `${first} ${DASH} ${last}`
}
const named = ({ from, to }, short) => {
  if (shown_span === 'day')
    return short ? at(from, CLOCK) : `${at(from, CLOCK)} ${DASH} ${at(to, CLOCK)}`
  if (shown_span === 'month')
    return at(from, short ? { day: 'numeric' } : { weekday: 'short', ...DAY })
  if (shown_span === 'year') return at(from, { month: short ? 'short' : 'long' })
  return at(from, { year: 'numeric' })
}
const moment = (time) =>
  at(time, shown_span === 'day' ? { ...DAY, ...CLOCK } : { ...DAY, year: 'numeric' })

const described = (bar) => {
  const { up, down, unit, ways } = kind_now()
  const said = [make('b', named(bar)), ' ']
  if (bar.gap)
    said.push(
      t('not read; from {from} to {to} together', {
        from: moment(bar.gap[0]),
        to: moment(bar.gap[1])
      }) + ': '
    )
  if (up(bar) == null && down(bar) == null) said.push(t('not known'))
  else {
    said.push(`${ways[0]} ${amount(up(bar), unit)}`)
    if (down(bar)) said.push(` \u00b7 ${ways[1]} ${amount(down(bar), unit)}`)
    if (kind_now().name === 'energy' && bar.cost != null && device.energy)
      said.push(` \u00b7 ${amount(bar.cost, kinds()[1]?.unit)}`)
  }
  if (bar.part && bar.to < Date.now() / 1000)
    said.push(
      ' ',
      tag(t('only {from} to {to}', { from: moment(bar.part[0]), to: moment(bar.part[1]) }))
    )
  return said
}

// ---- the plot

// The height of a bar: of a gap, each bar shows its share.
const share = (bar, value) =>
  value == null
    ? null
    : bar.gap
      ? (value * (bar.to - bar.from)) / (bar.gap[1] - bar.gap[0])
      : value

const draw_bars = () => {
  if (!width) return
  const { up, down, axis: scale, title: name } = kind_now()
  const [unit, divisor] = scale
  const ups = buckets.map((bar) => (share(bar, up(bar)) || 0) / divisor)
  const downs = buckets.map((bar) => (share(bar, down(bar)) || 0) / divisor)
  const found = ticks(-Math.max(0, ...downs), Math.max(...ups, Math.max(...downs) ? 0 : 0.001), 4)
  const step = found[1] - found[0]
  const decimals = step >= 1 ? 0 : step >= 0.1 ? 1 : step >= 0.01 ? 2 : 3
  const svg = draw('svg', {
    viewBox: `0 0 ${width} ${HEIGHT}`,
    height: HEIGHT,
    role: 'img',
    'aria-label': `${name}, ${title()}`
  })
  svg.append(
    draw(
      'defs',
      ...['in', 'out'].map((way) =>
        draw(
          'pattern',
          {
            id: 'hatch-' + way,
            width: 5,
            height: 5,
            patternUnits: 'userSpaceOnUse',
            patternTransform: 'rotate(45)'
          },
          draw('path', { d: 'M1 0V5', class: 'hatch ' + way })
        )
      )
    )
  )
  const bounds = { left: LEFT, right: width - 2, top: 10, bottom: HEIGHT - 24 }
  const y = axis(svg, found, { ...bounds, written: (value) => rounded(Math.abs(value), decimals) })
  svg.append(draw('text', { x: 0, y: HEIGHT - 4, class: 'unit' }, unit))
  const each = (bounds.right - LEFT) / buckets.length
  const gap = Math.min(each * 0.2, 6)
  const label_every = Math.ceil((shown_span === 'year' ? 34 : 26) / each)
  buckets.forEach((bar, i) => {
    const x = LEFT + i * each
    const group = draw('g', { class: i === picked ? 'bar-of picked' : 'bar-of' })
    group.append(
      draw('rect', {
        x,
        width: each,
        y: bounds.top,
        height: bounds.bottom - bounds.top,
        class: 'back'
      })
    )
    for (const [value, way] of [
      [ups[i], 'in'],
      [-downs[i], 'out']
    ]) {
      const [a, b] = [y(0), y(value)]
      const height = Math.abs(a - b)
      if (height > 0.2)
        group.append(
          draw('rect', {
            x: x + gap / 2,
            width: each - gap,
            y: Math.min(a, b).toFixed(1),
            height: height.toFixed(1),
            rx: Math.min(2, each / 5),
            class: way + (bar.gap ? ' gap' : '') + (bar.part ? ' part' : '')
          })
        )
    }
    svg.append(group)
    const labelled =
      shown_span === 'day'
        ? local(bar.from)[3] % 3 === 0 && local(bar.from)[4] === 0
        : i % label_every === 0
    if (labelled && x + each / 2 > LEFT + (unit.length > 3 ? 10 : 0))
      svg.append(
        draw(
          'text',
          { x: x + (shown_span === 'day' ? 0 : each / 2), y: HEIGHT - 4, 'text-anchor': 'middle' },
          shown_span === 'day' ? String(local(bar.from)[3]) : named(bar, true)
        )
      )
  })
  $('plot').replaceChildren(svg)
}

const show_point = () => {
  const bar = buckets[picked]
  $('point').replaceChildren(...(bar ? described(bar) : [t('Tap a bar for its values.')]))
  const inner = SPANS[SPANS.findIndex(([name]) => name === shown_span) - 1]
  $('open').hidden = !bar || !inner || bar.import == null
  if (inner)
    $('open').textContent = t(
      { day: w('Show the hours'), month: w('Show the days'), year: w('Show the months') }[inner[0]]
    )
  $('open').onclick = () => {
    anchor = local(bar.from).slice(0, 3)
    go(inner[0])
  }
}

const pick = (i) => {
  picked = Math.max(-1, Math.min(buckets.length - 1, i))
  draw_bars()
  show_point()
}

// ---- the table

const show_table = () => {
  const { unit, ways, up, down } = kind_now()
  const two = buckets.some((bar) => down(bar))
  const rows = buckets
    .filter((bar) => bar.from < Date.now() / 1000)
    .map((bar) =>
      make(
        'tr',
        make('th', { scope: 'row' }, named(bar)),
        make(
          'td',
          amount(up(bar), unit),
          bar.gap ? ' ' : '',
          bar.gap ? tag(t('across a gap')) : ''
        ),
        two && make('td', amount(down(bar), unit))
      )
    )
  $('list')
    .querySelector('table')
    .replaceChildren(
      make('caption', { class: 'help' }, title()),
      head(t('When'), ways[0], ...(two ? [ways[1]] : [])),
      make('tbody', ...rows)
    )
}

// ---- all of it

const choice = (id, label, all, now, chosen) => {
  $(id).setAttribute('aria-label', label)
  $(id).hidden = all.length < 2
  $(id).replaceChildren(
    ...all.map(([name, text]) => {
      const button = make('button', { type: 'button', 'aria-pressed': String(name === now) }, text)
      button.onclick = () => chosen(name)
      return button
    })
  )
}

const show_sums = () => {
  const sum = total()
  const currency = energy?.currency
  const figures = [
    [t('Import'), sum.import == null ? null : kwh(sum.import, 1), 'in'],
    [t('Export'), sum.export ? kwh(sum.export, 1) : null, 'out'],
    [
      t('Cost'),
      device.energy && sum.cost != null ? money(sum.cost, currency) : null,
      '',
      sum.lacks && tag(t('in part'))
    ],
    [t('Income'), device.energy && sum.income ? money(sum.income, currency) : null, ''],
    ...media().map(({ name, title: text, unit }) => [
      text,
      sum.subs[name] == null ? null : amount(sum.subs[name], unit),
      ''
    ])
  ].filter(([, text]) => text)
  $('sums').replaceChildren(
    ...figures.map(([name, text, way, more]) =>
      make('span', { class: way }, name, make('b', text), more)
    )
  )
  if (figures.length && !sum.whole) $('sums').append(tag(t('incomplete')))
}

const oldest = () => Math.min(days[0]?.time ?? Infinity, hours[0]?.time ?? Infinity)

const show = () => {
  fill_buckets()
  choice(
    'steps',
    t('Period'),
    SPANS.map(([name, text]) => [name, t(text)]),
    shown_span,
    go
  )
  choice(
    'kinds',
    t('What is shown'),
    kinds().map(({ name, title: text }) => [name, text]),
    kind_now().name,
    (name) => {
      kind = name
      show()
    }
  )
  say($('period'), title())
  const all = shown_span === 'years'
  $('before').hidden = $('after').hidden = all
  $('before').disabled = buckets[0].from <= oldest()
  $('after').disabled = buckets.at(-1).to > Date.now() / 1000
  show_sums()
  draw_bars()
  show_point()
  show_table()
  const [from, to] = [iso(buckets[0].from), iso(buckets.at(-1).to - HOUR)]
  const by = shown_span === 'day' ? '&by=hour' : ''
  $('files').replaceChildren(
    make(
      'a',
      { href: `/history.csv?from=${from}&to=${to}${by}`, download: `kwhisper-${from}.csv` },
      t('As CSV for a spreadsheet')
    )
  )
  history.replaceState(null, '', `#${shown_span}/${iso(midnight(...anchor))}`)
}

const go = (span_name) => {
  shown_span = span_name
  picked = -1
  show()
}
const turn = (by) => {
  if ($(by < 0 ? 'before' : 'after').disabled || shown_span === 'years') return
  const [y, m, d] = anchor
  const next = {
    day: () => local(midnight(y, m, d + by) + HOUR),
    month: () => local(midnight(y, m + by, 1)),
    year: () => [y + by, 1, 1]
  }[shown_span]()
  anchor = next.slice(0, 3)
  picked = -1
  show()
}

const swipes = (element) => {
  let from = null
  element.ontouchstart = ({ touches: [touch] }) => (from = [touch.clientX, touch.clientY])
  element.ontouchend = ({ changedTouches: [touch] }) => {
    const [x, y] = [touch.clientX - from[0], touch.clientY - from[1]]
    if (Math.abs(x) > SWIPE && Math.abs(x) > 2 * Math.abs(y)) turn(x > 0 ? -1 : 1)
  }
}

const keys = (event) => {
  const { key } = event
  if (key === 'ArrowLeft') pick(picked < 0 ? buckets.length - 1 : Math.max(0, picked - 1))
  else if (key === 'ArrowRight') pick(picked + 1)
  else if (key === 'Escape') pick(-1)
  else if (key === 'Enter' && !$('open').hidden) $('open').click()
  else if (key === 'PageUp') turn(-1)
  else if (key === 'PageDown') turn(1)
  else return
  event.preventDefault()
}

const load = async () => {
  // One after the other: the device serves few connections at once.
  device = await ask_json('/device.json')
  zone = device.zone
  if (!device.history)
    return note(
      'off',
      false,
      make('p', t('No history is kept: it is switched off in the settings.'))
    )
  if (device.energy) energy = await ask_if_there('/energy.json')
  await load_days()
  await load_hours()
  await load_costs()
  if (oldest() === Infinity)
    return note(
      'none',
      false,
      make(
        'p',
        t(
          'Nothing is stored yet. The first bar appears when the meter has sent its registers twice.'
        )
      )
    )
  const [, name, date] = location.hash.match(/^#(\w+)\/(\d+-\d+-\d+)$/) || []
  if (SPANS.some(([known]) => known === name)) shown_span = name
  anchor = date ? date.split('-').map(Number) : local(Date.now() / 1000).slice(0, 3)
  $('card').hidden = $('list').hidden = $('files').hidden = false
  show()
}

const start = async () => {
  await learn()
  frame()
  $('before').setAttribute('aria-label', t('Earlier'))
  $('after').setAttribute('aria-label', t('Later'))
  $('before').onclick = () => turn(-1)
  $('after').onclick = () => turn(1)
  try {
    await load()
  } catch (error) {
    failed(error, start_again)
  }
}
const start_again = () => load().catch((error) => failed(error, start_again))

fitted($('plot'), (now) => {
  width = now
  if (buckets.length) draw_bars()
})
$('plot').tabIndex = 0
$('plot').onclick = (event) => {
  const x = event.clientX - $('plot').getBoundingClientRect().left - LEFT
  const i = Math.floor((x * buckets.length) / (width - 2 - LEFT))
  if (x >= 0) pick(i === picked ? -1 : i)
}
$('plot').onkeydown = keys
swipes($('card'))
start()
