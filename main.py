# boot.py ran in this same namespace and says whether to start.
if start:  # noqa: F821
    from kwhisper import app

    # The only place that holds it: called, it is to be forgotten.
    guard = [settled]  # noqa: F821
    del settled  # noqa: F821
    app.main(guard, boot_note)  # noqa: F821
