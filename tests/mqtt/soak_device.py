"""The device of the soak: frames come as hex lines on stdin, each answered with a line of JSON."""

import asyncio
import gc
import json
import os
import sys
from binascii import unhexlify

import parts

from meterwire import Decoder

PLAN = json.loads(os.getenv("KW"))


async def main():
    device = parts.Device(PLAN["settings"], Decoder(3072), PLAN["ledger"])
    status, ledger = device.status, device.ledger
    client = device.client
    client.second = 20
    asyncio.create_task(client.run(device.publisher))
    stdin = asyncio.StreamReader(sys.stdin.buffer)
    n = 0
    while True:
        line = await stdin.readline()
        if not line:
            return
        lists = device.feed(unhexlify(line.strip()))
        device.publisher.tick()
        n += 1
        last = ledger.last()
        answer = {
            "lists": lists,
            "sequence": last.sequence if last else 0,
            "pending": bool(ledger.pending()),
            "state": status.mqtt,
            "lost": ledger.lost,
        }
        if n % PLAN["every"] == 0:
            # What waits to be sent on a busy machine is no leak.
            for _ in range(40):
                if not client.connected or client.idle():
                    break
                await asyncio.sleep_ms(5)
            gc.collect()
            answer["memory"] = gc.mem_alloc()
        print(json.dumps(answer))
        await asyncio.sleep_ms(0)


asyncio.run(main())
