"""What is done with a list. A small chip loads all this needs for it, and lets it go."""


def take(r, device, decoder, publisher, clock, lamp):
    """Hand a list to whoever wants it. r: as decoder.read() gave it."""
    if r is True:
        r = decoder.look()
    try:
        publisher.on_reading(r)
    finally:
        clock.learn(r)
        if device.live:
            device.live.follow(r)
        publisher.rest()
        lamp.seen += 1
