"""The house behind a simulated meter: loads, sun, voltage, and registers that integrate exactly.

Powers are whole watts and vars that hold for one second; energies are sums of power times
milliseconds in integers. So a register never drifts from the powers the meter has told, and the
same seed gives the same house. Floats occur only where physics is invented (sun, phasors).

Quantities are asked for by the C.D.E of their OBIS code, as a meter's own lists name them, and
come in thousandths of the base unit: mW, mvar, mV, mA, mWh, mvarh, millilitres of gas.
"""

import cmath
import math
import random

from .date_time import civil

HOUR_MS = 3_600_000

# name, phases, watts from–to, power factor, seconds on, seconds off, hours of the day
_LOADS = (
    ("standby", (0, 1, 2), 60, 190, 0.71, 900, 30, range(24)),
    ("fridge", (0,), 75, 110, 0.80, 900, 1800, range(24)),
    ("lights", (1,), 40, 220, 0.93, 2400, 3600, (6, 7, 16, 17, 18, 19, 20, 21, 22)),
    ("kettle", (2,), 1850, 2150, 1.0, 150, 5400, (6, 7, 9, 12, 15, 17, 20)),
    ("hob", (1,), 700, 2900, 1.0, 600, 4000, (7, 11, 12, 17, 18)),
    ("water heater", (2,), 1960, 2040, 1.0, 1200, 5400, range(24)),
    ("heat pump", (0, 1, 2), 350, 950, 0.90, 2400, 900, range(24)),
    ("washing", (0,), 180, 2250, 0.88, 1300, 9000, (9, 10, 11, 13, 14, 18, 19)),
    ("electric car", (0, 1, 2), 3550, 3690, 0.99, 5400, 30000, (17, 18, 22, 23, 0, 1, 2, 12)),
)

_PHASE_SHIFT = (1, cmath.exp(-2j * math.pi / 3), cmath.exp(2j * math.pi / 3))

# C of the phases' quantities: 21 P+, 22 P−, 23 Q+, 24 Q−, 29 S, 31 I, 32 U, 33 PF; +20, +40
_PHASE = {20: 0, 40: 1, 60: 2}


class Household:
    """A house with 1 or 3 phases (wiring "tn" or "it") and, if wished, a solar roof.

    `scale` multiplies all loads, for a meter on current transformers. `phase_sums` makes the
    meter add import and export phase by phase instead of over all phases.
    """

    def __init__(self, seed, start, phases=3, wiring="tn", solar=True, scale=1, phase_sums=False):
        self._random = random.Random(f"household {seed}")
        self.phases = phases
        self.wiring = wiring
        self.phase_sums = phase_sums
        self._scale = scale
        self._start = start
        self._solar = self._random.randint(1800, 5200) * scale if solar else 0
        self._solar_phases = (0, 1, 2) if phases == 3 and self._random.random() < 0.6 else (0,)
        self._cloud = self._random.random()
        self._sag = 0
        self._burner = 0
        self.ms = 0
        self._switches = [[False, self._random.randint(0, load[6] // 2), 0] for load in _LOADS]
        # Watt-milliseconds since the meter was made, by C (and tariff: (C, E)).
        self._energy = {}
        for c, most in ((1, 60_000_000), (2, 9_000_000), (3, 6_000_000), (4, 12_000_000)):
            whole = self._random.randint(most // 8, most) * scale
            if c == 2 and not solar:
                whole = 0
            share = self._random.randint(30, 60)
            self._energy[c, 1] = whole * share // 100 * HOUR_MS
            self._energy[c, 2] = (whole - whole * share // 100) * HOUR_MS
            parts = (30, 45, 25) if phases == 3 else (100, 0, 0)
            for phase in range(3):
                c_of_phase = 20 * (phase + 1) + c
                self._energy[c_of_phase, 1] = whole * parts[phase] // 100 * HOUR_MS
        self._gas = self._random.randint(800_000_000, 9_000_000_000)
        self.p = [0, 0, 0]
        self.q = [0, 0, 0]
        self._second()

    # -- time ------------------------------------------------------------------------------

    def advance(self, ms):
        """Let the house live until `ms` milliseconds after the start."""
        while self.ms < ms:
            until = min(ms, self.ms - self.ms % 1000 + 1000)
            self._integrate(until - self.ms)
            self.ms = until
            if until % 1000 == 0:
                self._second()

    def tariff(self):
        """1 at night and on weekends, 2 by day: the E of the tariff registers."""
        now = civil(self._start, self.ms)
        return 1 if now.weekday() > 4 or now.hour < 7 or now.hour >= 23 else 2

    def _integrate(self, ms):
        tariff = self._tariff
        for c in (1, 2, 3, 4):
            self._energy[c, tariff] += self._total(c) * ms
        for phase in range(self.phases):
            base = 20 * (phase + 1)
            for c, power in ((1, self.p[phase]), (2, -self.p[phase])):
                self._energy[base + c, 1] += max(power, 0) * ms
            for c, power in ((3, self.q[phase]), (4, -self.q[phase])):
                self._energy[base + c, 1] += max(power, 0) * ms

    def _second(self):
        rnd = self._random
        now = civil(self._start, self.ms)
        second = self.ms // 1000
        self._tariff = self.tariff()
        p, q = [0, 0, 0], [0, 0, 0]
        for load, switch in zip(_LOADS, self._switches, strict=True):
            _, phases, low, high, factor, on, off, hours = load
            if second >= switch[1]:
                switch[0] = not switch[0] and now.hour in hours
                switch[1] = second + 1 + int(rnd.expovariate(1 / (on if switch[0] else off)))
                switch[2] = rnd.randint(low, high) * self._scale
            if switch[0]:
                watts = switch[2] + rnd.randint(-2, 2)
                lag = int(watts * math.tan(math.acos(factor)))
                for phase in phases:
                    phase = phase if self.phases == 3 else 0
                    p[phase] += watts
                    q[phase] += lag
        for phase in range(self.phases):
            p[phase] += rnd.randint(18, 30) * self._scale
            q[phase] -= rnd.randint(15, 40) * self._scale
        sun = self._sun(now)
        for phase in self._solar_phases:
            p[phase] -= sun // len(self._solar_phases)
        self.p, self.q = p, q
        self._sag += rnd.randint(-40, 40) - self._sag // 60
        self._wobble = [rnd.randint(-150, 150) for _ in range(3)]
        self._hertz = 50_000 + rnd.randint(-25, 25)
        self._burner = self._burner - 1 if self._burner else 600 * (rnd.random() < 1 / 2400)
        self._gas += 400 if self._burner else 0  # millilitres a second: 1.44 m³/h
        self._electric = None

    def _sun(self, now):
        if not self._solar:
            return 0
        season = 0.5 - 0.5 * math.cos((now.timetuple().tm_yday + 10) / 365.25 * 2 * math.pi)
        half_day = 3.5 + 5 * season
        angle = (now.hour + now.minute / 60 - 12.8) / half_day
        height = math.cos(angle * math.pi / 2) if abs(angle) < 1 else 0
        drift = self._cloud + self._random.uniform(-0.004, 0.004)
        self._cloud = min(max(drift, 0.12), 1.0)
        return int(self._solar * height * (0.25 + 0.75 * season) * self._cloud)

    # -- electricity -------------------------------------------------------------------------

    def _total(self, c):
        """Total power of C 1 to 4 (P+, P−, Q+, Q−) in W or var."""
        values = self.p if c < 3 else self.q
        sign = 1 if c & 1 else -1
        if self.phase_sums:
            return sum(max(sign * value, 0) for value in values)
        return max(sign * sum(values), 0)

    def _volts_and_amperes(self):
        """Voltages in mV and currents in mA of the three phases (IT: between the lines)."""
        if self._electric:
            return self._electric
        volts, amperes = [0, 0, 0], [0, 0, 0]
        for phase in range(self.phases):
            load = self.p[phase] / self._scale
            volts[phase] = 232_300 + self._sag + self._wobble[phase] - int(load * 0.9)
            amperes[phase] = round(self._apparent(phase) * 1_000_000 / volts[phase])
        if self.wiring == "it":
            # Loads lie between the lines; the meter's clamps see the line currents.
            branch = [
                complex(self.p[i], -self.q[i]) * 1_000_000 / volts[i] * _PHASE_SHIFT[i]
                for i in range(3)
            ]
            amperes = [round(abs(branch[i] - branch[i - 1])) for i in range(3)]
        self._electric = volts, amperes
        return self._electric

    def _apparent(self, phase):
        return math.hypot(self.p[phase], self.q[phase])

    def exports(self, phase):
        """True while this phase (0 to 2) feeds into the grid."""
        return self.p[phase] < 0

    def gas(self):
        """The gas meter's register in litres (thousandths of a cubic metre)."""
        return self._gas // 1000

    def read(self, code):
        """The quantity C.D.E ("1.7.0", "52.7.0", "1.8.2") in thousandths of its unit."""
        c, d, e = (int(part) for part in code.split("."))
        if d == 8:
            return self._register(c, e) * 1000 // HOUR_MS
        phase = _PHASE.get(c // 20 * 20) if c > 20 else None
        kind = c % 20 if c > 20 else c
        if phase is None:
            return self._of_all(kind)
        volts, amperes = self._volts_and_amperes()
        if kind in (1, 2):
            return max(self.p[phase] * (1 if kind == 1 else -1), 0) * 1000
        if kind in (3, 4):
            return max(self.q[phase] * (1 if kind == 3 else -1), 0) * 1000
        if kind == 9:
            return round(self._apparent(phase)) * 1000
        if kind == 11:
            return amperes[phase]
        if kind == 12:
            return volts[phase]
        if kind == 13:
            return round(abs(self.p[phase]) * 1000 / max(self._apparent(phase), 1))
        raise KeyError(code)

    def _of_all(self, kind):
        if kind in (1, 2, 3, 4):
            return self._total(kind) * 1000
        apparent = math.hypot(sum(self.p), sum(self.q))
        if kind in (9, 10):
            exporting = sum(self.p) < 0
            return 0 if exporting == (kind == 9) else round(apparent) * 1000
        if kind == 13:
            return round(abs(sum(self.p)) * 1000 / max(apparent, 1))
        if kind == 14:
            return self._hertz
        raise KeyError(kind)

    def _register(self, c, tariff):
        if tariff:
            return self._energy[c, tariff]
        return sum(amount for (of, _), amount in self._energy.items() if of == c)
