# boot.py ran in this same namespace and says whether to start, and how.
if start:  # noqa: F821
    try:
        try:
            from esp8266.main import main
        except ImportError:  # an ESP32, which has the whole application
            from kwhisper.app import main
    except Exception as e:
        # A file is damaged: boot.py has counted this start, and takes the other slot in the end.
        sys.print_exception(e)  # noqa: F821
        machine.reset()  # noqa: F821

    if safe:  # noqa: F821
        try:
            main(settled, boot_note, True)  # noqa: F821
        except TypeError:
            pass  # an older version has no such set-up
    main(settled, boot_note)  # noqa: F821
