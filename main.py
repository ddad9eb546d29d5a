# boot.py ran in this same namespace and says whether to start.
if start:  # noqa: F821
    try:
        from kwhisper import app
    except Exception as e:
        # A file is damaged: boot.py has counted this start, and takes the other slot in the end.
        sys.print_exception(e)  # noqa: F821
        machine.reset()  # noqa: F821

    app.main(settled, boot_note)  # noqa: F821
