"""The fault ``fill`` in a story: the disk of a folder is full from here to there."""

from fleet_stress.observe import bot_files


def fills(story, *, bit=True, enospc=True):
    """The disk of the state folder is full from now on; returns the fault's entry."""
    story.now += 0.5
    start = story._running["n"] if story._running else None
    fault = {"fault": "fill", "args": {}, "at": story.now, "start": start, "applied": True, "bit": bit}
    proof = {"folder": "state", "full": enospc, "enospc": enospc, "tried": {}, "tracked_before": seen(story)}
    fault |= {"lifted_at": None, "proof": proof}
    story.evidence["faults"].append(fault)
    return fault


def lifts(story, fault, *, tried=4):
    """Not any more; ``tried``: how often the bot tried to write meanwhile."""
    story.now += 0.5
    fault["lifted_at"] = story.now
    fault["proof"]["tracked_last"] = seen(story)
    fault["proof"]["tried"] = {"state/ledger.json.tmp": tried} if tried else {}


def seen(story):
    roles = {"status": ("cycles_total",), "ledger": ("orders",), "health": (), "notes": (), "cache": ()}
    found = {}
    for role, fields in roles.items():
        key = f"state/{story.bot['state'][role]['path']}"
        one = story._files.get(key)
        found[key] = one and {
            "identity": [one["inode"], one["mtime"], len(one["data"])],
            "size": len(one["data"]),
            "json": bot_files.json_verdict(one["data"]),
            "fields": bot_files.fields(one["data"], fields),
        }
    return found
