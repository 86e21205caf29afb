"""Which of several pictures and sounds of a file is meant: what was asked for, else what shows and says something.

Tracks are named as people count them: ``v1`` is the first picture in the file, ``a2`` the second sound.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from liyi.core.errors import MediaError, Notice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from liyi.media.survey import Stream

_PICTURES = "The file holds {count} pictures: {taken} was assessed; with the option track it would be {others}."
_SOUNDS = "The file holds {count} sounds: {taken} was assessed; with the option track it would be {others}."
_NO_TRACK = "{file} has no track {track} that can be read: there is {known}."
MOST_LOOKED_AT = 4  # of very many pictures, those that rank first
_LETTERS = {"video": "v", "audio": "a"}


class Tracks:
    """The tracks of a file that can be taken, and the ones that are.

    Parameters
    ----------
    path, streams
        The file, and what it holds.
    asked : str or None
        What is to be taken, such as ``v2``, ``a1`` or ``v2,a1``; the rest is chosen.

    Raises
    ------
    MediaError
        When there is no such track, or it cannot be decoded.
    """

    def __init__(self, path: Path, streams: Sequence[Stream], asked: str | None) -> None:
        self._known = _named(streams)
        self._asked = _asked_for(path, self._known, asked)
        self.picture, self.sound = self._best("video"), self._best("audio")

    def look(self, shows: Callable[[Stream], float]) -> None:
        """Of several pictures, where none was asked for, take the one of which ``shows`` says most."""
        among = sorted(self._among("video"), key=lambda each: each.rank(), reverse=True)[:MOST_LOOKED_AT]
        if len(among) > 1 and "video" not in self._asked:
            self.picture = max(among, key=lambda each: (shows(each), each.rank()))

    def notices(self) -> Iterator[Notice]:
        """What a reader should know: that there was a choice, and how to choose."""
        for taken, sentence in ((self.picture, _PICTURES), (self.sound, _SOUNDS)):
            names = [name for name, each in self._known.items() if taken and each.kind == taken.kind and each.track]
            if len(names) > 1:
                name = next(name for name in names if self._known[name] is taken)
                others = ", ".join(other for other in names if other != name)
                yield Notice(sentence, {"count": len(names), "taken": name, "others": others})

    def _among(self, kind: str) -> list[Stream]:
        readable = [each for each in self._known.values() if each.kind == kind and each.track]
        return [each for each in readable if not each.aside] or readable

    def _best(self, kind: str) -> Stream | None:
        return self._asked.get(kind) or max(self._among(kind), key=lambda each: each.rank(), default=None)


def _named(streams: Sequence[Stream]) -> dict[str, Stream]:
    counts = dict.fromkeys(_LETTERS, 0)
    names: dict[str, Stream] = {}
    for each in streams:
        counts[each.kind] += 1
        names[f"{_LETTERS[each.kind]}{counts[each.kind]}"] = each
    return names


def _asked_for(path: Path, known: Mapping[str, Stream], asked: str | None) -> dict[str, Stream]:
    found = {}
    for name in (asked or "").split(",") if asked else []:
        stream = known.get(name)
        if stream is None or stream.track is None:
            there = ", ".join(each for each, stream in known.items() if stream.track) or "–"
            raise MediaError(path, _NO_TRACK, track=name, known=there)
        found[stream.kind] = stream
    return found


def only_picture(path: Path, asked: str | None) -> None:
    """Refuse what is asked for of a photo, which is its only track, and is none that it has."""
    for name in (asked or "v1").split(","):
        if name != "v1":
            raise MediaError(path, _NO_TRACK, track=name, known="v1")
