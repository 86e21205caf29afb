"""Phrases that two transcripts share, and the map of time that follows from them: by truth that is known."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liyi.etiquette.assessment import TranscriptLine, TranscriptWord
from liyi.ui.comparing import matching
from liyi.ui.comparing.matching import LEAST, Phrase, Piece


def said(text: str, start_s: float = 0.0, each_s: float = 0.25) -> tuple[TranscriptLine, ...]:
    """A transcript in which every character takes as long; a full stop ends a line and waits a second."""
    lines, at_s = [], start_s
    for sentence in filter(None, text.split("。")):
        words = [
            TranscriptWord(start_s=at_s + k * each_s, end_s=at_s + (k + 1) * each_s, text=character, probability=1.0)
            for k, character in enumerate(sentence)
        ]
        lines.append(TranscriptLine(start_s=words[0].start_s, end_s=words[-1].end_s, text=sentence, words=tuple(words)))
        at_s = words[-1].end_s + 1.0
    return tuple(lines)


GREETING, REQUEST, FAREWELL = "您好请问您要办理什么业务", "请您出示身份证原件", "感谢您的配合再见"


def test_the_same_words_later_and_slower_are_found_at_their_times():
    one = said(f"{GREETING}。{REQUEST}")
    other = said(f"{GREETING}。{REQUEST}", start_s=3.0, each_s=0.5)
    found = matching.phrases(one, other)
    assert [each.text for each in found] == [GREETING, REQUEST]
    for each, line, later in zip(found, one, other, strict=True):
        assert (each.start_s, each.end_s) == pytest.approx((line.start_s, line.end_s))
        assert (each.other_start_s, each.other_end_s) == pytest.approx((later.start_s, later.end_s))
    pieces = matching.by_phrase(found)
    middle_s = (found[0].start_s + found[0].end_s) / 2
    assert matching.at(pieces, middle_s) == pytest.approx((found[0].other_start_s + found[0].other_end_s) / 2)


def test_other_characters_of_the_same_sound_are_the_same_words():
    assert [each.text for each in matching.phrases(said("请您出示证件"), said("请您出是正件"))] == ["请您出示证件"]


def test_a_word_that_was_misheard_does_not_cut_a_phrase_in_two():
    one, other = said("请您出示身份证原件谢谢配合"), said("请您出示身份这个原件谢谢配合")
    assert [each.text for each in matching.phrases(one, other)] == ["请您出示身份证原件谢谢配合"]


def test_what_stands_in_one_only_is_left_out_and_what_changed_its_place_is_not_forced():
    one = said(f"{GREETING}。{REQUEST}。{FAREWELL}")
    assert [each.text for each in matching.phrases(one, said(f"{GREETING}。{FAREWELL}"))] == [GREETING, FAREWELL]
    swapped = matching.phrases(said(f"{GREETING}。{REQUEST}"), said(f"{REQUEST}。{GREETING}"))
    assert len(swapped) == 1


def test_three_sounds_that_are_the_same_by_chance_are_no_phrase():
    assert matching.phrases(said("今天下雨"), said("明天下午")) == []
    assert matching.phrases((), said(GREETING)) == []
    assert matching.by_phrase([]) == [Piece(0.0, 0.0, 1.0)]


def test_between_two_phrases_nothing_goes_at_another_speed():
    pieces = matching.by_phrase([Phrase(0, 2, 0, 2, "a"), Phrase(12, 14, 4, 6, "b")])
    assert [matching.at(pieces, second) for second in (2.5, 3, 6, 11, 11.5, 12)] == pytest.approx(
        [2.5, 3, 3, 3, 3.5, 4]
    )
    leaps = matching.by_phrase([Phrase(0, 2, 0, 2, "a"), Phrase(4, 6, 32, 34, "b")])
    assert [matching.at(leaps, second) for second in (2.5, 2.9, 3.1, 4)] == pytest.approx([2.5, 2.9, 31.1, 32])
    assert {piece.rate for piece in (*pieces, *leaps)} <= {0.0, 1.0}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from("一二三四五"), max_size=40), st.lists(st.sampled_from("一二三四五"), max_size=40))
def test_the_map_never_goes_back_and_pairs_are_alike(one, other):
    found = matching.pairs(one, other)
    assert all(one[i] == other[j] for i, j in found)
    assert all(i < k and j < m for (i, j), (k, m) in pairwise(found))
    phrases = matching.phrases(said("".join(one)), said("".join(other), each_s=0.4))
    pieces = matching.by_phrase(phrases)
    seconds = [matching.at(pieces, k / 10) for k in range(150)]
    assert all(before <= after + 1e-6 for before, after in pairwise(seconds))
    assert all(each.end_s - each.start_s >= LEAST * 0.25 - 1e-6 for each in phrases)


def test_an_hour_of_speech_is_matched_in_a_moment():
    import time

    text = "。".join(f"{GREETING}{chr(0x4E00 + 7 * k)}{chr(0x5E00 + 11 * k)}{REQUEST}" for k in range(400))
    one, other = said(text), said(text, start_s=5.0)
    begun_s = time.perf_counter()
    found = matching.phrases(one, other)
    assert time.perf_counter() - begun_s < 5
    assert found[-1].end_s == pytest.approx(one[-1].end_s)
