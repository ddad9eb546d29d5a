"""Filesystem images of a tree of files: ROMFS, executed in place, and littlefs."""

# The official images of the ESP32 family give the filesystem the flash from here on.
LITTLEFS_OFFSET = 0x200000
BLOCK = 4096
_BLOCKS = 0x200000 // BLOCK  # with 4 MiB of flash
# Chips with an older MicroPython read 2.0 only; a newer one moves it up by itself.
_DISK_VERSION = 0x00020000


def romfs(files: dict[str, bytes]) -> bytes:
    """A ROMFS image of {path: data}."""
    from mpremote.romfs import VfsRomWriter

    writer = VfsRomWriter()

    def write(folder: dict) -> None:
        for name, entry in sorted(folder.items()):
            if isinstance(entry, bytes):
                writer.mkfile(name, entry)
            else:
                writer.opendir(name)
                write(entry)
                writer.closedir()

    root: dict = {}
    for path, data in files.items():
        *folders, name = path.split("/")
        place = root
        for folder in folders:
            place = place.setdefault(folder, {})
        place[name] = data
    write(root)
    return writer.finalise()


def littlefs(files: dict[str, bytes], blocks: int = _BLOCKS) -> bytes:
    """A littlefs image of {path: data}, as MicroPython makes it for the ESP32 family in so many
    blocks (another number does not mount), without the erased flash behind its last used one."""
    from littlefs import LittleFS

    disk = LittleFS(
        block_size=BLOCK,
        block_count=blocks,
        read_size=32,
        prog_size=32,
        cache_size=128,
        lookahead_size=32,
        disk_version=_DISK_VERSION,
    )
    for path, data in sorted(files.items()):
        folder, _, _ = path.rpartition("/")
        if folder:
            disk.makedirs(folder, exist_ok=True)
        with disk.open(path, "wb") as file:
            file.write(data)
    image = bytes(disk.context.buffer).rstrip(b"\xff")
    return image.ljust(-(-len(image) // BLOCK) * BLOCK, b"\xff")
