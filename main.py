# boot.py ran in this same namespace and says whether to start.
if start:  # noqa: F821
    from kwhisper import app

    app.main(settled, boot_note)  # noqa: F821
