"""Home Assistant's configs of the account's values: entities.json, a few at a time."""

from ..formats import REGISTER
from ..formats.homeassistant import announced
from ..storage.table import rows

_TABLE = __file__.rpartition("/")[0] + "/entities.json"
_AT_A_TIME = const(3)
_EXPIRE = const(300)  # s


def messages(account, told, context):
    """Yield the next messages, of what is told by now. account.row: the next row, None: done."""
    left = _AT_A_TIME
    for n, entity in enumerate(rows(_TABLE)):
        if n < account.row or not left:
            continue
        account.row = n + 1
        name = entity.pop("of")
        if name not in told:
            continue
        left -= 1
        entity["stat_t"] = "~/energy/" + name
        if name[:6] == "price_":
            entity["unit_of_meas"] = account.currency + "/kWh"
        elif entity.get("dev_cla") == "monetary":
            entity["unit_of_meas"] = account.currency
        component = "binary_sensor" if name == "alarm" else "sensor"
        yield announced(entity, "energy_" + name, _EXPIRE, context, component) + (REGISTER,)
    if left:
        account.row = None
