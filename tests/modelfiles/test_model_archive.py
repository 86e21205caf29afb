"""Models carried in an archive: the round trip, and archives that somebody made to do harm."""

from __future__ import annotations

import dataclasses
import io
import tarfile
import zipfile
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from liyi.core.errors import LiyiError
from liyi.modelfiles import registry
from liyi.modelfiles.archive import export_archive, import_archive
from liyi.modelfiles.files import writing
from liyi.modelfiles.inventory import verify
from liyi.modelfiles.registry import path

if TYPE_CHECKING:
    from pathlib import Path


def everything_under(folder: Path) -> dict[str, bytes]:
    return {
        file.relative_to(folder).as_posix(): b"link" if file.is_symlink() else file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if (file.is_file() or file.is_symlink()) and file.name != ".lock"
    }


def add(archive: tarfile.TarFile, name: str, content: bytes = b"", **header: object) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    for key, value in header.items():
        setattr(member, key, value)
    archive.addfile(member, io.BytesIO(content))


def test_a_round_trip_brings_the_same_models(placed, tmp_path, monkeypatch, content):
    archive = tmp_path / "carried" / "models.tar"
    assert export_archive(archive) == ["ear", "voice"]
    monkeypatch.setenv("LIYI_MODELS", str(tmp_path / "elsewhere"))
    assert import_archive(archive) == ["ear", "voice"]
    assert everything_under(tmp_path / "elsewhere") == content
    assert all(check.ok for check in verify(["ear", "voice"]))
    assert path("voice") == tmp_path / "elsewhere" / "voice"


def test_the_same_models_give_the_same_archive(placed, tmp_path):
    first, second = tmp_path / "first.tar", tmp_path / "second.tar"
    export_archive(first)
    (placed / "ear.bin").touch()
    export_archive(second)
    assert first.read_bytes() == second.read_bytes()
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith(".")] == []


def test_an_archive_is_replaced_and_a_strangers_file_is_not(placed, tmp_path):
    archive = tmp_path / "models.tar"
    for _ in range(2):
        export_archive(archive)
    before = archive.read_bytes()
    for content in (b"mine", before.replace(b"registry.toml", b"registry.txt_", 1)):
        archive.write_bytes(content)
        with pytest.raises(LiyiError, match="was not written by Liyi"):
            export_archive(archive)
        assert archive.read_bytes() == content


def test_an_export_changes_no_mode_of_the_folders_around_it(placed, tmp_path, monkeypatch):
    """It once closed the folder above its target to everybody: ``/`` itself for root and ``/tmp/models.tar``."""
    monkeypatch.delenv("LIYI_MODELS")
    monkeypatch.setattr("liyi.modelfiles.archive.folder", lambda: placed)
    monkeypatch.setattr("liyi.modelfiles.archive.verify", lambda names: [])
    share = tmp_path / "home" / "share"
    share.mkdir(parents=True)
    for folder in (share, share.parent):
        folder.chmod(0o755)
    with suppress(LiyiError):  # whether the models are there is not the question here
        export_archive(share / "models.tar")
    with writing(share):
        pass
    assert [folder.stat().st_mode & 0o777 for folder in (share, share.parent)] == [0o755, 0o755]


@pytest.fixture
def ear_is_live(monkeypatch):
    """The small model ``ear`` serves the live page only."""
    models = dict(registry.registry())
    models["ear"] = dataclasses.replace(models["ear"], use="live")
    monkeypatch.setattr(registry, "registry", lambda: models)


def test_what_only_the_live_page_needs_may_be_left_out(placed, ear_is_live, tmp_path, monkeypatch):
    (placed / "ear.bin").unlink()
    archive = tmp_path / "models.tar"
    assert export_archive(archive) == ["voice"]
    monkeypatch.setenv("LIYI_MODELS", str(tmp_path / "elsewhere"))
    assert import_archive(archive) == ["voice"]
    assert (registry.missing(), registry.missing("live")) == ([], ["ear"])


def test_what_the_live_page_needs_goes_along_where_it_is(placed, ear_is_live, tmp_path):
    assert export_archive(tmp_path / "models.tar") == ["ear", "voice"]


@pytest.mark.parametrize("fault", ["missing", "damaged"])
def test_a_model_that_is_not_right_is_not_exported(placed, tmp_path, fault):
    file = placed / "voice" / "model.bin"
    file.unlink() if fault == "missing" else file.write_bytes(bytes(file.stat().st_size))
    with pytest.raises(LiyiError, match=r"voice/model\.bin.*models fetch"):
        export_archive(tmp_path / "models.tar")
    assert not (tmp_path / "models.tar").exists()


def refused(archive: Path, models_folder: Path, match: str) -> None:
    """An archive is refused in one sentence that names it, and no file appears or changes anywhere."""
    around = models_folder.parent.parent
    before = everything_under(around)
    with pytest.raises(LiyiError, match=match) as caught:
        import_archive(archive)
    assert archive.name in str(caught.value)
    assert everything_under(around) == before


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("../../escaped", {}),
        ("voice/../../../escaped", {}),
        ("ear.bin/../escaped", {}),
        ("/liyi-escaped", {}),
        ("stranger.bin", {}),
        ("ear.bin", {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"}),
        ("ear.bin", {"type": tarfile.LNKTYPE, "linkname": "voice/words.txt"}),
        ("ear.bin", {"type": tarfile.FIFOTYPE}),
        ("ear.bin", {"type": tarfile.CHRTYPE, "devmajor": 1, "devminor": 5}),
        ("voice", {"type": tarfile.SYMTYPE, "linkname": ".."}),
        ("voice", {"type": tarfile.DIRTYPE}),
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_a_member_that_does_not_belong_is_refused(placed, models_folder, tmp_path, content, name, header, first):
    archive = tmp_path / "bad.tar"
    with tarfile.open(archive, "w") as tar:
        if first:
            add(tar, name, b"" if header else b"ear", **header)
        for key, value in content.items():
            if key != name:
                add(tar, key, value)
        if not first:
            add(tar, name, b"" if header else b"ear", **header)
    refused(archive, models_folder, "does not belong in it")


def test_a_larger_member_is_refused_unread(placed, models_folder, tmp_path):
    archive = tmp_path / "large.tar"
    with tarfile.open(archive, "w") as tar:
        add(tar, "ear.bin", bytes(5_000_000))
    refused(archive, models_folder, r"ear\.bin does not belong")


def test_a_size_beyond_all_measure_is_refused(placed, models_folder, tmp_path):
    archive = tmp_path / "endless.tar"
    header = tarfile.TarInfo("registry.toml")
    header.size = 2**80
    archive.write_bytes(header.tobuf(tarfile.GNU_FORMAT) + bytes(10_240))
    refused(archive, models_folder, "damaged|no archive of models")


def test_a_second_member_of_one_name_is_refused(placed, models_folder, tmp_path, content):
    archive = tmp_path / "twice.tar"
    with tarfile.open(archive, "w") as tar:
        for key, value in [*content.items(), ("ear.bin", b"eat")]:
            add(tar, key, value)
    refused(archive, models_folder, r"ear\.bin does not belong")


def test_other_content_is_refused_though_the_archive_brings_its_own_registry(placed, models_folder, tmp_path, content):
    archive = tmp_path / "other.tar"
    with tarfile.open(archive, "w") as tar:
        add(tar, "registry.toml", b"[models.ear]\n")
        for key, value in {**content, "ear.bin": b"EAR"}.items():
            add(tar, key, value)
    refused(archive, models_folder, r"checksum of ear\.bin is wrong")


def test_a_lacking_file_is_named(placed, models_folder, tmp_path, content):
    archive = tmp_path / "part.tar"
    with tarfile.open(archive, "w") as tar:
        add(tar, "ear.bin", content["ear.bin"])
    refused(archive, models_folder, r"lacks voice/model\.bin, voice/words\.txt")


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.9, 0.999])
def test_a_truncated_archive_is_refused(placed, models_folder, tmp_path, share):
    whole = tmp_path / "whole.tar"
    export_archive(whole)
    with tarfile.open(whole) as tar:
        last = tar.getmembers()[-1]
    archive = tmp_path / "cut.tar"
    archive.write_bytes(whole.read_bytes()[: int(share * (last.offset_data + last.size))])
    refused(archive, models_folder, "damaged|no archive of models|lacks")


def test_files_that_are_no_archive(placed, models_folder, tmp_path):
    empty, text, packed, zipped = (tmp_path / name for name in ("empty.tar", "text.tar", "packed.tar", "zipped.tar"))
    empty.write_bytes(b"")
    text.write_text("not an archive\n" * 100)
    with tarfile.open(packed, "w:gz") as tar:
        add(tar, "ear.bin", b"ear")
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("ear.bin", b"ear")
    for archive in (empty, text, packed, zipped, tmp_path / "absent.tar", tmp_path):
        refused(archive, models_folder, "no archive of models")


def test_damage_at_any_place_is_noticed(placed, models_folder, tmp_path, content):
    whole = tmp_path / "whole.tar"
    export_archive(whole)
    raw = whole.read_bytes()
    with tarfile.open(whole) as tar:
        start = next(member.offset for member in tar if member.name == "ear.bin")
    archive = tmp_path / "damaged.tar"
    # every byte of the header's name, size, type and of the content; the unused ones carry nothing
    for place in [
        *range(start, start + 8),
        *range(start + 124, start + 136),
        start + 156,
        *range(start + 512, start + 515),
    ]:
        archive.write_bytes(raw[:place] + bytes([raw[place] ^ 0x15]) + raw[place + 1 :])
        refused(archive, models_folder, archive.name)


def test_a_strangers_lock_file_in_the_model_folder_is_not_emptied(placed, tmp_path):
    archive = tmp_path / "models.tar"
    export_archive(archive)
    (placed / ".lock").write_text("mine")
    with pytest.raises(LiyiError, match="was not written by Liyi"):
        import_archive(archive)
    assert (placed / ".lock").read_text() == "mine"
