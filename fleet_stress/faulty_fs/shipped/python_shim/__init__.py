"""The Python shim: the faulty file system's rules inside a Python bot, on hosts without FUSE.

The same rules (``../rules.py``), effects and record, between the bot's calls and the disk. ``calls.py`` (with
``names.py`` and ``data.py``) replaces functions of ``os``; ``streams.py`` replaces ``open`` and the raw file below
Python's own buffers and text; ``watched.py`` finds the folder that a call is about; ``shared.py`` lets all processes
of the bot count together; ``notices.py`` records some of what bypasses it. ``sitecustomize.py`` starts it in every
Python that inherits the bot's PYTHONPATH. ``faulty_fs/shim.py`` is its arena's side.

It runs in the bot's own Python: 3.8 or newer, the standard library alone. No rule can hang an arena here: a bot waits
in its own process, and SIGKILL ends it.
"""
