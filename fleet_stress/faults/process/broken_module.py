"""``broken_module``: a module that the bot imports is there and fails (rows 5.1 to 5.4).

A fake package comes first on PYTHONPATH for the next start or probe. It notes who imports it: a fake that
nobody imported has proved nothing, however well the bot ran.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet_stress.faults.process import fake_module
from fleet_stress.faults.protocol import Fault, Proof, Site, Unsupported, Where, nothing_to_undo
from fleet_stress.system import python_path

SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "Put a fake that fails before a module of the bot, for the next start or probe.",
    "additionalProperties": False,
    "required": ["kind"],
    "properties": {
        "kind": {
            "enum": list(fake_module.KINDS),
            "description": "How it fails: RuntimeError or ImportError at import; or any use of it.",
        },
        "module": {
            "type": "string",
            "pattern": fake_module.MODULE_PATTERN,
            "description": "A top-level module; by default the first one in the bot profile's modules.",
        },
    },
}

#: So many of those who met it are told, the newest.
_SHOWN = 50


def supported(where: Where, arguments: Mapping[str, Any]) -> Unsupported | None:
    """Everywhere, if there is a module to break."""
    if arguments.get("module") or where.bot.get("modules"):
        return None
    return Unsupported(
        "the bot profile names no module that the bot imports", "`modules:` in the bot profile"
    )


def apply(site: Site, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Put the fake in place, first on PYTHONPATH."""
    module = _module(site, arguments)
    fake_module.put(site.scratch, module, arguments["kind"], (site.user.uid, site.user.gid))
    python_path.put_first(site.environment, fake_module.search_path(site.scratch))
    return {"module": module}


def prove(site: Site, arguments: Mapping[str, Any], memory: Mapping[str, Any]) -> Proof:
    """It bit when somebody imported the fake; one that fails at first use must have been used as well."""
    module = memory["module"]
    met = fake_module.met(site.scratch, module)
    used = [one for one in met if one["what"] != "import"]
    details: dict[str, Any] = {
        "module": module,
        "imports": len(met) - len(used),
        "uses": len(used),
        "met": list({(one["pid"], one["what"]): one for one in met}.values())[-_SHOWN:],
    }
    bit = bool(used if arguments["kind"] == "fails_at_first_use" else met)
    if not bit:
        how = f"was imported and never used: {module}" if met else f"nobody imported {module}"
        details["why"] = f"{how} while its fake stood"
    return Proof(bit, details)


def revert(site: Site, arguments: Mapping[str, Any], memory: Mapping[str, Any]) -> Mapping[str, Any]:
    """Take the fake away, and our folder off PYTHONPATH."""
    python_path.take_out(site.environment, fake_module.search_path(site.scratch))
    fake_module.take_away(site.scratch, memory["module"])
    return {"fake": "gone"}


def _module(site: Site, arguments: Mapping[str, Any]) -> str:
    return str(arguments.get("module") or site.bot["modules"][0])


FAULT = Fault(
    name="broken_module",
    title="a module that the bot imports fails",
    stands=True,
    schema=SCHEMA,
    supported=supported,
    undo=nothing_to_undo,
    apply=apply,
    prove=prove,
    revert=revert,
)
