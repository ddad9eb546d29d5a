"""The subcommands of ``kwhisper``, one module each, and what only they use."""
