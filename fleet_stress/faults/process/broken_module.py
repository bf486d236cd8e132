"""``broken_module``: a module that the bot imports is there and fails (rows 5.1 to 5.4).

A fake package comes first on PYTHONPATH for the next start or probe. It notes who imports it: a fake that
nobody imported has proved nothing, however well the bot ran.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet_stress.faults.process import fake_module
from fleet_stress.faults.protocol import Fault, Proof, Unsupported
from fleet_stress.faults.site import Where
from fleet_stress.system import python_path

#: So many imports and uses are in the evidence, the newest.
_SHOWN = 50


class BrokenModule(Fault):
    name = "broken_module"
    title = "a module that the bot imports fails"
    schema = {
        "type": "object",
        "description": "Replace a module of the bot by a fake that fails, for the next start or probe.",
        "additionalProperties": False,
        "required": ["kind"],
        "properties": {
            "kind": {
                "enum": list(fake_module.KINDS),
                "description": "How it fails: RuntimeError or ImportError at import; or at its first use.",
            },
            "module": {
                "type": "string",
                "pattern": fake_module.MODULE_PATTERN,
                "description": "A top-level module; by default the first one in modules of the bot profile.",
            },
        },
    }

    @classmethod
    def supported(cls, where: Where, arguments: Mapping[str, Any]) -> Unsupported | None:
        """Everywhere, if there is a module to break."""
        if arguments.get("module") or where.bot.get("modules"):
            return None
        return Unsupported(
            "the bot profile names no module that the bot imports", "`modules:` in the bot profile"
        )

    def apply(self) -> None:
        """Put the fake in place, first on PYTHONPATH."""
        module = str(self.arguments.get("module") or self.site.bot["modules"][0])
        fake_module.put(
            self.site.scratch, module, self.arguments["kind"], (self.site.user.uid, self.site.user.gid)
        )
        python_path.put_first(self.site.next_start.environment, fake_module.search_path(self.site.scratch))
        self._module = module

    def prove(self) -> Proof:
        """It took effect when somebody imported the fake; one that fails at first use must have been used as well."""
        module = self._module
        seen = fake_module.met(self.site.scratch, module)
        used = [entry for entry in seen if entry["what"] != "import"]
        details: dict[str, Any] = {
            "module": module,
            "imports": len(seen) - len(used),
            "uses": len(used),
            "met": list({(entry["pid"], entry["what"]): entry for entry in seen}.values())[-_SHOWN:],
        }
        took_effect = bool(used if self.arguments["kind"] == "fails_at_first_use" else seen)
        if not took_effect:
            how = f"was imported and never used: {module}" if seen else f"nobody imported {module}"
            details["why"] = f"{how} while its fake stood"
        return Proof(took_effect, details)

    def revert(self) -> Mapping[str, Any]:
        """Take the fake away, and our folder off PYTHONPATH."""
        python_path.take_out(self.site.next_start.environment, fake_module.search_path(self.site.scratch))
        fake_module.take_away(self.site.scratch, self._module)
        return {"fake": "gone"}
