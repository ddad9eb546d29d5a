# boot.py ran in this same namespace and says whether to start.
if start:  # noqa: F821
    from kwhisper import app

    # Taken out for its one call, so that boot.py's functions can then be let go.
    guard = [settled]  # noqa: F821
    del settled  # noqa: F821
    app.main(guard, boot_note)  # noqa: F821
