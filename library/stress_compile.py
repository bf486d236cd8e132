"""Documents the action plugin ``stress_compile``, which does everything on the controller."""

DOCUMENTATION = r"""
module: stress_compile
short_description: Check what was asked for and begin a run
version_added: "0.1.0"
description:
  - Checks scenarios, bot profile, profile and the bot's source on the controller, before any host is touched.
    All problems are reported together, with file, line, key and the nearest valid word. The whole catalogue is
    checked, also scenarios that were not chosen.
  - Then begins a run, or continues the run that the same command began before, if its controller died. Refuses while
    that controller is alive.
  - Needs no connection. Use it with C(run_once).
options:
  allow_commands:
    description: Whether scenarios may run commands of their own on the hosts.
    type: bool
    default: false
  explain_memory:
    description: Whether a Python bot that is sampled tells which of its lines hold more and more memory.
    type: bool
    default: false
  point:
    description: The only point that a scenario's step C(visit) goes to, by its name; empty for all.
    type: str
  power_cut:
    description: V(enforce) makes scenarios count that are advice by themselves, because they go beyond the plan.
    type: str
    choices: [advise, enforce]
    default: advise
  begin:
    description: Whether to begin a run. False checks only, and changes nothing.
    type: bool
    default: true
  bot:
    description: Name of a bot profile in C(bots/), or a path to one.
    type: str
    default: reference
  bot_source:
    description:
      - Where the bot's code is. A folder on the controller (relative to where the command was typed),
        V(host:/folder) on each host, or a git address. Empty takes the source that the profile names.
    type: str
    default: ""
  bot_ref:
    description: Branch, tag or commit of a git address.
    type: str
    default: HEAD
  resume:
    description: Whether to continue a run that the same command began before. False begins a new one.
    type: bool
    default: true
  wait:
    description: Checked here, and used by M(stress_plan).
    type: str
    default: ""
  profile:
    description: The intensity, a profile in C(profiles/).
    type: str
    default: smoke
  scenarios:
    description:
      - Which scenarios, as a list or separated by commas. Names, V(row:1.3) for a row and all of its letters,
        V(all), V(failed) for what did not pass when each host last ran it, and any of these with V(-) before it to
        leave it out. V(1.3) is V(row:1.3).
      - The baseline always comes first.
    type: raw
    default: all
  stress_dir:
    description: The stress folder of the hosts; part of what makes two commands the same.
    type: str
    default: ""
  results_dir:
    description: Folder on the controller that holds the results of all runs; C(results/) by default.
    type: path
  earlier:
    description: The run that the report will be compared with, as M(stress_report) takes it. Only looked at here.
    type: str
    default: ""
  host_lock:
    description: The locked requirements of the engine on hosts; C(requirements/host.lock) by default.
    type: path
attributes:
  check_mode: {description: Checks everything and begins no run.}
  diff_mode: {description: There is no before and after to compare.}
extends_documentation_fragment: [stress.controller]
"""

EXAMPLES = r"""
- name: Check what was asked for and begin the run
  stress_compile:
    bot: market_strategy_bot
    bot_source: /srv/bot
    profile: standard
    scenarios: sigkill_restart,row:1.3
  run_once: true
"""

RETURN = r"""
run_id:
  description: Id of the run; empty when none was begun.
  type: str
  returned: success
  sample: 20261124-141200-ab12cd
attached:
  description: Whether it is an earlier run of the same command that goes on.
  type: bool
  returned: success
  sample: false
source:
  description:
    - Where the bot is taken from. RV(source.kind) is V(controller) or V(host), with C(path), or V(git), with
      C(url) and C(ref).
  type: dict
  returned: success
  sample: {"kind": "controller", "path": "/srv/bot", "source": "/srv/bot"}
bot:
  description: The bot profile with all defaults, durations in seconds.
  type: dict
  returned: success
  sample: {"name": "reference", "argv": ["${python}", "main.py"]}
own_files:
  description: Paths of the bot's state and log files and their backups, as its profile writes them.
  type: list
  elements: str
  returned: success
  sample: ["${state_dir}/ledger.json"]
commands:
  description: The command lines of the bot (C(argv)) and of its companions, by name.
  type: dict
  returned: success
  sample: {"argv": ["${python}", "main.py"]}
folder_variables:
  description: Names of the environment variables that tell the bot its state and log folders.
  type: list
  elements: str
  returned: success
  sample: [STATE_DIR, LOG_DIR]
scenarios:
  description: Names of the scenarios in the order of the catalogue, the baseline first.
  type: list
  elements: str
  returned: success
  sample: [baseline, sigkill_restart]
last_failed:
  description: What V(failed) means, names of scenarios by host; null where it was not asked for.
  type: dict
  returned: success
  sample: {"lab01": ["sigterm"]}
engine:
  description: Changes when what hosts are given of the engine does.
  type: str
  returned: success
  sample: 0f3a5b7c9d1e
"""
