"""The phrases of the shipped packs: each is found as itself, nothing polite is accused, words count in the total."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from liyi.etiquette.assess import assess
from liyi.etiquette.norms import NormPackError, load_pack
from liyi.etiquette.pack_phrases import listened_for, params_of, phrases_of
from speech.patterns import least_said
from speech.phrases import spoken

sys.path.append(str(Path(__file__).resolve().parents[1] / "speech"))
sys.path.append(str(Path(__file__).resolve().parents[2] / "benchmarks"))

import paraphrases
from texts import voice_of_text

RUN = {"liyi_version": "0", "created_at": "2026-01-01T00:00:00Z", "elapsed_s": 1.0}
SLOT = "那个材料"  # stands where a phrase says ××
POLITE = 2 * (
    "您好，请问您需要办理什么业务？请您先坐。请出示您的身份证件，谢谢。请您核对一下信息是否准确。麻烦您在这里签字。"
    "您的手续已经办好，请收好您的证件和材料。请慢走，再见！"
)
RUDE = (
    2 * "急什么，等着！我不是说过了吗？把身份证给我，这个不归我管。你去问别人。去那边等着，填这张表。别啰嗦，自己看。"
)


def hits(pack, texts, *lists):
    """What is found in each of the texts, all of them said in one recording with eight seconds between them."""
    return paraphrases.found_in(texts, tuple(phrase.spoken for name in lists for phrase in pack.phrases[name]), pack)


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


def test_no_way_to_say_what_is_forbidden_is_shorter_than_three_syllables(counter):
    """Two syllables without tones are in too many other words: 活该 in 和该."""
    short = [p for phrase in counter.phrases["forbidden"] for p in phrase.spoken.written if least_said(p) < 3]
    assert short == []


def test_each_forbidden_phrase_is_found_as_itself(counter):
    listed = counter.phrases["forbidden"]
    texts = [phrase.text for phrase in listed]
    bare = ["".join(sign for sign in text if sign.isalnum()) for text in texts]
    for written in (texts, bare):
        for phrase, found in zip(listed, hits(counter, written, "forbidden"), strict=True):
            assert [hit.phrase.id for hit in found] == [phrase.id], phrase.text


def test_nothing_courteous_and_no_better_sentence_is_accused(counter):
    polite = [phrase.text for phrase in counter.phrases["courteous"]]
    polite += [phrase.better.zh for listed in counter.phrases.values() for phrase in listed if phrase.better.zh]
    found = hits(counter, [said(text) for text in polite], "forbidden")
    assert {text: each for text, each in zip(polite, found, strict=True) if each} == {}


def test_each_courteous_phrase_stands_for_its_stage(counter):
    listed = counter.phrases["courteous"]
    found = hits(counter, [said(phrase.text) for phrase in listed], "courteous")
    for phrase, each in zip(listed, found, strict=True):
        assert phrase.stage in {hit.phrase.stage for hit in each}, phrase.text


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
    ten = counter.phrases["ten_words"]  # for a drill, judged by no criterion of the pack
    assert len(phrases_of(counter)) == sum(len(listed) for listed in counter.phrases.values()) - len(ten)


def test_what_the_second_recogniser_listens_for_is_short(counter):
    told = listened_for(counter)
    assert "不归我管" in told
    assert "请出示您的身份证件" in told
    assert all(len(each) > 1 for each in told)
    assert len(told) < 1000


@pytest.fixture
def judged(counter, build):
    def judged(text, *, second="both", profile="standing"):
        """Somebody who stands upright for a minute and says ``text``."""
        voice = voice_of_text(text, second=second)
        uncalibrated = {"camera": "auto", "calibration": None, "language": "zh"}
        performance = build.performance(
            voice=voice, body=build.body(seconds=60.0, calibration=None), duration_s=60.0, options=uncalibrated
        )
        return assess(performance, counter, profile=profile, **RUN)

    return judged


def by_id(assessment):
    return {verdict.criterion: verdict for verdict in assessment.verdicts}


def caps_of(assessment, criterion):
    return [(cap.total, cap.status) for cap in assessment.caps if criterion in cap.criteria]


def test_rude_words_cost_more_than_a_grade(judged):
    good, bad = judged(POLITE), judged(RUDE)
    assert by_id(good)["courtesy_coverage"].sub_score == by_id(good)["please_not_orders"].sub_score == 1
    assert by_id(bad)["courtesy_coverage"].sub_score == by_id(bad)["please_not_orders"].sub_score == 0
    assert by_id(good)["forbidden_phrases_major"].value == 0
    assert by_id(bad)["forbidden_phrases_major"].value >= 4
    assert (69, "applied") in caps_of(bad, "forbidden_phrases_major")
    assert bad.total <= 69
    assert good.total - bad.total >= 15


MISSING = "您好，您的材料不齐，先回去吧，等您准备好了再说，今天就先到这里，后面的同志可以过来了。"
TOLD = "您还缺两样材料，一样是租房合同，一样是照片。我给您写下来。补齐以后三个工作日就能办好，到时候电话通知。"
REFUSED = "您好，这一项现在还办不了，没有别的了，您就先回去吧，后面的同志可以过来了，今天人比较多。"
MANAGED = "目前能为您做到的是先登记，这一项现在还办不了，依据是管理办法第三条，最迟星期五之前给您答复，我说清楚了吗？"
SENT = "这个业务在别的窗口办理，后面的同志可以过来了，今天人比较多，大家都不要着急，一个一个办。"
SHOWN = "这个业务在三号窗口办理，在二楼左手边，您先取个号。我带您过去，已经和同事说好了，他在那里等您。"
ANGRY = "我跑了三趟了，你们到底办还是不办，今天人又这么多，材料放在桌子上了，后面的同志可以过来了。"
CALMED = "您好，您先坐。我理解您的心情，实在抱歉。我有两个办法供您选择，最迟星期五我给您回复。请慢走，再见。"


def scores(judged, criterion, none, full):
    """Sub-scores of a performance that fails and of one that is full."""
    found = [by_id(judged(text, profile="complaint" if "complaint" in criterion else "phone")) for text in (none, full)]
    return [each[criterion].sub_score for each in found]


@pytest.mark.extremes("courtesy_coverage")
def test_extremes_of_courtesy(judged):
    assert scores(judged, "courtesy_coverage", RUDE, POLITE) == [0, 1]


@pytest.mark.extremes("courtesy_coverage_complaint")
def test_extremes_of_courtesy_with_complaints(judged):
    assert scores(judged, "courtesy_coverage_complaint", ANGRY, CALMED) == [0, 1]


@pytest.mark.extremes("please_not_orders")
def test_extremes_of_requests(judged):
    assert scores(judged, "please_not_orders", RUDE, POLITE) == [0, 1]


@pytest.mark.extremes("told_at_once")
def test_extremes_of_telling_at_once(judged):
    assert scores(judged, "told_at_once", MISSING, TOLD) == [0, 1]


@pytest.mark.extremes("expectation")
def test_extremes_of_expectations(judged):
    assert scores(judged, "expectation", REFUSED, MANAGED) == [0, 1]


@pytest.mark.extremes("first_asked")
def test_extremes_of_sending_on(judged):
    assert scores(judged, "first_asked", SENT, SHOWN) == [0, 1]


def test_what_one_recogniser_heard_waits_for_a_person(judged):
    told = judged(RUDE, second=None)
    assert by_id(told)["forbidden_phrases_major"].status == "needs_review"
    assert caps_of(told, "forbidden_phrases_major") == [(69, "needs_review")]
    assert told.total is not None


def test_a_veto_waits_for_a_person(judged):
    told = judged(POLITE + "你去告啊！")
    assert caps_of(told, "forbidden_phrases_veto") == [(59, "needs_review")]
    assert told.total == judged(POLITE).total


def test_a_recording_without_words_keeps_its_coverage(counter, build):
    """What is asked of words lowers no coverage: a recording that was judged well enough without them still is."""
    told = assess(build.performance(), counter, profile="seated", **RUN)
    voiced = [v for v in told.verdicts if v.weight > 0 and v.dimension not in ("language", "process")]
    weight = sum(v.weight for v in voiced)
    assert told.coverage == pytest.approx(sum(v.weight for v in voiced if v.status == "assessed") / weight, abs=1e-3)


def test_each_english_phrase_is_found_as_itself(presentation):
    allowances = tuple(each.spoken for each in presentation.allowances)
    for name, listed in presentation.phrases.items():
        phrases = tuple(phrase.spoken for phrase in listed)
        for phrase in listed:
            voice = voice_of_text(phrase.text.replace("…", ""), language="en")
            found = spoken(voice, phrases, allowances)
            hits = [hit.phrase.id for hit in (*found.sure, *found.unsure, *found.softened)]
            assert phrase.id in hits, (name, phrase.text)
            polite = phrase.better.en and spoken(voice_of_text(phrase.better.en, language="en"), phrases, allowances)
            assert not polite or not polite.unsure, phrase.better.en


@pytest.mark.parametrize(
    ("written", "mistaken", "says"),
    [
        ('severities = ["veto"]', 'severities = ["vetto"]', "did you mean veto"),
        ('occasions = ["materials", "itemised"]', 'occasions = ["material"]', "did you mean materials"),
    ],
)
def test_a_name_that_no_phrase_of_the_list_has_is_a_fault(tmp_path, written, mistaken, says):
    shipped = (Path(__file__).resolve().parents[2] / "liyi/etiquette/packs/counter.toml").read_text(encoding="utf-8")
    assert written in shipped
    (tmp_path / "own.toml").write_text(shipped.replace(written, mistaken, 1), encoding="utf-8")
    with pytest.raises(NormPackError, match=says):
        load_pack(tmp_path / "own.toml")
