"""How the tests start Chromium: `**chromium.started(program)` for Playwright's launch()."""

# Playwright's own list of what is switched off (a second one replaces it) and, last, the popups of
# the address bar: in each new window a process of theirs took a third of all the processor's time.
_OFF = """AvoidUnnecessaryBeforeUnloadCheckSync DestroyProfileOnBrowserClose HttpsUpgrades
HttpsFirstBalancedModeAutoEnable LensOverlay MediaRouter PaintHolding ThirdPartyStoragePartitioning
AvoidCorsURLLoaderRestartOnRedirect TcpPortRandomizationWin OptimizationHints
NetworkTimeServiceQuerying AimEnabled PreconnectToSearch
WebUIOmniboxPopup WebUIOmniboxAimPopup""".split()


def started(program, *more):
    """Arguments of launch()."""
    off = "--disable-features=" + ",".join(_OFF)
    return {"executable_path": program, "args": ["--no-sandbox", off, *more]}
