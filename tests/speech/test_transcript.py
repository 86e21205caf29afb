"""Words from sound: how many characters are wrong, when they were said, and what must not be made up."""

from __future__ import annotations

import re
from itertools import pairwise
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from liyi.core.errors import LiyiError
from liyi.core.trace import Interval
from liyi.modelfiles.registry import ModelMissingError
from speech import transcript
from speech.stretches import RATE, cut
from speech.transcript import Recogniser, load_recogniser, transcribe
from tests.speech.sounds import load

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from speech.voice import Utterance

GREETING = "您好欢迎来到政务服务大厅请问您要办理什么业务请您出示身份证谢谢"
APOLOGY = "让您跑了三趟是我们没有一次说清楚非常抱歉我理解您的心情请您放心我会负责到底"
READING = (
    "自定义语音提供的工具可让你通过将音频数据与相应的识别结果进行比较直观地检查模型的识别质量"
    "在自定义语音门户中可以播放上传的音频并确定所提供的识别结果是否正确"
    "使用此工具可以快速检查Microsoft的基线语音到文本模型或定型自定义模型的质量无需转录任何音频数据"
)
INAUGURAL = "and so my fellow americans ask not what your country can do for you ask what you can do for your country"
DASHWOOD = (
    "and mr john dashwood had then leisure to consider how much there might be prudently in his power to do for them"
)


def said(path: Path, language: str = "auto") -> tuple[str, tuple[Utterance, ...]]:
    (piece,) = cut([load(path)])
    return transcribe(piece.samples, piece.speech, language=language, recogniser=load_recogniser("whisper_base"))


def tokens(text: str) -> list[str]:
    """Han characters one by one, other words whole."""
    return re.findall(r"[一-鿿]|[a-z0-9']+", text.lower())


def distance(a: Sequence[str], b: Sequence[str]) -> int:
    """Levenshtein distance."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        previous, row = row, [i]
        for j, y in enumerate(b, 1):
            row.append(min(previous[j] + 1, row[-1] + 1, previous[j - 1] + (x != y)))
    return row[-1]


@pytest.mark.models
@pytest.mark.usefixtures("models_ready")
@pytest.mark.parametrize(
    ("clip", "language", "truth", "share_wrong"),
    [
        # Measured: 0.06, 0.03, 0.17, 0.0 and 0.0; small changes of the sound move a word or two, hence the room.
        ("studio/clips/zh_greet_jm_kumo.wav", "zh", GREETING, 0.2),
        ("studio/clips/zh_sooth_jm_kumo.wav", "zh", APOLOGY, 0.1),
        ("media/speech/zh_ms_audio2_long.wav", "zh", READING, 0.25),
        ("media/speech/en_jfk.flac", "en", INAUGURAL, 0.1),
        ("media/speech/en_librivox_0870.wav", "en", DASHWOOD, 0.1),
    ],
)
def test_words_are_right_and_in_time(shared: Path, clip: str, language: str, truth: str, share_wrong: float) -> None:
    path = shared / clip
    (piece,) = cut([load(path)])
    found, utterances = said(path)
    assert found == language
    text = " ".join(u.text for u in utterances)
    assert distance(tokens(truth), tokens(text)) <= share_wrong * len(tokens(truth))
    words = [word for u in utterances for word in u.words]
    assert all(a.end_s <= b.start_s for a, b in pairwise(words))
    for word in words:
        assert 0 <= word.probability <= 1
        assert word.start_s <= word.end_s
        assert any(s.start_s - 1e-3 <= word.start_s and word.end_s <= s.end_s + 1e-3 for s in piece.speech)
    for u in utterances:
        assert (u.start_s, u.end_s) == (u.words[0].start_s, u.words[-1].end_s)
        assert tokens("".join(w.text + " " * (language == "en") for w in u.words)) == tokens(u.text)


@pytest.mark.models
@pytest.mark.usefixtures("models_ready")
def test_two_runs_agree_to_the_last_bit(shared: Path) -> None:
    clip = shared / "studio/clips/zh_sooth_jf_alpha.wav"
    assert said(clip, "zh") == said(clip, "zh")


@pytest.mark.models
@pytest.mark.usefixtures("models_ready")
def test_a_drawn_out_um_is_no_loop(shared: Path) -> None:
    _, utterances = said(shared / "media/speech/en_mfa_um.flac")
    text = " ".join(u.text for u in utterances)
    assert text.lower().startswith("montreal for")  # "forced" or "forest", as the processor rounds
    assert len(text) < 40


@pytest.mark.models
@pytest.mark.usefixtures("models_ready")
def test_no_speech_no_words_and_no_language() -> None:
    silence = np.zeros(10 * RATE, np.float32)
    assert transcribe(silence, (), language="auto", recogniser=load_recogniser("whisper_base")) == ("auto", ())
    assert transcribe(silence, (), language="zh", recogniser=load_recogniser("whisper_base")) == ("zh", ())


@pytest.mark.models
@pytest.mark.usefixtures("models_ready")
def test_the_model_is_loaded_once_and_any_folder_will_do() -> None:
    from liyi.modelfiles.registry import path

    assert load_recogniser("whisper_base") is load_recogniser("whisper_base")
    assert load_recogniser(str(path("whisper_base"))).model.model.is_multilingual
    load_recogniser.cache_clear()


class Scripted:
    """A recogniser that gives prepared answers (else a word at each end), and remembers how long each sound was."""

    def __init__(self, *answers: list[Any], language: tuple[str, float] = ("zh", 1.0)) -> None:
        self.answers = list(answers)
        self.asked: list[float] = []
        self.options: list[dict[str, Any]] = []
        self.language = language
        self.model = SimpleNamespace(is_multilingual=True)

    def recognize(self, audio: Any, **options: Any) -> dict[str, Any]:
        self.asked.append(len(audio.frame_data) / audio.sample_width / audio.sample_rate)
        self.options.append(options)
        end_s = self.asked[-1]
        return {
            "segments": self.answers.pop(0) if self.answers else [segment((0, 0.5, "好"), (end_s - 0.5, end_s, "的"))]
        }

    def detect_language(self, _sound: object) -> tuple[str, float, list[object]]:
        return (*self.language, [self.language])


def segment(*words: tuple[float, float, str], avg_logprob: float = -0.2, tokens: int = 1) -> SimpleNamespace:
    made = [SimpleNamespace(start=a, end=b, word=text, probability=0.9) for a, b, text in words]
    return SimpleNamespace(words=made, avg_logprob=avg_logprob, tokens=[0] * tokens)


def hear(script: Scripted, speech: tuple[Interval, ...], seconds: float, **options: Any) -> tuple[str, list[Any]]:
    sound = np.zeros(round(seconds * RATE), np.float32)
    language, utterances = transcribe(
        sound, speech, recogniser=Recogniser(script, script), **{"language": "zh", **options}
    )
    return language, [(u.start_s, u.end_s, u.text) for u in utterances]


def test_times_of_the_collage_become_times_of_the_recording() -> None:
    # 0.3 s are kept around each stretch: 1.7-3.3 and 9.7-12.3 follow each other, 4.2 s in all.
    script = Scripted([segment((0.3, 1.3, "你好"), (1.9, 3.7, "謝謝"))])
    speech = (Interval(2.0, 3.0), Interval(10.0, 12.0))
    _, found = hear(script, speech, 20.0, offset_s=100.0)
    assert found == [(102.0, 103.0, "你好"), (110.0, 111.8, "谢谢")]
    assert script.asked == [pytest.approx(4.2, abs=1e-3)]


def test_a_word_over_a_pause_stays_within_the_stretch_that_holds_its_middle() -> None:
    script = Scripted([segment((0.0, 2.2, "好的"), (2.2, 4.2, "再见"))])
    _, found = hear(script, (Interval(2.0, 3.0), Interval(10.0, 12.0)), 20.0)
    assert found == [(2.0, 3.0, "好的"), (10.3, 12.0, "再见")]


def test_windows_hold_no_more_than_whisper_hears_at_once() -> None:
    speech = (*(Interval(t, t + 9.0) for t in range(1, 91, 10)), Interval(91.0, 160.0))
    script = Scripted()
    hear(script, speech, 170.0)
    assert max(script.asked) <= 30.0
    assert sum(script.asked) == pytest.approx(sum(s.duration_s for s in speech) + 2 * 0.3 * len(speech), abs=0.1)


def test_what_whisper_left_unheard_is_asked_again() -> None:
    script = Scripted([segment((0.0, 2.0, "您好"))], [segment((0.3, 7.3, "请问"))])
    _, found = hear(script, (Interval(0.0, 2.0), Interval(3.0, 10.0)), 12.0)
    assert [text for _, _, text in found] == ["您好", "请问"]
    assert script.asked == [pytest.approx(9.9, abs=0.01), pytest.approx(7.9, abs=0.01)]


def test_a_loop_is_asked_once_more_and_then_dropped() -> None:
    loop = segment((0.0, 5.8, "好" * 300), tokens=300)
    script = Scripted([loop], [segment((0.3, 5.6, "好的"))])
    _, found = hear(script, (Interval(0.5, 6.0),), 7.0)
    assert [text for _, _, text in found] == ["好的"]
    assert [options.get("repetition_penalty") for options in script.options] == [None, 1.15]
    script = Scripted([loop], [loop], [loop])
    assert hear(script, (Interval(0.5, 6.0),), 7.0)[1] == []
    assert [options.get("no_repeat_ngram_size") for options in script.options] == [None, None, 3]


@pytest.mark.parametrize(
    "text", ["然后被冠冠冠冠冠冠冠冠", "昨天早上,昨天早上、昨天早上,昨天早上", "细 细,细 细", "谢。谢。谢。谢。"]
)
def test_a_loop_that_leaves_room_is_a_loop_too(text: str) -> None:
    script = Scripted([segment((0.0, 5.8, text), tokens=20)], [segment((0.3, 5.6, "然后被冠以"))])
    assert [said for _, _, said in hear(script, (Interval(0.5, 6.0),), 7.0)[1]] == ["然后被冠以"]
    assert script.options[1]["repetition_penalty"] == 1.15


def test_the_same_words_at_every_gain() -> None:
    heard: list[bytes] = []

    class Listening(Scripted):
        def recognize(self, audio: Any, **options: Any) -> dict[str, Any]:
            heard.append(audio.frame_data)
            return super().recognize(audio, **options)

    rng = np.random.default_rng(0)
    sound = rng.standard_normal(3 * RATE).astype(np.float32) * np.float32(0.1)
    for gain in (1.0, 0.125, 2.0):
        script = Listening()
        transcribe(
            sound * np.float32(gain), (Interval(0.5, 2.5),), language="zh", recogniser=Recogniser(script, script)
        )
    assert heard[0] == heard[1] == heard[2]


def test_one_sentence_rehearsed_many_times_is_no_loop() -> None:
    words = [(k * 2.0, k * 2.0 + 1.8, "您好请坐。") for k in range(14)]
    script = Scripted([segment(*words, tokens=70)])
    assert len(hear(script, (Interval(0.0, 28.0),), 28.0)[1][0][2]) == 70
    assert len(script.asked) == 1


def test_what_the_model_itself_hardly_believes_is_dropped() -> None:
    script = Scripted([segment((0.3, 5.0, "字幕"), avg_logprob=-1.2)])
    assert hear(script, (Interval(0.5, 5.5),), 6.0)[1] == []


def test_a_pause_of_the_speaker_parts_utterances() -> None:
    # The recogniser's own gap between 一 and 二 is none; 0.3 s are a pause, but no end of a phrase.
    script = Scripted([segment((0.0, 0.4, "一"), (1.2, 2.0, "二"), (2.2, 3.0, "三"), (3.7, 4.6, "四"))])
    speech = (Interval(0.0, 2.0), Interval(2.3, 3.1), Interval(3.7, 4.6))
    assert [text for _, _, text in hear(script, speech, 5.0)[1]] == ["一二三", "四"]


@pytest.mark.parametrize(("odds", "expected"), [(0.9, "zh"), (0.01, "auto")])
def test_a_language_in_doubt_is_not_guessed(odds: float, expected: str) -> None:
    script = Scripted([segment((0.3, 5.0, "您好"))], language=("zh", odds))
    language, found = hear(script, (Interval(0.5, 5.0),), 6.0, language="auto")
    assert language == expected
    assert len(found) == (expected == "zh")


@pytest.mark.parametrize(
    ("odds", "expected"),
    [
        ([("bo", 0.6), ("zh", 0.3), ("en", 0.01)], "zh"),
        ([("yue", 0.7), ("zh", 0.1), ("en", 0.1)], "zh"),
        ([("cy", 0.6), ("en", 0.3), ("zh", 0.01)], "en"),
        ([("ja", 0.6), ("en", 0.2), ("zh", 0.2)], "auto"),
    ],
)
def test_auto_chooses_among_the_languages_of_the_pack(odds: list[tuple[str, float]], expected: str) -> None:
    script = Scripted([segment((0.3, 5.0, "您好"))])
    script.detect_language = lambda _sound: (*odds[0], odds)  # type: ignore[method-assign, assignment, return-value]
    assert hear(script, (Interval(0.5, 5.0),), 6.0, language="auto")[0] == expected


@pytest.mark.parametrize(
    ("odds", "expected"),
    [
        ([("zh", 0.3), ("en", 0.2)], "zh"),  # in doubt beside English, which this pack does not judge
        ([("en", 0.9), ("zh", 0.05)], "en"),  # but English is no Chinese
        ([("en", 0.3), ("zh", 0.25)], "auto"),
    ],
)
def test_where_the_pack_judges_one_language_only_that_one_needs_no_certainty(
    odds: list[tuple[str, float]], expected: str
) -> None:
    script = Scripted([segment((0.3, 5.0, "您好"))])
    script.detect_language = lambda _sound: (*odds[0], odds)  # type: ignore[method-assign, assignment, return-value]
    found = hear(script, (Interval(0.5, 5.0),), 6.0, language="auto", languages=("zh",))[0]
    assert found == expected


def test_simplified_also_the_particle() -> None:
    script = Scripted([segment((0.0, 1.0, "等"), (1.0, 2.0, "著,"), (2.0, 3.0, "著名"))])
    assert hear(script, (Interval(0.0, 3.0),), 3.0)[1][0][2] == "等着,著名"


def test_english_is_left_as_it_is() -> None:
    script = Scripted([segment((0.0, 1.0, " Thank"), (1.0, 2.0, " you."))])
    assert hear(script, (Interval(0.0, 2.0),), 2.0, language="en")[1][0][2] == "Thank you."


def test_progress_never_goes_back() -> None:
    reached: list[float] = []
    speech = tuple(Interval(t, t + 9.0) for t in range(1, 91, 10))
    script = Scripted()
    hear(script, speech, 100.0, offset_s=50.0, progress=reached.append)
    assert reached == sorted(reached)
    assert reached[-1] == pytest.approx(140.3)


def test_an_unknown_recogniser_is_named() -> None:
    with pytest.raises(LiyiError, match="no recogniser nowhere"):
        load_recogniser("nowhere")


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LiyiError, match="holds no Whisper model"):
        load_recogniser(str(tmp_path))


def test_a_folder_with_something_else_is_refused(tmp_path: Path) -> None:
    for name in ("model.bin", "config.json", "tokenizer.json"):
        (tmp_path / name).write_bytes(b"not a model")
    with pytest.raises(LiyiError, match="holds no Whisper model"):
        load_recogniser(str(tmp_path))


def test_a_known_model_that_is_missing_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIYI_MODELS", str(tmp_path))
    transcript.load_recogniser.cache_clear()
    with pytest.raises(ModelMissingError, match="liyi models fetch"):
        load_recogniser("whisper_base")
