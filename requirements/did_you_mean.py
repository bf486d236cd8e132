"""Says of a word that `make` was given and does not know which of its own was meant. Runs before any environment.

did_you_mean.py KIND WORD KNOWN...
"""

import difflib
import sys

WHY = {"variable": "make would ignore it", "target": "make has no such rule"}

kind, word, *known = sys.argv[1:]
near = difflib.get_close_matches(word.upper(), [name.upper() for name in known], n=1, cutoff=0.7)
meant = next((name for name in known if name.upper() in near), None)
shown = f"{meant}=" if meant and kind == "variable" else f"make {meant}"
sys.stderr.write(
    f"unknown {kind} `{word}`\n"
    "   where: make\n"
    f"   why:   {WHY[kind]}\n"
    f"   do:    {f'did you mean {shown}?' if meant else 'make help lists what there is'}\n"
)
sys.exit(2)
