"""An MQTT broker within this process: amqtt, with what it does wrong put right."""

import asyncio
import contextlib
import logging
import threading

from amqtt.broker import Broker

from . import free_port

_START_S = 20
_END_S = 5


class _Broker(Broker):
    """amqtt 0.12.1 sends each client that connects what is retained for the subscriptions of all
    others: it got what it never asked for, some of it twice. One that only publishes at QoS 0 is
    gone meanwhile, and what it said was lost."""

    async def _publish_retained_messages_for_subscription(self, subscription, session):
        holders = self.subscriptions.get(subscription[0], ())
        if any(holder.client_id == session.client_id for holder, _ in holders):
            await super()._publish_retained_messages_for_subscription(subscription, session)


class EmbeddedBroker:
    """A broker on a free port of this machine, in a thread of its own."""

    def __init__(self):
        self.port = free_port()
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._error = None
        self._thread = threading.Thread(target=self._run, name="broker", daemon=True)
        self._thread.start()
        if not self._ready.wait(_START_S) or self._error:
            raise RuntimeError(f"the embedded broker did not start: {self._error}")

    def _run(self):
        asyncio.set_event_loop(self._loop)
        try:
            self._broker = self._loop.run_until_complete(self._begin())
        except Exception as error:
            self._error = error
            self._ready.set()
            return
        self._ready.set()
        self._loop.run_forever()

    async def _begin(self):
        for name in ("amqtt", "transitions"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        broker = _Broker(
            {
                "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{self.port}"}},
                "plugins": {
                    "amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}
                },
            }
        )
        await broker.start()
        return broker

    def close(self):
        """Stop it; waits a few seconds at most."""
        with contextlib.suppress(Exception):
            done = asyncio.run_coroutine_threadsafe(self._broker.shutdown(), self._loop)
            done.result(_END_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_END_S)
