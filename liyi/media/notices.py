"""What a reader should know of a file that is not as recorders leave one, as notices in the order of its clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from liyi.core.errors import Notice
from liyi.media.clock import CLOCK_LEAPS, CLOCK_LEAPS_OFTEN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from liyi.media.sound import Changes
    from liyi.media.survey import Stream, Survey, Track

# A stream that ends this much before the other, or before the length in the header, is worth a notice.
EARLY_END_S = 1.0
# A sound that begins so much before the picture begins the recording; recorders start their streams some tenths apart.
LEAD_S = 0.5


def about_changes(changes: Changes) -> Iterator[Notice]:
    """Notices about sound that is not as it was recorded."""
    if changes.inverted_s is not None:
        sentence = "The two channels of the sound cancel each other out from {second} s on; one of them was inverted."
        yield Notice(sentence, {"second": second_of(changes.inverted_s)})
    from_s, until_s = (second_of(t_s) for t_s in changes.longest_s)
    if changes.gaps == 1:
        sentence = "The sound has a gap from {second} s to {until} s; it is taken as silence."
        yield Notice(sentence, {"second": from_s, "until": until_s})
    if changes.gaps > 1:
        yield Notice(
            "The sound has {count} gaps, the longest from {second} s to {until} s; they are taken as silence.",
            {"count": changes.gaps, "second": from_s, "until": until_s},
        )


def about_streams(streams: Sequence[Stream], picture: Track | None, sound: Track | None) -> Iterator[Notice]:
    """Notices about what cannot be decoded, or had to be assumed."""
    kinds = {each.kind for each in streams if each.packets}
    if picture is None and "video" in kinds:
        yield Notice("The picture cannot be decoded; only the sound was assessed.")
    if sound is None and "audio" in kinds:
        yield Notice("The sound cannot be decoded; only the picture was assessed.")
    if picture and not picture.stamped:
        rate = round(picture.rate_hz, 2)
        yield Notice("The picture has no time stamps; {rate} frames per second were assumed.", {"rate": rate})


def about_clock(found: Survey, origin_s: float) -> Iterator[Notice]:
    """Notices about a clock that was set right."""
    whole = [leap for leap in found.leaps if leap.all]
    if len(whole) == 1:
        yield Notice(CLOCK_LEAPS, {"leap": round(whole[0].by_s, 1), "second": second_of(whole[0].at_s - origin_s)})
    if len(whole) > 1:
        yield Notice(CLOCK_LEAPS_OFTEN, {"count": len(whole), "second": second_of(whole[0].at_s - origin_s)})
    single = [leap.at_s for leap in found.leaps if not leap.all]
    if single:
        sentence = "The clock of the picture or of the sound leaps alone at {second} s; it was set right."
        yield Notice(sentence, {"second": second_of(min(single) - origin_s)})
    if len(found.wild_s) == 1:
        sentence = "A time stamp in the file was wrong, at {second} s; it was set right."
        yield Notice(sentence, {"second": second_of(found.wild_s[0] - origin_s)})
    if len(found.wild_s) > 1:
        sentence = "{count} time stamps in the file were wrong, the first at {second} s; they were set right."
        yield Notice(sentence, {"count": len(found.wild_s), "second": second_of(found.wild_s[0] - origin_s)})


def about_beginning(picture: Track | None, sound: Track | None, origin_s: float) -> Iterator[Notice]:
    """Notice about a picture or a sound that begins later than the other one."""
    if picture is None or sound is None or not picture.stamped or not sound.stamped:
        return
    picture_s = float(int(picture.stamps[0]) * picture.time_base) - origin_s
    sound_s = float(sound.start_s) - origin_s
    if picture_s > LEAD_S:
        sentence = "The picture begins at {second} s, after the sound: until then only the voice is assessed."
        yield Notice(sentence, {"second": second_of(picture_s)})
    if sound_s > EARLY_END_S:
        sentence = "The sound begins at {second} s, after the picture: until then only bearing is assessed."
        yield Notice(sentence, {"second": second_of(sound_s)})


def about_length(ends_s: dict[str, float], stated_s: float | None, later_s: float) -> Iterator[Notice]:
    """Notices about a recording that ends before it should; its header counts by a clock that is ``later_s`` later."""
    end_s = max(ends_s.values())
    files_end_s = end_s + max(0.0, later_s)
    if stated_s is not None and stated_s > files_end_s * 1.02 + EARLY_END_S:
        yield Notice(
            "The file states a length of {stated} s but ends at {second} s; what it holds was assessed.",
            {"stated": round(stated_s, 1), "second": second_of(end_s)},
        )
    picture_s, sound_s = ends_s.get("picture", end_s), ends_s.get("sound", end_s)
    if picture_s < sound_s - EARLY_END_S:
        yield Notice("The picture ends at {second} s, before the sound.", {"second": second_of(picture_s)})
    if sound_s < picture_s - EARLY_END_S:
        yield Notice("The sound ends at {second} s, before the picture.", {"second": second_of(sound_s)})


def second_of(t_s: float) -> float:
    """A second as notices tell it: not before the recording, to a tenth."""
    return round(max(0.0, t_s), 1)
