"""A passthrough file system (FUSE) that sees each operation of a bot and fails, delays or kills by rules.

The file system is for Linux only. ``shipped/python_shim/`` (``shim.py`` is its arena's side) does what can be done in
the processes of a Python bot, by the same rules and with the same record.

``shipped/rules.py`` says what happens to which operation, ``effects.py`` does it, ``record.py`` records it;
``server/`` is the file system (libfuse3 through mfusepy), a process of its own; ``mount.py`` is its arena's side;
``power_cut/`` is what a power cut loses. Imports observe.bot_files, system and store.

The engine never looks through it: it reads the folder below by a descriptor from before the mount. So a delay, an
error or a freeze never affects the engine, which still sees the same files: what passes through is on them at once.

Files are identified by device and inode, not by name as in libfuse's high-level interface: that one moves an open file
aside before another is renamed over it, so for a moment there is none, which a bot that renames must never see.
"""
