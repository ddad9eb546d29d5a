"""The far end of the fleet: subscribes to all of it and counts, in a process of its own.

    python -m kwhisper_tools.bench.listener HOST PORT TREE

Says `ready` once subscribed. When its input closes it prints a JSON object: messages, bytes and
how long each burst took from the device's first byte to its arrival here (probes, see fleet.py).
"""

import json
import sys
import threading
import time

PROBE = "bench"


def main() -> None:
    """Listen until the input closes."""
    import paho.mqtt.client as mqtt

    host, port, tree = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    counts = [0, 0]
    delays: list[int] = []
    probe = "/" + PROBE

    def heard(_client, _data, message):
        if message.retain:
            return  # from before: nothing that is sent while we listen comes so marked
        topic = message.topic
        if topic.endswith(probe):
            delays.append(time.monotonic_ns() - int(message.payload))
        else:
            counts[0] += 1
            counts[1] += len(topic) + len(message.payload)

    ready = threading.Event()
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, "kwhisper-fleet-listener")
    client.on_connect = lambda c, *_: c.subscribe(tree + "/#")
    client.on_subscribe = lambda *_: ready.set()
    client.on_message = heard
    client.connect(host, port)
    client.loop_start()
    if not ready.wait(10):
        raise SystemExit("the broker does not answer")
    print("ready", flush=True)
    sys.stdin.read()
    client.loop_stop()
    used = time.process_time()
    print(json.dumps({"messages": counts[0], "bytes": counts[1], "delays": delays, "cpu": used}))


if __name__ == "__main__":
    main()
