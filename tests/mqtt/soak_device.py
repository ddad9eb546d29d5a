"""The device of the soak: frames come as hex lines on stdin, each answered with a line of JSON."""

import asyncio
import gc
import json
import os
import sys
from binascii import unhexlify

from kwhisper.board import pick
from kwhisper.broker import Broker
from kwhisper.ledger import Ledger
from kwhisper.publish import Publisher
from kwhisper.settings import Settings
from kwhisper.status import Status
from meterwire import Decoder

PLAN = json.loads(os.getenv("KW"))


async def main():
    settings = Settings("/nowhere")
    assert not settings.change(PLAN["settings"])
    status = Status()
    status.ip = "127.0.0.1"
    board = pick("host")
    decoder = Decoder(board.frame)
    broker = Broker(settings, status, board)
    broker.second = 20
    ledger = Ledger(settings, PLAN["ledger"])
    publisher = Publisher(settings, status, broker, ledger, decoder)
    asyncio.create_task(broker.run())
    stdin = asyncio.StreamReader(sys.stdin.buffer)
    n = 0
    while True:
        line = await stdin.readline()
        if not line:
            return
        lists = 0
        decoder.feed(unhexlify(line.strip()))
        while True:
            r = decoder.read()
            if r is None:
                break
            lists += 1
            publisher.on_reading(r)
        publisher.tick()
        n += 1
        if n % PLAN["every"] == 0:
            # Kept for a minute of its own clock, an hour of this meter's: not to be measured.
            publisher.newest._kept.clear()
            gc.collect()
        last = ledger.last()
        answer = {
            "lists": lists,
            "sequence": last.sequence if last else 0,
            "pending": bool(ledger.pending()),
            "state": status.mqtt,
            "lost": ledger.lost,
        }
        if n % PLAN["every"] == 0:
            answer["memory"] = gc.mem_alloc()
        print(json.dumps(answer))
        await asyncio.sleep_ms(0)


asyncio.run(main())
