"""The words that people read: sentences by catalogue, numbers with their units, times as a clock shows them.

English sentences are the keys; Chinese stands in ``locale/zh/LC_MESSAGES/liyi.po``. English needs no catalogue,
and a sentence without a translation is shown in English.
"""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from liyi.core.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from liyi.core.bilingual import Bilingual
    from liyi.core.errors import Fault, LiyiError

LANGUAGES = ("zh", "en")
UNSURE_BELOW = 0.5  # a word of a transcript to which the recogniser itself gives less than even odds

_LOCALE = Path(__file__).parent / "locale"


def N_(sentence: str) -> str:
    """Mark a sentence that is written here and translated where it is shown (gettext's convention)."""
    return sentence


# Unit codes as measures write them -> English, which is the catalogue's key; units not listed are shown as they are.
UNITS: Mapping[str, str] = {
    "deg": "°",
    "st": N_("semitones"),
    "s": N_("s"),
    "ratio": "",
    "count": N_("times"),
    "/min": N_("per min"),
    "per_minute": N_("per min"),
    "字/分": N_("characters/min"),
    "wpm": N_("words/min"),
    "音节/分": N_("syllables/min"),
    "syll/min": N_("syllables/min"),
    "syll/s": N_("syllables/s"),
    "syll": N_("syllables"),
    "parts": N_("parts"),
    "/100字": N_("per 100 characters"),
}


@cache
def _catalogue(lang: str) -> Mapping[str, str]:
    """Sentences of ``lang`` by their English key; empty when the language has no catalogue."""
    path = _LOCALE / lang / "LC_MESSAGES" / "liyi.po"
    if not path.is_file():
        return {}
    from babel.messages.pofile import read_po

    with path.open("rb") as file:
        messages = read_po(file, locale=lang, domain="liyi")
    return {str(m.id): str(m.string) for m in messages if m.id and m.string and not m.fuzzy}


def translate(sentence: str, lang: str, **fields: Any) -> str:
    """``sentence`` in ``lang``, with its ``{name}`` fields filled in.

    Parameters
    ----------
    sentence
        English sentence, the key of the catalogue.
    lang
        ``zh`` or ``en``.
    fields
        Values of the sentence's fields; ``NAME_zh`` stands for ``NAME`` in Chinese, for words that no catalogue has.
    """
    text = _catalogue(lang).get(sentence, sentence)
    chinese = {name.removesuffix("_zh"): value for name, value in fields.items() if name.endswith("_zh")}
    return text.format(**(fields | chinese if lang == "zh" else fields))


def is_known(sentence: str) -> bool:
    """Whether the catalogue has this sentence."""
    return sentence in _catalogue("zh")


def explain_error(error: LiyiError, lang: str) -> str:
    """One sentence in ``lang`` for a fault that the user can mend; for a broken norm pack, all its faults below it."""
    fields = dict(error.fields)
    faults: Iterable[Fault] = getattr(error, "faults", ())
    if faults:
        fields["faults"] = "\n".join(explain_fault(fault, lang) for fault in faults)
    return translate(error.sentence, lang, **fields)


def explain_fault(fault: Fault, lang: str) -> str:
    """One line for one fault of a norm pack: where it stands and what is wrong."""
    inner = {"expected", "what"} & fault.notice.fields.keys()  # said in English where the fault was found
    said = {name: _catalogue(lang).get(fault.notice.fields[name], fault.notice.fields[name]) for name in inner}
    what = translate(fault.notice.sentence, lang, **{**fault.notice.fields, **said})
    if not fault.key:
        return translate("line {line}: {what}", lang, line=fault.line, what=what)
    return translate("line {line}, {key}: {what}", lang, line=fault.line, key=fault.key, what=what)


def explain_reason(code: str | None, lang: str) -> str:
    """Why something was not assessed, and the remedy; a code that is unknown here is shown as it is."""
    if not code:
        return ""
    try:
        return translate(Reason(code).sentence, lang)
    except ValueError:
        return code


def pick(text: Bilingual, lang: str) -> str:
    """The half of a bilingual text that is in ``lang``, else the other half."""
    return (text.zh or text.en) if lang == "zh" else (text.en or text.zh)


def unit(code: str, lang: str) -> str:
    """A unit as people write it: ``st`` becomes ``semitones`` or ``半音``."""
    return translate(UNITS[code], lang) if code in UNITS else code


def decimals(value: float, error: float | None) -> int:
    """Decimals worth showing, at most two: the error's first significant digit decides (a leading 1 keeps two).

    Without an error three significant digits are kept, and no zeros at the end.
    """
    if not error:
        most = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
        return next(places for places in range(most + 1) if round(value, places) == round(value, most))
    power = math.floor(math.log10(error))
    return min(2, max(0, int(error < 2.0 * 10.0**power) - power))


def number(value: float, places: int) -> str:
    """``value`` with a true minus sign and never ``-0``."""
    text = f"{value:.{places}f}"
    if float(text) == 0:
        text = text.lstrip("-")
    return text.replace("-", "−")


def quantity(value: float | None, code: str, lang: str, *, error: float | None = None) -> str:
    """A value with its error and unit, such as ``6.1° ± 1.1°`` or ``86 ± 2 %``; ``–`` for None."""
    if value is None:
        return "–"
    name = unit(code, lang)
    places = decimals(value, error)
    shown = [number(value, places)] + ([number(error, places)] if error else [])
    if name == "°":
        return " ± ".join(f"{part}°" for part in shown)
    return " ± ".join(shown) + _named(name, lang)


def _named(name: str, lang: str) -> str:
    """A unit after its number, from which it is set apart; not so the percent sign in Chinese."""
    return name if not name or (name == "%" and lang == "zh") else f"\N{NO-BREAK SPACE}{name}"


def rounded(value: float | None, code: str, lang: str, *, error: float | None = None) -> str:
    """A value without its error and with no digit finer than that, such as ``7°``; ``–`` for None."""
    if value is None or not error:
        return quantity(value, code, lang)
    places = min(2, max(0, -round(math.log10(error))))
    text, name = number(value, places), unit(code, lang)
    return f"{text}°" if name == "°" else text + _named(name, lang)


def clock(seconds: float) -> str:
    """Seconds as ``0:07``, ``12:30`` or ``1:02:05``."""
    whole = int(seconds + 0.5)
    hours, rest = divmod(whole, 3600)
    minutes, second = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{second:02d}" if hours else f"{minutes}:{second:02d}"


def span(start_s: float, end_s: float) -> str:
    """A stretch of time as ``0:07–0:12``; a single time when both ends show the same second."""
    first, last = clock(start_s), clock(end_s)
    return first if first == last else f"{first}–{last}"


def listed(items: Iterable[str], lang: str) -> str:
    """Items in one line, separated as the language does it."""
    return ("、" if lang == "zh" else ", ").join(items)


def labelled(label: str, text: str, lang: str) -> str:
    """A text after what it is, with the colon of the language."""
    return f"{label}：{text}" if lang == "zh" else f"{label}: {text}"
