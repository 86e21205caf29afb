"""The phrases of the shipped packs: each is found as itself, nothing polite is accused, and words count."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from liyi.etiquette.assess import assess
from liyi.etiquette.pack_phrases import listened_for, params_of, phrases_of
from speech.phrases import spoken

sys.path.append(str(Path(__file__).resolve().parents[1] / "speech"))
sys.path.append(str(Path(__file__).resolve().parents[2] / "benchmarks"))

import paraphrases
from texts import voice_of_text

RUN = {"liyi_version": "0", "created_at": "2026-01-01T00:00:00Z", "elapsed_s": 1.0}
SLOT = "那个材料"  # stands where a phrase says ××
POLITE = (
    "您好，请问您需要办理什么业务？请您先坐。请出示您的身份证件，谢谢。请您核对一下信息是否准确。麻烦您在这里签字。"
    "您的手续已经办好，请收好您的证件和材料。请慢走，再见！"
)
RUDE = "急什么，等着！我不是说过了吗？把身份证给我，这个不归我管。你去问别人。去那边等着，填这张表。别啰嗦，自己看。"


def hits(pack, text, *lists, second="both"):
    listed = tuple(phrase.spoken for name in lists for phrase in pack.phrases[name])
    found = spoken(voice_of_text(text, second=second), listed, tuple(each.spoken for each in pack.allowances))
    return (*found.sure, *found.unsure, *found.softened)


def said(text: str) -> str:
    return text.replace("××", "三").replace("×", "三").replace("……", SLOT)


def test_the_counter_lists_what_the_documents_list(counter):
    ids = {name: [phrase.id for phrase in listed] for name, listed in counter.phrases.items()}
    assert [id for id in ids["forbidden"] if id.startswith("f")] == [f"f{n:02}" for n in range(1, 67)]
    assert ids["courteous"] == [f"w{n:02}" for n in range(1, 65)]
    assert {phrase.stage for phrase in counter.phrases["courteous"]} == {
        "greet", "ask", "hold", "explain", "redirect", "soothe", "expect", "close", "phone",
    }  # fmt: skip
    grave = {severity: sum(p.severity == severity and p.id[0] == "f" for p in counter.phrases["forbidden"])
             for severity in ("veto", "major", "minor")}  # fmt: skip
    assert grave == {"veto": 9, "major": 43, "minor": 14}
    for pack in (counter,):
        for listed in pack.phrases.values():
            for phrase in listed:
                assert phrase.source.text("zh") != phrase.source.text("en")
                assert not phrase.severity or (phrase.better.zh and phrase.better.en), phrase.id


def test_each_forbidden_phrase_is_found_as_itself(counter):
    for phrase in counter.phrases["forbidden"]:
        for text in (phrase.text, "".join(sign for sign in phrase.text if sign.isalnum())):
            assert [hit.phrase.id for hit in hits(counter, text, "forbidden")] == [phrase.id], text


def test_nothing_courteous_and_no_better_sentence_is_accused(counter):
    polite = [phrase.text for phrase in counter.phrases["courteous"]]
    polite += [phrase.better.zh for listed in counter.phrases.values() for phrase in listed if phrase.better.zh]
    accused = {text: found for text in polite if (found := hits(counter, said(text), "forbidden"))}
    assert not accused


def test_each_courteous_phrase_stands_for_its_stage(counter):
    for phrase in counter.phrases["courteous"]:
        found = hits(counter, said(phrase.text), "courteous")
        assert phrase.stage in {hit.phrase.stage for hit in found}, phrase.text


def test_meaning_in_other_words(counter):
    """Sentences of both kinds that the lists were tried on; they stand in the file, not in the lists."""
    told = paraphrases.judged(counter)
    assert told.found / told.rude >= 0.8
    assert told.accused == []


def test_a_list_becomes_phrases_in_one_place(counter):
    criterion = counter.criteria["forbidden_phrases_major"]
    params = params_of(counter, criterion)
    assert params["phrases"] == tuple(phrase.spoken for phrase in counter.phrases["forbidden"])
    assert params["severities"] == ("major",)
    assert len(params["allowances"]) == len(counter.allowances)
    assert params_of(counter, counter.criteria["snr"]) == {}
    assert len(phrases_of(counter)) == sum(len(listed) for listed in counter.phrases.values())


def test_what_the_second_recogniser_listens_for_is_short(counter):
    told = listened_for(counter)
    assert "不归我管" in told
    assert "请出示您的身份证件" in told
    assert all(len(each) > 1 for each in told)
    assert len(told) < 1000


@pytest.fixture
def judged(counter, build):
    def judged(text, *, second="both", profile="seated"):
        voice = voice_of_text(text, second=second)
        performance = build.performance(voice=voice, duration_s=max(20.0, voice.duration_s))
        return assess(performance, counter, profile=profile, **RUN)

    return judged


def test_rude_words_cost_more_than_a_grade(judged):
    verdicts = {
        name: {v.criterion: v for v in judged(text).verdicts} for name, text in (("good", POLITE), ("bad", RUDE))
    }
    assert verdicts["good"]["courtesy_coverage"].sub_score == 1
    assert verdicts["good"]["please_not_orders"].sub_score == 1
    assert verdicts["good"]["forbidden_phrases_major"].value == 0
    assert verdicts["bad"]["courtesy_coverage"].sub_score == 0
    assert verdicts["bad"]["please_not_orders"].sub_score == 0
    assert verdicts["bad"]["forbidden_phrases_major"].value >= 4
    caps = [cap for cap in judged(RUDE).caps if "forbidden_phrases_major" in cap.criteria]
    assert [(cap.total, cap.status) for cap in caps] == [(69, "applied")]


def test_what_one_recogniser_heard_waits_for_a_person(judged):
    told = judged(RUDE, second=None)
    by_id = {v.criterion: v for v in told.verdicts}
    assert by_id["forbidden_phrases_major"].status == "needs_review"
    assert [(c.total, c.status) for c in told.caps if "forbidden_phrases_major" in c.criteria] == [(69, "needs_review")]


def test_a_veto_waits_for_a_person(judged):
    told = judged(POLITE + "你去告啊！")
    assert [(c.total, c.status) for c in told.caps if "forbidden_phrases_veto" in c.criteria] == [(59, "needs_review")]


def test_a_recording_without_words_keeps_its_coverage(counter, build):
    """What is asked of words lowers no coverage: a recording that was judged well enough without them still is."""
    told = assess(build.performance(), counter, profile="seated", **RUN)
    voiced = [v for v in told.verdicts if v.weight > 0 and v.dimension not in ("language", "process")]
    weight = sum(v.weight for v in voiced)
    assert told.coverage == pytest.approx(sum(v.weight for v in voiced if v.status == "assessed") / weight, abs=1e-3)
