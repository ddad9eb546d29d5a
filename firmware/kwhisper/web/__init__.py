"""The device's pages and JSON over HTTP: setup_server.py and run_server.py, each for its mode."""
