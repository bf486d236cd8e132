"""dscl(1) and dseditgroup(8) of the local node: users and groups with their properties.

``dscl . -create PATH [KEY VALUE]``, ``-read PATH [KEY]``, ``-list /Users|/Groups KEY``, ``-delete PATH``,
``-search``; the node may be ``.`` or ``/Local/Default``. ``dseditgroup -o create [-i GID] NAME``, ``-o delete NAME``.
What is written to the state under ``accounts`` (a folder) is mirrored there in ``passwd`` and ``group``, so that
getpwnam(3) of a Linux host that plays a Mac finds it.
"""

from pathlib import Path

from tests.doubles.state import Refused

#: What a fresh macOS has, as far as anybody here asks (dscl . -list /Users UniqueID prints so).
_USERS = {
    "root": {"UniqueID": "0"},
    "nobody": {"UniqueID": "-2"},
    "_spotlight": {"UniqueID": "89"},
    "me": {"UniqueID": "501"},
}
_GROUPS = {
    "wheel": {"PrimaryGroupID": "0"},
    "staff": {"PrimaryGroupID": "20"},
    "nogroup": {"PrimaryGroupID": "-1"},
}
_GROUPS["_oahd"] = {"PrimaryGroupID": "441"}
_KEYS = {"RealName", "NFSHomeDirectory", "UserShell", "UniqueID", "PrimaryGroupID", "IsHidden", "Password"}


def run(name, argv, mac):
    """One command; both change the same records."""
    records = mac.setdefault("directory", {"Users": {**_USERS}, "Groups": {**_GROUPS}, "made": []})
    out = _edit_group(records, argv) if name == "dseditgroup" else _dscl(records, argv)
    if mac.get("accounts"):
        _mirror(Path(mac["accounts"]), records)
    return out


def _dscl(records, argv):
    match argv:
        case ["." | "/Local/Default", "-create", path]:
            kind, who = _split(path)
            records[kind].setdefault(who, {})
            records["made"].append(f"{kind}/{who}")
        case ["." | "/Local/Default", "-create", path, key, value]:
            kind, who = _split(path)
            if key not in _KEYS:
                raise Refused(181, f"<main> attribute status: eDSInvalidAttributeType\n{key}")
            records[kind].setdefault(who, {})[key] = value
        case ["." | "/Local/Default", "-read", path, *key]:
            kind, who = _split(path)
            found = records[kind].get(who)
            if found is None:
                raise Refused(56, f"<dscl_cmd> DS Error: -14136 (eDSRecordNotFound)\n{path}")
            if key and key[0] not in found:
                return f"No such key: {key[0]}\n"
            # A value with a blank in it comes on a line of its own (dscl(1)).
            return "".join(
                f"{k}:\n {v}\n" if " " in v else f"{k}: {v}\n"
                for k, v in found.items()
                if k in key or not key
            )
        case ["." | "/Local/Default", "-list", path, key]:
            kind = path.strip("/")
            return "".join(
                f"{who:24}{item[key]}\n" for who, item in sorted(records[kind].items()) if key in item
            )
        case ["." | "/Local/Default", "-search", "/Groups", "GroupMembership", _]:
            return ""
        case ["." | "/Local/Default", "-delete", path]:
            kind, who = _split(path)
            if records[kind].pop(who, None) is None:
                raise Refused(56, "delete: Invalid Path\n<dscl_cmd> DS Error: -14009 (eDSUnknownNodeName)")
        case _:
            raise Refused(64, f"the double of dscl does not know: {' '.join(argv)}")
    return ""


def _edit_group(records, argv):
    words = [word for word in argv if word != "-L"]
    match words:
        case ["-o", "create", "-i", gid, who] if gid.lstrip("-").isdigit():
            taken = [
                group for group, about in records["Groups"].items() if about.get("PrimaryGroupID") == gid
            ]
            if taken:
                raise Refused(1, f"GID {gid} is {taken[0]}'s")
            records["Groups"][who] = {"PrimaryGroupID": gid, "RealName": who}
            records["made"].append(f"Groups/{who}")
        case ["-o", "delete", who]:
            if records["Groups"].pop(who, None) is None:
                raise Refused(64, "Group not found.")
        case _:
            raise Refused(64, f"the double of dseditgroup does not know: {' '.join(argv)}")
    return ""


def _split(path):
    parts = path.strip("/").split("/")
    if len(parts) != 2 or parts[0] not in ("Users", "Groups"):
        raise Refused(44, f"Invalid Path: {path}")
    return parts


def _mirror(folder, records):
    users, groups = folder / "passwd", folder / "group"
    made = [text.split("/") for text in records["made"]]
    for file, kind in ((users, "Users"), (groups, "Groups")):
        names = {who for where, who in made if where == kind}
        kept = [line for line in file.read_text().splitlines() if line.split(":")[0] not in names]
        kept += [_line(kind, who, records[kind][who]) for who in sorted(names & set(records[kind]))]
        file.write_text("\n".join([item for item in kept if item]) + "\n")


def _line(kind, who, about):
    if kind == "Groups":
        return f"{who}:x:{about['PrimaryGroupID']}:"
    if not {"UniqueID", "PrimaryGroupID"} <= set(about):  # not whole yet
        return ""
    words = (
        about.get("RealName", who),
        about.get("NFSHomeDirectory", "/var/empty"),
        about.get("UserShell", "/usr/bin/false"),
    )
    return ":".join((who, "x", about["UniqueID"], about["PrimaryGroupID"], *words))


def left(mac):
    """Users and groups that were made and are still there."""
    records = mac.get("directory", {"made": []})
    return [key for key in dict.fromkeys(records["made"]) if key.split("/")[1] in records[key.split("/")[0]]]
