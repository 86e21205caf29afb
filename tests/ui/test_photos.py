"""A photo in the web app: taken by its first bytes, shown as a picture, and no attempt among others."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from liyi.ui import replay, workroom


def photo(format: str) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (40, 30), (200, 100, 50)).save(made, format)
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (photo("JPEG"), "image/jpeg"),
        (photo("PNG"), "image/png"),
        (photo("AVIF"), "image/avif"),
        (photo("TIFF"), "application/octet-stream"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "application/octet-stream"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0isommp42", "video/mp4"),
        (b"<svg onload='alert(1)'>", "application/octet-stream"),
    ],
)
def test_it_is_sent_as_what_its_first_bytes_say(tmp_path, content, kind):
    path = tmp_path / "vault"
    path.write_bytes(content)
    name = "a.mp4" if kind.startswith("video") else "a.svg"
    assert replay.media_type(path, name) == kind


def test_an_upload_of_one_is_taken_and_known_to_have_no_sound(tmp_path, monkeypatch):
    workroom.check(io.BytesIO(photo("JPEG")), "a.jpg")
    path = tmp_path / "a.jpg"
    path.write_bytes(photo("JPEG"))
    monkeypatch.setattr(workroom, "media", lambda _: path)
    assert workroom.is_photo("id")
    assert not workroom.is_sound_alone("id")
    path.write_bytes(b"RIFF\0\0\0\0WAVE")
    assert not workroom.is_photo("id")


def test_it_is_no_attempt(monkeypatch, tmp_path):
    from types import SimpleNamespace

    from liyi.ui import history

    kinds = {"a": False, "b": True}
    monkeypatch.setattr(history.people, "records", lambda: SimpleNamespace(folder=tmp_path))
    monkeypatch.setattr(history.entries, "assessed", lambda size: [SimpleNamespace(assessment=id) for id in kinds])
    monkeypatch.setattr(history.people, "viewer", lambda: "me")
    monkeypatch.setattr(history.outcomes, "judged", lambda entry: SimpleNamespace(
        is_photo=kinds[entry.assessment], recording=SimpleNamespace(sha256="0")))  # fmt: skip
    assert [each.entry.assessment for each in history.own()] == ["a"]


def test_while_it_is_assessed_nothing_is_listened_to(monkeypatch):
    from types import SimpleNamespace

    from liyi.ui import stages

    drawn = []
    monkeypatch.setattr(stages.st, "html", drawn.append)
    monkeypatch.setattr(stages.st, "progress", lambda *_args, **_named: None)
    now = SimpleNamespace(state="running", stage=stages.WATCHING, done=0.5, left_s=None)
    stages.show_stages(now, rehearsal=False, heard=False)
    stages.show_stages(now, rehearsal=False)
    assert [page.count("<li") for page in drawn] == [3, 4]
