"""Which folders of the host, that everybody may write to, a bot does not get to see."""

import pytest

from fleet_stress.system.linux import shared


@pytest.mark.linux
def test_a_folder_in_which_somebody_keeps_something_stays_visible(tmp_path, monkeypatch):
    """An operator has put a model there, or a server its socket: hidden, the bot would fail, and be blamed for it."""
    for name, mode in (("lock", 0o1777), ("empty", 0o1777), ("models", 0o777), ("closed", 0o755)):
        (tmp_path / name).mkdir()
        (tmp_path / name).chmod(mode)
    for name in ("lock/others", "models/weights.bin"):
        (tmp_path / name).touch()
    monkeypatch.setattr(shared, "_ABOVE", (str(tmp_path),))
    monkeypatch.setattr(shared, "_FOR_LOCKS_AND_DUMPS", (str(tmp_path / "lock"),))

    assert [path.name for path in shared.world_writable_folders()] == ["empty", "lock", "models"]
    assert [path.name for path in shared.folders_to_shadow()] == ["empty", "lock"]
