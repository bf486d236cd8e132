"""The disk that lies: a passthrough file system (FUSE) that sees each operation of a bot, and may answer it badly.

The file system is Linux's alone; ``shipped/python_shim/`` (with ``shim.py``, its arena's side) does in the
process of a bot that runs on Python what can be done there, by the same rules and with the same record.

``shipped/rules.py`` says what is done to which operation, ``effects.py`` does it, ``record.py`` writes down what was
done; ``server/`` is the file system (libfuse3 by way of mfusepy), a process of its own; ``mount.py`` is that process as
its arena sees it; ``power_cut/`` is what it forgets. Imports observe.bot_files, system and store.

The engine itself never looks through it: it reads the folder that lies below, by a descriptor from before it was
mounted. So a delay, an error or a freeze never meets the engine, which sees the same files all the same, because
what passes through is on them at once: nothing is kept back here.

Files are found by what they are (device and inode), not by their names, as libfuse's high-level interface does: that
one moves an open file aside before another is renamed over it, and for a moment there would be none, which is just
what a bot that renames relies on never to see.
"""
