"""Home Assistant's `update` entity: a look once a day at the address of the settings.

Imported only if there is one. Installing is the command <topic>/cmd/update.
"""

import asyncio

from .. import let_go
from . import Refused, slots
from .download import look, tell

_FIRST_S = const(90)
_EVERY_S = const(86400)
_STEP_S = const(5)


class Offer:
    """Looks, and tells what it found in every session with the broker."""

    def __init__(self, publisher):
        self.publisher = publisher
        self.found = None
        self.words = "not checked yet"

    async def run(self):
        """Until cancelled."""
        publisher = self.publisher
        client = publisher.client
        told = False
        due = _FIRST_S
        while True:
            if client.connected and not told:
                await self._tell()
            told = client.connected
            uptime = publisher.status.uptime()
            if uptime >= due and told:
                due = uptime + _EVERY_S
                await self._look()
                told = False
            await asyncio.sleep(_STEP_S)

    async def _look(self):
        self.found = None
        try:
            about = await look(self.publisher.settings["update_url"])
            if about["mpy"] != slots.loads():
                self.words = "the update there is for another chip: " + about["arch"]
            else:
                self.found = about["version"]
                self.words = "checked " + self.publisher.settings["update_url"]
        except (Refused, OSError, ValueError, KeyError) as e:
            self.words = str(e)

    async def _tell(self):
        publisher = self.publisher
        if publisher.discovery:
            from ..formats.homeassistant import announced

            entity = {
                "name": "Firmware",
                "dev_cla": "firmware",
                "ent_cat": "config",
                "stat_t": "~/update",
                "cmd_t": publisher.commands.decode() + "/update",
                "payload_install": "install",
            }
            topic, config = announced(entity, "update", 0, publisher.context, "update")
            del announced
            let_go("kwhisper.formats.homeassistant")
            let_go("kwhisper.formats.labels")
            client = publisher.client
            while client.connected and not client.publish(topic, config, True, 0, True):
                await asyncio.sleep(1)
        tell(publisher, self.words, self.found)
