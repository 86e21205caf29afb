"""Measures of words: what is found, how sure it is, and that what was not heard is no praise."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from liyi.core.reasons import Reason
from liyi.core.trace import Events, Interval, Scalar
from speech.measures import MEASURES
from speech.phrases import Allowance, Phrase
from tests.speech.texts import hearing, voice_of_text, words_of

if TYPE_CHECKING:
    from speech.voice import Voice

MEASURE = {measure.id: measure for measure in MEASURES}
TALK = "我们今天一起来看一看这份材料里面写的内容是不是都齐全"  # 26 syllables that are on no list
COURTESY = (
    Phrase("hello", "您好", stage="greet"),
    Phrase("what", "请问您需要办理什么业务", stage="ask"),
    Phrase("wait", "请稍等", stage="hold"),
    Phrase("bye", "请慢走", stage="close"),
)
FORBIDDEN = (
    Phrase("shirking", "不归我管", severity="major"),
    Phrase("dont_know", "我不知道", severity="minor"),
    Phrase("who", "你懂还是我懂", severity="veto"),
)
SOFT = (Allowance("near", ("我帮您问",)),)
REQUESTS = (
    Phrase("please", "请您…", ("请您(出示|填写|稍等)",), stage="ask"),
    Phrase("can", "好吗", ("(可以|好)吗",), stage="ask"),
    Phrase("come", "你过来", stage="order"),
    Phrase("fill", "赶快填", stage="order"),
)
LISTS: dict[str, tuple[Phrase, ...]] = {
    "courtesy_coverage": COURTESY,
    "forbidden_phrases": FORBIDDEN,
    "please_not_orders": REQUESTS,
    "jargon": (Phrase("rong", "容缺受理"),),
    "lexical_fillers": (
        Phrase("that", "那个", stage="demonstrative"),
        Phrase("then", "然后", stage="connective"),
        Phrase("how", "怎么说呢"),
    ),
    "told_at_once": (
        Phrase("lack", "您还缺", stage="materials"),
        Phrase("items", "一共三项", ("一共…项",), stage="itemised"),
        Phrase("write", "我给您写下来", stage="written"),
        Phrase("until", "最迟", stage="deadline"),
    ),
    "expectation": (
        Phrase("no", "暂时办不了", stage="refusal"),
        Phrase("can2", "目前能做到", stage="can"),
        Phrase("cannot", "办不了", stage="cannot"),
        Phrase("rule", "根据规定", ("根据…规定",), stage="basis"),
        Phrase("day", "最迟", stage="deadline"),
    ),
    "first_asked": (
        Phrase("elsewhere", "在三号窗口办理", ("在…窗口办",), stage="redirect"),
        Phrase("left", "往左走", stage="where"),
        Phrase("lead", "我带您过去", stage="how"),
        Phrase("told", "我和同事说了", stage="handover"),
    ),
}
NOT_LISTED = {"nin_ratio"}
IDS = (*LISTS, *NOT_LISTED)


def take(id: str, heard: Voice | str, **params: Any) -> Scalar | Events:
    voice = voice_of_text(heard, second="both") if isinstance(heard, str) else heard
    listed = {"phrases": LISTS[id]} if id in LISTS else {}
    signal = MEASURE[id](voice, {**listed, **params})
    assert isinstance(signal, Scalar | Events)
    return signal


@pytest.mark.parametrize("id", LISTS)
def test_nothing_without_a_list_or_in_another_language(id: str) -> None:
    assert take(id, TALK, phrases=()).reason is Reason.NO_PHRASES
    english = voice_of_text("good morning what can I do for you today", language="en")
    assert take(id, english).reason is Reason.LANGUAGE


@pytest.mark.parametrize("id", IDS)
def test_what_was_poorly_heard_is_not_assessed(id: str) -> None:
    assert take(id, voice_of_text(())).reason is Reason.NO_TRANSCRIPT
    assert take(id, voice_of_text((), stretches=())).reason is Reason.NO_SPEECH
    assert take(id, "今天人不多").reason is Reason.TOO_LITTLE_SPEECH
    assert take(id, voice_of_text(TALK, probability=0.3)).reason is Reason.WORDS_UNSURE
    differing = voice_of_text(TALK, second=hearing("_" * 26, disagreement=0.6))
    assert take(id, differing).reason is Reason.WORDS_UNSURE
    assert take(id, differing).watched_s == 0


# ------------------------------------------------------------------ courtesy


def test_courtesy_by_stage() -> None:
    found = take("courtesy_coverage", f"您好，请问您需要办理什么业务？{TALK}，请稍等。")
    assert isinstance(found, Scalar)
    assert found.value == pytest.approx(75)
    assert found.between is None
    assert 0 < found.error < 25
    assert [event.label for event in found.evidence] == ["您好", "请问您需要办理什么业务", "请稍等"]
    assert take("courtesy_coverage", f"您好，{TALK}", stages=("greet",)).value == 100
    assert take("courtesy_coverage", f"您好，{TALK}", stages=("greet",)).error == 0
    assert take("courtesy_coverage", TALK, phrases=(Phrase("plain", "您好"),)).reason is Reason.NO_PHRASES


def test_what_one_recogniser_heard_is_not_praised_and_not_denied() -> None:
    found = take("courtesy_coverage", voice_of_text(f"您好，{TALK}，请稍等"))
    assert isinstance(found, Scalar)
    assert (found.value, found.between) == (0, (0, 50))
    assert len(found.evidence) == 2


# ------------------------------------------------------------------ forbidden


def test_forbidden_phrases_by_severity() -> None:
    text = f"{TALK}，这事不归我管。我不知道。你懂还是我懂？"
    every = take("forbidden_phrases", text)
    assert isinstance(every, Events)
    assert [event.label for event in every.items] == ["不归我管", "我不知道"]
    assert [event.label for event in every.undecided] == ["你懂还是我懂"]
    assert every.watched_s == pytest.approx(every.items[0].end_s + 10 * 0.2)
    major = take("forbidden_phrases", text, severities=("major",))
    assert isinstance(major, Events)
    assert [event.label for event in major.items] == ["不归我管"]
    assert major.undecided == ()


def test_one_recogniser_asks_and_a_softened_phrase_is_no_fault() -> None:
    alone = take("forbidden_phrases", voice_of_text(f"{TALK}，这事不归我管"))
    assert isinstance(alone, Events)
    assert (len(alone.items), len(alone.undecided)) == (0, 1)
    soft = take("forbidden_phrases", f"{TALK}，我不知道，我帮您问一下", allowances=SOFT)
    assert isinstance(soft, Events)
    assert (soft.items, soft.undecided, soft.reason) == ((), (), None)


def test_none_heard_by_one_recogniser_alone_is_not_known_to_be_none() -> None:
    """As older measures were stored, and as they are where the second one is lacking or failed."""
    alone = voice_of_text(TALK)
    assert alone.second is None
    assert take("forbidden_phrases", alone).reason is Reason.HEARD_ONCE
    twice = take("forbidden_phrases", voice_of_text(TALK, second="both"))
    assert isinstance(twice, Events)
    assert (twice.items, twice.reason) == ((), None)
    few = take("forbidden_phrases", voice_of_text("今天天气好"))
    assert few.reason is Reason.TOO_LITTLE_SPEECH  # what a person can mend is said first


def test_where_nothing_was_written_the_second_asks_what_it_is_sure_of() -> None:
    """A rude sentence over a bad line of which the first recogniser made nothing."""
    silent = replace(voice_of_text(TALK, second=hearing("__不归我管__")), transcript=None)
    asked = take("forbidden_phrases", silent)
    assert isinstance(asked, Events)
    assert (asked.items, [event.label for event in asked.undecided]) == ((), ["不归我管"])
    for told in (hearing("_我不知"), None):
        assert take("forbidden_phrases", replace(silent, second=told)).reason is Reason.NO_TRANSCRIPT
    assert take("courtesy_coverage", silent).reason is Reason.NO_TRANSCRIPT


def test_what_was_found_stands_even_in_little_speech() -> None:
    rude = take("forbidden_phrases", "这事不归我管")
    assert isinstance(rude, Events)
    assert len(rude.items) == 1
    unsure = take("forbidden_phrases", voice_of_text("这事不归我管", probability=0.3, second=hearing("__不归我管")))
    assert isinstance(unsure, Events)
    assert len(unsure.items) == 1  # both heard it


# ------------------------------------------------------------------ requests


def test_requests_that_were_asked_for() -> None:
    found = take("please_not_orders", f"请您出示证件，可以吗？你过来，{TALK}赶快填")
    assert isinstance(found, Scalar)
    assert found.value == pytest.approx(50)
    assert [event.label for event in found.evidence] == ["你过来", "赶快填"]
    assert take("please_not_orders", f"请您填写，可以吗？{TALK}").value == 100
    assert take("please_not_orders", f"你过来，赶快填，{TALK}").value == 0
    assert take("please_not_orders", f"请您填写，{TALK}").reason is Reason.NO_EVENT


def test_requests_that_one_recogniser_heard() -> None:
    alone = take("please_not_orders", voice_of_text(f"请您填写，可以吗，{TALK}"))
    assert isinstance(alone, Scalar)
    assert alone.between == (0, 100)
    text = f"请您填写可以吗你过来{TALK}"
    partly = take("please_not_orders", voice_of_text(text, second=hearing("请您填写可以吗___")))
    assert isinstance(partly, Scalar)
    assert partly.between == (pytest.approx(200 / 3), 100)


# ------------------------------------------------------------------ parts of what must be told


@pytest.mark.parametrize(
    ("id", "text", "value"),
    [
        ("told_at_once", "您还缺两样，一共三项，我给您写下来，最迟下周五交", 3),
        ("told_at_once", "您还缺两样，回去准备一下再说", 0),
        ("told_at_once", "我给您写下来", None),
        ("expectation", "这个暂时办不了，根据现行规定要本人来，目前能做到登记，最迟周五", 3),
        ("expectation", "目前能做到登记，最迟周五", None),
        ("first_asked", "这项业务在三号窗口办理，往左走，我带您过去", 2),
        ("first_asked", "请您往左走，我带您过去", None),
    ],
)
def test_parts_that_were_told(id: str, text: str, value: float | None) -> None:
    found = take(id, f"{TALK}，{text}")
    assert isinstance(found, Scalar)
    if value is None:
        assert found.reason is Reason.NO_EVENT
    else:
        assert (found.value, found.unit) == (value, "parts")
        assert found.evidence


def test_parts_without_occasions_and_far_away() -> None:
    no_occasion = tuple(phrase for phrase in LISTS["told_at_once"] if phrase.stage != "materials")
    assert take("told_at_once", f"{TALK}我给您写下来", phrases=no_occasion).value == 1
    assert take("told_at_once", TALK, phrases=no_occasion).reason is Reason.NO_EVENT
    assert take("told_at_once", TALK, phrases=no_occasion[:1]).reason is Reason.NO_PHRASES
    text = f"{TALK}在三号窗口办理，往左走[40]我带您过去"
    assert take("first_asked", text).value == 1
    assert take("first_asked", text, near_s=60.0).value == 2
    alone = take("first_asked", voice_of_text(f"{TALK}在三号窗口办理，往左走"))
    assert isinstance(alone, Scalar)
    assert (alone.value, alone.between) == (0, (0, 1))


# ------------------------------------------------------------------ choice of words


def test_nin_and_ni() -> None:
    found = take("nin_ratio", f"您看，您的材料，您填这里，你们不用来，你签字。{TALK}")
    assert isinstance(found, Scalar)
    assert found.value == pytest.approx(75)
    assert [event.label for event in found.evidence] == ["你"]
    assert found.error >= 10
    assert take("nin_ratio", f"您看，您的材料。{TALK}").reason is Reason.NO_EVENT
    hardly = [*words_of("您您您您"), *words_of("你你", probability=0.2, start_s=0.8), *words_of(TALK, start_s=1.2)]
    assert take("nin_ratio", voice_of_text(hardly)).value == 100
    assert take("nin_ratio", voice_of_text("you and you", language="en")).reason is Reason.LANGUAGE


def test_jargon_in_a_hundred_characters() -> None:
    found = take("jargon", f"{TALK}，容缺受理。{TALK}容缺受理，")
    assert isinstance(found, Scalar)
    assert found.value == pytest.approx(200 / 60)
    assert take("jargon", TALK).value == 0
    explained = (Allowance("after", ("~也就是",)),)
    assert take("jargon", f"{TALK}，容缺受理，也就是先收件后补齐", allowances=explained).value == 0


def test_fillers_that_are_words() -> None:
    def count(text: str) -> int:
        found = take("lexical_fillers", f"{text}{TALK}")
        assert isinstance(found, Events)
        return len(found.items)

    assert count("那个窗口") == 0
    assert count("那个[0.3]窗口") == 1
    assert count("那个那个窗口") == 2
    assert count("您办哪个[0.3]") == 0
    assert count("怎么说呢，") == 1
    assert count("然后您签字，") == 1  # one in 30 syllables is more than one in 40
    assert count(f"然后您签字{TALK}") == 0
    assert count(f"然后您签字然后交给我{TALK}{TALK}{TALK}") == 2  # twice in five seconds
    assert count(f"然后您签字{TALK}然后交给我") == 1


@pytest.mark.parametrize(
    ("id", "text", "phrase", "worth"),
    [
        ("courtesy_coverage", "您好" + TALK, "您好", 25.0),
        ("told_at_once", "您还缺" + TALK + "一共三项" + TALK, "一共三项", 1.0),
    ],
)
def test_what_one_recogniser_heard_counts_once_a_person_says_that_it_was_said(id, text, phrase, worth):
    heard = voice_of_text(text, second=hearing(text.replace(phrase, "_" * len(phrase))))
    signal = take(id, heard)
    assert (signal.value, signal.between) == (0, (0.0, worth))
    (moment,) = signal.undecided
    assert moment.label == phrase
    rounded = (Interval(moment.start_s, round(moment.end_s, 2)),)
    said, unsaid = take(id, replace(heard, said=rounded)), take(id, replace(heard, unsaid=rounded))
    assert (said.value, said.between, said.undecided) == (worth, None, ())
    assert (unsaid.value, unsaid.between, unsaid.undecided) == (0, None, ())


def test_a_veto_waits_for_the_red_line_whatever_was_said_of_its_moment():
    heard = voice_of_text(TALK + "你懂还是我懂", second="both")
    (moment,) = take("forbidden_phrases", heard).undecided
    assert take("forbidden_phrases", replace(heard, said=(moment,))).undecided == (moment,)
    assert take("forbidden_phrases", replace(heard, unsaid=(moment,))).undecided == (moment,)
