"""What one process makes is its owner's only, and what others made before is closed."""

from __future__ import annotations

import os
import stat

import pytest

from liyi.core import owner


@pytest.fixture
def usual():
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def test_only_owner_holds_for_all_that_is_made_afterwards(tmp_path, usual):
    owner.only_owner()
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder" / "below").mkdir(parents=True)
    made = [mode(tmp_path / name) for name in ("file", "folder", "folder/below")]
    assert made == [0o600, 0o700, 0o700]


def test_folders_above_are_made_for_the_owner_too(tmp_path, usual):
    assert owner.make_folder(tmp_path / "a" / "b")
    assert [mode(tmp_path / name) for name in ("a", "a/b")] == [0o700, 0o700]


def test_a_folder_made_by_others_is_closed(tmp_path, usual):
    tmp_path.joinpath("open").mkdir(mode=0o755)
    assert owner.make_folder(tmp_path / "open")
    assert mode(tmp_path / "open") == 0o700


def test_a_link_and_a_folder_of_everybody_are_left(tmp_path, usual):
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    (tmp_path / "link").symlink_to(shared)
    assert owner.close(tmp_path / "link")
    assert not owner.close(shared)
    assert mode(shared) == 0o1777
