"""Documents the action plugin ``stress_pack``, which does everything on the controller."""

DOCUMENTATION = r"""
module: stress_pack
short_description: Pack a bot's folder, or a commit of its git repository
version_added: "0.1.0"
description:
  - Makes the archive that every host gets, in a cache on the controller; one that is there already is used again.
  - What may be a secret (C(.env), keys) and what the bot's profile leaves out is not packed.
  - What is wrong with the bot is told in RV(problem), and does not fail the task.
options:
  source:
    description:
      - A folder on the controller, or the address of a git repository. An address may contain a password; use
        C(no_log) then.
    type: str
    required: true
  ref: {description: Branch, tag or commit of the repository., type: str, default: HEAD}
  cache: {description: Folder of the cache., type: path, required: true}
  max_mb: {description: The most that may be packed, in MiB., type: float, required: true}
  leave_out: {description: Patterns of what is not packed., type: list, elements: str, default: []}
  own_files: {description: The bot's own files, which it makes anew., type: list, elements: str, default: []}
  requirements: {description: Requirement files that have to be there., type: list, elements: str, default: []}
  commands:
    description: "What the profile starts, by name: its programs have to be there."
    type: dict
    required: true
  look_only: {description: "Pack nothing, and fetch nothing.", type: bool, default: false}
attributes:
  check_mode: {description: "Fills the cache, and changes nothing else."}
extends_documentation_fragment: [stress.controller]
"""

EXAMPLES = r"""
- name: Pack the bot
  stress_pack:
    source: /srv/bot
    cache: "{{ stress_cache_dir }}"
    max_mb: 50
    commands: {argv: ["${python}", main.py]}
  register: stress_packed
"""

RETURN = r"""
problem:
  description: Why it could not be packed, and what to do; empty where it could.
  returned: always
  type: str
  sample: ""
archive:
  description: Path of the archive on the controller; empty where nothing was packed.
  returned: when it could be packed, or looked at
  type: str
  sample: .cache/bots/0f3a5b7c9d1e.tar.gz
content:
  description: Digest of what is packed.
  returned: when it could be packed, or looked at
  type: str
  sample: 0f3a5b7c9d1e
commit:
  description: The commit of the repository; empty for a folder.
  returned: when it could be packed, or looked at
  type: str
  sample: ""
files:
  description: How many files are packed.
  returned: when it could be packed, or looked at
  type: int
  sample: 12
left_out:
  description: What was not packed.
  returned: when it could be packed, or looked at
  type: list
  elements: str
  sample: [.env]
"""
