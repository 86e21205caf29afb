"""Captions hold every word at its time, two lines at most, what was doubted marked, nothing as markup."""

from __future__ import annotations

import re

from liyi.etiquette.assessment import TranscriptLine, TranscriptWord
from liyi.report.captions import MOST_WIDE, webvtt


def line(text: str, *words: tuple[str, float]) -> TranscriptLine:
    said = [
        TranscriptWord(start_s=k * 0.5, end_s=k * 0.5 + 0.4, text=w, probability=p) for k, (w, p) in enumerate(words)
    ]
    return TranscriptLine(start_s=0, end_s=len(words) / 2, text=text, words=tuple(said))


def test_every_word_of_a_recording_stands_in_a_cue(assessment):
    vtt = webvtt(assessment.transcript)
    assert vtt.startswith("WEBVTT\n\n")
    cues = re.findall(r"(\d\d:\d\d:\d\d\.\d{3}) --> (\d\d:\d\d:\d\d\.\d{3})\n(.+)\n", vtt)
    assert "".join(re.sub("<[^>]+>", "", text) for _, _, text in cues) == "".join(
        each.text for each in assessment.transcript
    )
    assert all(start < end for start, end, _ in cues)
    assert all(sum(2 if ord(c) > 0x2E80 else 1 for c in re.sub("<[^>]+>", "", text)) <= MOST_WIDE + 2
               for _, _, text in cues)  # fmt: skip
    assert [text for _, _, text in cues].count("您好，请<c.unsure>问您</c>需要办理什么业务？") == sum(
        each.text.startswith("您好") for each in assessment.transcript
    )


def test_english_keeps_its_spaces_and_nothing_is_markup():
    vtt = webvtt([line("It was <b> & fine.", ("It", 0.9), ("was", 0.9), ("<b>", 0.2), ("&", 0.9), ("fine.", 0.9))])
    assert "It was <c.unsure>&lt;b&gt;</c> &amp; fine." in vtt


def test_no_word_ends_its_cue():
    odd = line("eins\n\n00:01 --> 99:00\rzwei", ("eins\n\n00:01 --> 99:00\rzwei", 0.9))
    assert webvtt([odd]).split("\n\n") == ["WEBVTT", "00:00:00.000 --> 00:00:00.400\neins 00:01 --&gt; 99:00 zwei\n"]


def test_a_line_without_words_has_no_cue():
    assert webvtt([line("Hm.")]) == "WEBVTT\n"


def test_chinese_has_chinese_punctuation_and_numbers_and_english_keep_theirs():
    said = line(
        "您好,请问?共3.5元, it is. 谢谢.", ("您好,", 0.9), ("请问?", 0.9), ("共3.5元, it is.", 0.9), ("谢谢.", 0.9)
    )
    assert webvtt([said]).split("\n\n")[1:] == [
        "00:00:00.000 --> 00:00:00.900\n您好，请问？",
        "00:00:01.000 --> 00:00:01.900\n共3.5元， it is. 谢谢。\n",
    ]
