"""What is done with a list, and what may be told of its meter."""


def take(r, device, publisher, clock, lamp):
    """Hand a list to whoever wants it."""
    try:
        tell(r, publisher)
    finally:
        learn(r, device, clock, lamp)


def tell(r, publisher):
    """Hand it to the publisher."""
    try:
        publisher.on_reading(r)
    finally:
        publisher.rest()


def learn(r, device, clock, lamp):
    """Hand it to all others."""
    lamp.seen += 1
    try:
        clock.learn(r)
    finally:
        if device.live:
            device.live.follow(r)


def meter_type(text, number, settings):
    """The meter's type as it may be told: some name their number in it."""
    if text and number and not settings["publish_meter_id"]:
        text = text.replace(number, "").strip()
    return text
