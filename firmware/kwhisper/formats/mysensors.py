"""MySensors 2.x over MQTT, as a gateway: mygateway1-out/<node>/<child>/<command>/<ack>/<type>.

child 1          import: power, energy, reactive power      S_POWER
child 2          export: the same                           S_POWER
child 11 12 13   phase 1, 2, 3: voltage, current            S_MULTIMETER
"""

from . import Format, fields

_BASE = b"mygateway1-out/1/"
_S_POWER = const(13)
_S_MULTIMETER = const(30)
_S_ARDUINO_NODE = const(17)
_I_SKETCH_NAME = const(11)
_I_SKETCH_VERSION = const(12)
_V_WATT = const(17)
_V_KWH = const(18)
_V_VOLTAGE = const(38)
_V_CURRENT = const(39)
_V_VAR = const(54)

# value -> (child, type, powers of ten that MySensors' unit differs from ours)
_VALUES = {
    "active_power_import": (1, _V_WATT, 0),
    "active_energy_import": (1, _V_KWH, -3),
    "reactive_power_import": (1, _V_VAR, 0),
    "active_power_export": (2, _V_WATT, 0),
    "active_energy_export": (2, _V_KWH, -3),
    "reactive_power_export": (2, _V_VAR, 0),
    "voltage_l1": (11, _V_VOLTAGE, 0),
    "voltage_l2": (12, _V_VOLTAGE, 0),
    "voltage_l3": (13, _V_VOLTAGE, 0),
    "current_l1": (11, _V_CURRENT, 0),
    "current_l2": (12, _V_CURRENT, 0),
    "current_l3": (13, _V_CURRENT, 0),
}
_CHILDREN = {1: b"Import", 2: b"Export", 11: b"Phase 1", 12: b"Phase 2", 13: b"Phase 3"}


class MySensors(Format):
    """A child is presented before its first value: controllers subscribe to it only then."""

    # kept: the children that were presented

    def connected(self):
        """Present the node; its children follow with their first values."""
        self.kept.clear()
        self._say(255, 0, _S_ARDUINO_NODE, b"2.3.2")
        self._say(255, 3, _I_SKETCH_NAME, b"kWhisper")
        self._say(255, 3, _I_SKETCH_VERSION, (self.pub.status.version or "0").encode())

    def reading(self, r):
        """A set message for each value MySensors has a type for."""
        for i in range(len(r)):
            row = None if r.entry(i) else _VALUES.get(fields.name(r, i).decode())
            if row:
                child, kind, shift = row
                if child not in self.kept:
                    sensor = _S_POWER if child < 10 else _S_MULTIMETER
                    self._say(child, 0, sensor, _CHILDREN[child])
                    self.kept[child] = True
                text = self.pub.text.clear().number(r.value(i), r.exponent(i) + shift)
                self._say(child, 1, kind, text.view())

    def _say(self, child, command, kind, payload):
        topic = b"%s%d/%d/0/%d" % (_BASE, child, command, kind)
        self.pub.send_to(topic, payload)
