"""The page after a change of the settings: what happens next."""

from .text import HEAD, attribute

_SAVED = """<section class=card><p class=lead>kWhisper restarts now"""
_ADDRESS = """ <a href=http://%s/>http://%s/</a>,"""
_ELSE = """ or look for <b>%s</b> in the device list of your router.<li>"""
_LAST = """</ol></section></main></body></html>"""
_JOINS = """This setup network goes away. Join your phone to <b>%s</b> again."""
_OPEN = """<li>After half a minute, open"""
_BROKER = """Values appear on the broker <b>%s</b> below <b>%s/</b>."""
_RETURNS = """<li>If it cannot join, the setup network comes back in a minute or two, says why, \
and all you typed is still there."""


def page(settings, setup):
    """Iterates what happens next, with the address to find the device at."""
    name = settings["host_name"]
    network = attribute(settings["wifi_ssid"])
    yield HEAD % ("", "Saved" if setup else "Restarting")
    # In small pieces: the memory of a small chip is at its lowest here.
    yield _SAVED
    if setup:
        yield " and joins <b>%s</b>.</p><ol><li>" % network
        yield _JOINS % network
        yield _OPEN
    else:
        yield ".</p><ol id=back><li>In half a minute it is back at"
    for address in (name + ".local", name):
        yield _ADDRESS % (address, address)
    yield _ELSE % name
    if settings["mqtt_host"]:
        yield _BROKER % (settings["mqtt_host"], attribute(settings["mqtt_topic"]))
    else:
        yield "No broker is set: the values are on its own page only."
    if setup:
        yield _RETURNS
    yield _LAST
