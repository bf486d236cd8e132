"""From a watched start to a profile: what its files, its output and its exits were like is in it."""

import json

import pytest
import yaml
from fleet_controller.catalogue.bots import load_bot
from fleet_controller.catalogue.project import Project
from fleet_controller.drafting.bot_folder import BotFolder
from fleet_controller.drafting.commented_yaml import text_of
from fleet_controller.drafting.draft import Draft
from fleet_controller.drafting.guesses import guess
from fleet_controller.drafting.seen import look
from fleet_controller.drafting.watched import Watched

SOURCE = (
    'STATE = os.environ["STATE_DIR"]; every = os.environ.get("EVERY", 5); n = os.environ.get("CYCLES") or 0'
)
WALL = 1_790_000_000.0
#: Cycles of each start, and how many seconds one takes.
CYCLES, PACE = (12, 6, 3), 0.5


class Bot:
    """What three starts of a bot leave in evidence; ``files`` say what is in each of its files after a cycle."""

    def __init__(self, folder, files, printed="", exits=((0, None), (0, None), (0, None)), **more):
        self.folder, self.files, self.total, self.at = folder, files, 0, 1.0
        self.document = {
            **{
                "starts": [],
                "snapshots": {},
                "outside": [],
                "network": {"looked_elsewhere": {}},
                "samples": [],
            },
            **more,
        }
        for number, (cycles, (code, signal)) in enumerate(zip(CYCLES, exits, strict=True), 1):
            self.start(number, cycles, printed, code, signal)
        (folder / "evidence.json").write_text(json.dumps(self.document))

    def start(self, number, cycles, printed, code, signal):
        sent = ["TERM", "INT"][number - 1 : number]
        began = self.at
        for here in range(1, cycles + 1):
            self.at += PACE
            self.total += 1
            self.snapshot(f"look-{number}{here:03d}" if number < 3 else None, here)
        self.snapshot(f"{number:02d}-after", cycles)
        out = f"start-{number:02d}.out"
        (self.folder / out).write_text("".join(printed % n for n in range(cycles)) if printed else "")
        self.document["starts"].append(
            {
                **{"n": number, "at": began, "wall": WALL + began, "stdout": out, "stderr": "none"},
                "settings": {"scan_interval": PACE, **({"max_cycles": 3} if number == 3 else {})},
                "signals": [{"signal": name} for name in sent],
                "exit": {
                    **{"code": code, "signal": signal, "at": self.at, "after_signal": 0.1 if sent else None},
                    "by": "signal" if sent else "itself",
                },
            }
        )
        self.at += 1

    def snapshot(self, name, here):
        if name is None:
            return
        seen = {}
        for key, text in self.files.items():
            data = text(here, self.total, WALL + self.at)
            if data is None:
                continue
            path = self.folder / "snapshots" / name / key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(data)
            seen[key] = {"mtime": WALL + self.at, "size": len(data), "sha256": str(hash(data))}
        self.document["snapshots"][f"snapshots/{name}"] = {"at": self.at, "files": seen}


@pytest.fixture
def drafted(tmp_path):
    def draft(files, source=SOURCE, **more):
        Bot(tmp_path, files, **more)
        folder = BotFolder(tmp_path, ["bot.py"], {"bot.py": source})
        watched = Watched(tmp_path)
        found = Draft(guess(folder, "mine"), watched, look(watched))
        path = tmp_path / "mine.yml"
        path.write_text(text_of(found.entries, ["Drafted."]))
        load_bot(Project(), str(path))
        assert yaml.safe_load(path.read_text()) == found.value
        return found

    return draft


def state(here, total, now):
    return json.dumps({"here": here, "orders": total, "cash": 1000 + here % 5, "at": now, "mode": "paper"})


def test_a_bot_that_counts_its_cycles_in_a_file(drafted):
    value = drafted({"state/state.json": state}).value
    assert value["cycle"] == {"file": "state", "field": "here"}
    assert value["settings"] == {
        "scan_interval": {"variable": "EVERY", "minimum": 0.1},
        "max_cycles": {"variable": "CYCLES", "type": "integer"},
    }
    assert value["state"] == {"state": {"path": "state.json", "rewritten": "cycle", "never_back": ["orders"]}}
    assert value["timestamp"] == {"file": "state", "field": "at"}


def test_a_draft_says_whether_it_counts_cycles(drafted):
    assert drafted({"state/state.json": state}).counts_cycles


def test_a_line_of_its_output_counts_where_only_a_number_of_all_starts_would(drafted):
    value = drafted(
        {"state/state.json": lambda _, total, __: json.dumps({"orders": total})},
        printed="cycle %d finished\n",
    ).value
    assert value["cycle"] == {"file": "stdout", "line": "finished"}


def test_a_number_of_all_starts_counts_where_nothing_else_does(drafted):
    value = drafted({"state/state.json": lambda _, total, __: json.dumps({"orders": total})}).value
    assert value["cycle"] == {"file": "state", "field": "orders", "counts": "in_total"}


def test_records_backups_and_logs_get_what_they_are(drafted):
    value = drafted(
        {
            "state/state.json": state,
            "state/state.json.bak": state,
            "state/orders.jsonl": lambda _, total, __: '{"id": 1}\n' * total,
            "state/state.json.tmp": state,
            "log/bot.log": lambda *_: "started, with numpy\n",
        }
    ).value
    assert value["state"]["state"]["backup"] == "state.json.bak"
    assert value["state"]["orders"] == {
        **{"path": "orders.jsonl", "format": "jsonl", "rewritten": "cycle"},
        "never_back": ["len()"],
    }
    assert list(value["state"]) == ["state", "orders"]
    assert value["logs"] == {"bot": {"path": "bot.log", "format": "text", "required": False}}


def test_files_that_come_one_after_another_are_not_named_one_by_one(drafted):
    files = {
        f"state/orders/{n:04d}.json": lambda _, total, __, n=n: "{}" if total >= n else None
        for n in range(1, 9)
    }
    fixed = {f"state/grid_{n}.json": lambda *_: "{}" for n in range(1, 5)}
    found = drafted({"state/state.json": state, **files, **fixed})
    assert list(found.value["state"]) == ["state", "grid_1", "grid_2", "grid_3", "grid_4"]
    assert any("orders/*.json, 8 seen" in point for point in found.open_points)


def test_a_log_that_its_source_rotates_is_entered_with_its_limit(drafted):
    source = f'{SOURCE}; RotatingFileHandler(os.path.join(LOGS, "bot.log"), maxBytes=500, backupCount=2)'
    logs = {"log/bot.log": lambda *_: "started\n", "log/other.log": lambda *_: "started\n"}
    value = drafted({"state/state.json": state, **logs}, source=source).value["logs"]
    assert (value["bot"]["max_bytes"], value["bot"]["backups"]) == (500, 2) and "max_bytes" not in value[
        "other"
    ]


def test_how_a_bot_ends_that_was_not_seen_to_be_up_is_left_to_fill_in(drafted):
    found = drafted({}, exits=((None, "TERM"), (130, None), (0, None)))
    assert "exit_codes" not in found.value
    [told] = [point for point in found.open_points if "the codes with which it ends" in point]
    assert "143 when it was terminated, 130 when it was interrupted; but no cycle" in told


def test_a_bot_without_handlers_dies_by_the_signal(drafted):
    value = drafted({"state/state.json": state}, exits=((None, "TERM"), (None, "INT"), (0, None))).value
    assert value["exit_codes"] == {"terminated": [143], "interrupted": [130]}


def test_a_code_that_says_failed_is_doubted_and_not_taken_for_a_rule(drafted):
    found = drafted({"state/state.json": state}, exits=((1, None), (None, "INT"), (0, None)))
    assert found.value["exit_codes"] == {"interrupted": [130]}
    assert any("it ended with 1 when it was terminated" in doubt for doubt in found.doubts)
    assert "# terminated: [1]" in text_of(found.entries, [])


def test_a_guess_that_does_not_hold_is_left_to_fill_in(drafted):
    found = drafted({"state/state.json": lambda *_: "{}"})
    assert "settings" not in found.value and found.value["ended_by"] == {"signal": "TERM"}
    assert found.value["cycle"]["line"] == "(?!)" and not found.counts_cycles
    assert any("how a finished cycle is seen" in point for point in found.open_points)


def test_what_it_looked_for_outside_is_said(drafted):
    found = drafted(
        {"state/state.json": state}, network={"kind": "own", "looked_elsewhere": {"unreachable": 12}}
    )
    assert any("looked 12 times" in point for point in found.open_points)


@pytest.mark.parametrize(("kind", "told"), [("own", "Nothing outside"), ("host", "could reach outside")])
def test_whether_it_could_reach_outside_is_said(drafted, kind, told):
    found = drafted({"state/state.json": state}, network={"kind": kind})
    (comment,) = [entry.comments[0] for entry in found.entries if entry.key == "network"]
    assert told in comment


def test_what_looks_like_the_source_of_its_data_and_its_log_is_suggested(drafted):
    source = f'{SOURCE}; x = os.environ["EXCHANGE"]; RotatingFileHandler(D / "bot.log", maxBytes=500, backupCount=2)'
    found = drafted({"state/state.json": state}, source=source)
    lines = [line for entry in found.entries for line in entry.comments]
    assert (
        "data_source: {file: state, field: mode, live: live, mock: mock}  # none: it has no mock data"
        in lines
    )
    assert any(
        line.startswith("logs: {log: {path: bot.log,") and "max_bytes: 500, backups: 2" in line
        for line in lines
    )


def test_hosts_that_it_names_in_its_output_are_suggested(drafted):
    found = drafted(
        {"state/state.json": state}, printed="%d: HTTPSConnectionPool(host='api.kraken.com', port=443)\n"
    )
    assert any("hosts: [api.kraken.com]" in line for entry in found.entries for line in entry.comments)


def test_a_file_whose_name_is_a_template_is_left_out(drafted):
    value = drafted({"state/state.json": state, "state/{{ 7 * 7 }}.json": state}).value
    assert list(value["state"]) == ["state"]


def test_a_copy_outside_the_evidence_is_not_read(tmp_path):
    (tmp_path / "secret").write_text("x")
    (tmp_path / "evidence").mkdir()
    Bot(tmp_path / "evidence", {})
    assert Watched(tmp_path / "evidence").content("snapshots/../../secret") is None
