"""A Python-level stand-in for the faulty file system, for bots on hosts without FUSE: it runs in the bot's processes.

The same rules (``../rules.py``), effects and record as there, between the bot's calls and the disk: ``calls.py`` (with
``names.py`` and ``data.py``) stands for functions of ``os``, ``streams.py`` for ``open`` and what it opens, so that
buffers and text above it are Python's own; ``watched.py`` finds the folder that a call is about, and ``shared.py`` lets
all processes of the bot count together. ``notices.py`` sees some of what goes past it. ``sitecustomize.py`` begins it,
in every Python that inherits the bot's PYTHONPATH. ``../standing_in.py`` is all that as its arena sees it.

It is copied to a folder of its own, with nothing else of the engine, and has to run in the bot's Python: 3.8 or newer,
the standard library alone. No rule can hang an arena here: a bot waits in its own process, and SIGKILL ends it.
"""
