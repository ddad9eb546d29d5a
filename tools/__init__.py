"""What runs on a PC: the ``kwhisper`` command, the simulated meters, the build."""
