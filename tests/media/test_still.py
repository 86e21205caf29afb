"""Photos: every way in which a picture file stores what was seen comes out upright, in eight bits, at second 0."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from liyi.core.errors import MediaError
from liyi.media.files import HandedIn
from liyi.media.kinds import PHOTO_SUFFIXES, is_photo, photo_readers
from liyi.media.recording import open_media

TURNS = {
    1: None, 2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}  # fmt: skip


def picture(width: int = 40, height: int = 30) -> Image.Image:
    """No turn and no mirror image of it is the same."""
    pixels = np.full((height, width, 3), 128, dtype=np.uint8)
    pixels[: height // 2, : width // 2] = (255, 0, 0)
    pixels[height // 2 :, width // 2 :] = (0, 0, 255)
    return Image.fromarray(pixels)


def frame(path) -> np.ndarray:
    [only] = open_media(path).frames()
    assert only.t_s == 0.0
    return only.image


def test_an_infinite_point_costs_itself_alone(tmp_path):
    grey = np.tile(np.linspace(0, 1, 40, dtype=np.float32), (30, 1))
    grey[0, 0] = np.inf
    assert frame(saved(tmp_path, "a.tif", Image.fromarray(grey)))[1:].mean() == pytest.approx(127.5, abs=1)
    nothing = np.full((30, 40), np.nan, dtype=np.float32)
    assert not frame(saved(tmp_path, "b.tif", Image.fromarray(nothing))).any()


@pytest.mark.parametrize("name", ["a.png", "a.gif"])
def test_a_photo_has_one_track(tmp_path, name):
    path = saved(tmp_path, name, picture())
    assert open_media(path, track="v1").kind == "photo"
    with pytest.raises(MediaError, match="no track v2 that can be read: there is v1"):
        open_media(path, track="v2")
    with pytest.raises(MediaError, match="no track a1"):
        open_media(path, track="v1,a1")


def saved(folder, name: str, image: Image.Image, **how):
    image.save(folder / name, **how)
    return folder / name


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tif", "avif"])
@pytest.mark.parametrize("turn", TURNS)
def test_every_orientation_is_obeyed(tmp_path, suffix, turn):
    upright, exif = picture(), Image.Exif()
    exif[0x0112] = turn
    stored = upright if TURNS[turn] is None else upright.transpose(TURNS[turn])
    path = saved(tmp_path, f"a.{suffix}", stored, exif=exif)
    info = open_media(path).info
    assert (info.width, info.height, info.duration_s) == (40, 30, 0.0)
    assert np.abs(frame(path).astype(int) - np.array(upright)).mean() < 12  # of which coding takes some


@pytest.mark.parametrize(
    ("name", "image", "corner"),
    [
        ("grey.jpg", picture().convert("L"), 76),
        ("cmyk.jpg", picture().convert("CMYK"), 76),
        ("palette.png", picture().quantize(8), 76),
        ("sixteen.png", Image.fromarray(np.full((30, 40), 100 * 257, dtype=np.uint16)), 100),
        ("sixteen.tif", Image.fromarray(np.full((30, 40), 100 * 257, dtype=np.uint16)), 100),
        ("clear.png", Image.new("RGBA", (40, 30), (0, 0, 0, 0)), 255),
        ("plain.bmp", picture(), 76),
        ("one.gif", picture(), 76),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_every_way_of_storing_colours_is_read(tmp_path, name, image, corner):
    media = open_media(saved(tmp_path, name, image))
    assert (media.kind, media.info.has_sound) == ("photo", False)
    found = np.array(Image.fromarray(next(media.frames()).image).convert("L"))
    assert found[3, 3] == pytest.approx(corner, abs=6)


def test_a_picture_is_made_smaller_and_never_larger(tmp_path):
    path = saved(tmp_path, "a.png", picture(400, 300))
    assert open_media(path).frame_at(3.0, max_side=100).image.shape == (75, 100, 3)
    assert open_media(path).frame_at(0.0, max_side=900).image.shape == (300, 400, 3)
    assert list(open_media(path).samples()) == []


def test_what_is_cut_off_is_told(tmp_path):
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (300, 400, 3), dtype=np.uint8))
    whole = saved(tmp_path, "a.jpg", noise).read_bytes()
    cut = tmp_path / "cut.jpg"
    cut.write_bytes(whole[: len(whole) // 2])
    media = open_media(cut)
    next(media.frames())
    assert [notice.sentence for notice in media.notices] == [
        "The picture file was cut off: what is missing at its end is blank."
    ]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(300), "is damaged: take, copy or export"),
        (b"\x89PNG\r\n\x1a\n" + bytes(300), "is damaged: take, copy or export"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(300), "as HEIC: export it as JPEG; iPhones take JPEG"),
        (b"8BPS" + bytes(300), "of a kind that cannot be read here"),
        (b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(300), "of a kind that cannot be read here"),
    ],
)
def test_what_cannot_be_read_says_the_remedy(tmp_path, content, sentence):
    path = tmp_path / "a.jpg"
    path.write_bytes(content)
    with pytest.raises(MediaError, match=sentence):
        list(open_media(path).frames())


def test_too_many_pixels_are_refused_before_any_is_decoded(tmp_path, monkeypatch):
    path = saved(tmp_path, "a.png", Image.new("1", (9000, 9000)))
    monkeypatch.setattr("liyi.media.still._loads", lambda _: pytest.fail("decoded"))
    with pytest.raises(MediaError, match="has 81 megapixels: export it with at most 40"):
        open_media(path)


def test_a_cameras_raw_file_is_no_thumbnail(tmp_path):
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

    tags = ImageFileDirectory_v2()
    tags[0xFE] = 1  # a picture of reduced size
    with pytest.raises(MediaError, match="raw picture: export it as JPEG"):
        open_media(saved(tmp_path, "a.tif", picture(), tiffinfo=tags))


@pytest.mark.parametrize(
    ("name", "how", "told"),
    [
        ("a.gif", {"save_all": True, "append_images": [picture().rotate(180)], "duration": 100}, None),
        ("a.webp", {"save_all": True, "append_images": [picture().rotate(180)], "duration": 100}, "holds 2 pictures"),
        ("a.tif", {"save_all": True, "append_images": [picture()]}, "holds 2 pictures"),
        ("a.mpo", {"save_all": True, "append_images": [picture()]}, ""),
    ],
)
def test_of_several_pictures_the_first_is_taken_and_an_animated_gif_is_a_video(tmp_path, name, how, told):
    media = open_media(saved(tmp_path, name, picture(), **how))
    assert media.kind == ("video" if told is None else "photo")
    if told is not None:
        assert [told in notice.text for notice in media.notices] == ([True] if told else [])
        assert np.abs(next(media.frames()).image.astype(int) - np.array(picture())).mean() < 12


def test_a_motion_photo_says_so(tmp_path):
    path = saved(tmp_path, "a.jpg", picture())
    path.write_bytes(path.read_bytes() + b"\0\0\0\x18ftypmp42\0\0\0\0isommp42" + bytes(100))
    assert ["motion photo" in notice.text for notice in open_media(path).notices] == [True]


def test_a_file_that_another_process_opened_is_read_as_well(tmp_path, monkeypatch):
    path = saved(tmp_path, "a.jpg", picture())
    with path.open("rb") as content:
        for module in ("still", "files"):
            monkeypatch.setattr(f"liyi.media.{module}.open_recording", lambda path: HandedIn(content.fileno(), path))
        assert frame(path).shape == (30, 40, 3)


def test_a_transport_of_bytes_that_only_begins_like_a_bitmap_is_none():
    assert not is_photo(b"BM" + bytes(300))
    made = io.BytesIO()
    picture().save(made, "BMP")
    assert photo_readers(made.getvalue()) == ("BMP",)


def test_suffixes_of_photos_are_no_recordings_of_a_folder():
    from liyi.media.kinds import SUFFIXES

    assert not set(PHOTO_SUFFIXES) & set(SUFFIXES)
