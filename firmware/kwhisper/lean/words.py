"""All the names of run mode, so that they get their room before anything else does."""


def names():
    """Make the names known that modules bring into memory when they are loaded.

    The tables that names lie in grow by kilobytes at once, and where a name comes to lie it stays:
    so they had better lie with all else that stays, not between what is borrowed and let go.
    A build for a small chip adds a function that has them (tools/tree.py): it need not run.
    """
    files = b""  # there it puts the paths of the modules, which become names as well
    at = 0
    while at < len(files):
        end = files.find(b"\n", at)
        hasattr(files, str(memoryview(files)[at:end], "utf-8"))
        at = end + 1
