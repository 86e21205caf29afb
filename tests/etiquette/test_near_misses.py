"""Ordinary polite sentences that hold a listed phrase or most of one: what the counter's pack makes of them as text.

`tests/speech/near_misses.tsv` names the phrase that each comes near (``-`` where nobody looked for one). Both
recognisers hear every word, so that nothing but the patterns and the allowances can free a sentence.
"""

from __future__ import annotations

import csv
import random
from pathlib import Path

import pytest

from speech.phrases import spoken
from tests.speech.texts import homophone, voice_of_text

SPEECH = Path(__file__).resolve().parents[1] / "speech"
APART = "[8]"  # seconds between two sentences: nothing is taken together across them
MOST_SUSPECTED, MOST_ACCUSED = 0.10, 0.05  # shares of the sentences


def found(pack, text, second="both"):
    listed = tuple(phrase.spoken for phrase in pack.phrases["forbidden"])
    allowed = tuple(each.spoken for each in pack.allowances)
    return spoken(voice_of_text(text, second=second), listed, allowed)


def sentences() -> list[str]:
    with (SPEECH / "near_misses.tsv").open(encoding="utf-8") as file:
        return [row["sentence"] for row in csv.DictReader(file, delimiter="\t")]


def test_polite_sentences_near_a_forbidden_phrase(counter):
    every = sentences()
    assert len(every) >= 80
    hits = found(counter, APART.join(every))
    assert len(hits.sure) + len(hits.unsure) <= MOST_SUSPECTED * len(every), hits
    assert len(hits.sure) <= MOST_ACCUSED * len(every), hits.sure
    assert not [hit for hit in hits.unsure if hit.phrase.severity == "veto"]


def told(pack, text):
    hits = found(pack, text, second=None)
    return [[hit.phrase.id for hit in each] for each in (hits.unsure, hits.softened)]


def some(pack) -> list[str]:
    """Every other forbidden phrase, and every twentieth sentence."""
    return [phrase.text for phrase in pack.phrases["forbidden"]][::2] + sentences()[::20]


def test_no_punctuation_and_traditional_characters_change_nothing(counter):
    from opencc import OpenCC

    traditional = OpenCC("s2tw")
    for text in some(counter):
        other = traditional.convert("".join(sign for sign in text if sign.isalnum()))
        assert told(counter, other) == told(counter, text), other


def test_homophones_change_nothing(counter):
    chance = random.Random(15)
    for text in some(counter):
        other = "".join(homophone(character, chance) for character in text)
        assert told(counter, other) == told(counter, text), (text, other)


@pytest.mark.parametrize(
    ("of", "text"),
    [
        ("told_at_once", "对不起，来不及了"),
        ("requests", "您的电话号码"),
        ("requests", "这件事情您要等"),
        ("requests", "青少年活动中心"),
        ("requests", "您老家在哪"),
        ("requests", "耐心倾听群众"),
        ("told_at_once", "也不会被其他人看到"),
        ("first_asked", "您一路走好"),
        ("jargon", "系统不正常"),
        ("courteous", "您现在先填"),
        ("courteous", "您好像没带"),
        ("courteous", "不会说对不起"),
        ("courteous", "谁跟你再见"),
    ],
)
def test_nothing_is_found_in_words_that_only_sound_like_it(counter, of, text):
    listed = tuple(phrase.spoken for phrase in counter.phrases[of])
    hits = spoken(voice_of_text(text, second="both"), listed, tuple(each.spoken for each in counter.allowances))
    assert not hits.sure, hits.sure
    assert not hits.unsure, hits.unsure


def test_the_same_meaning_in_other_words(counter):
    rude = (
        "你眼睛是干嘛使的",
        "又不是我一个人的事你冲我发什么火",
        "叫你三遍了",
        "这么点小事也来问",
        "我犯不着跟你解释",
        "再啰嗦我就不给你办了",
        "想投诉就投诉谁怕谁",
        "说了你也不懂浪费我口水",
    )
    for text in rude:
        hits = found(counter, text)
        assert hits.sure or hits.unsure, text


@pytest.mark.parametrize(
    "text",
    [
        "您别发火我来给您解决",
        "您看不懂就回头看这个视频",
        "您嫌慢的话可以走自助机",
        "您想投诉就投诉我把电话给您",
        "您想怎么样办都行",
        "您好您没听见广播叫号吧",
        "您能不能快递过来",
        "老人家慢慢等着我给您倒水",
        "我们没有商量好的方案",
        "您听清楚了没有没听清我再说一遍",
        "您去问别人要一份样表也行",
        "您有意见找领导反映也可以",
        "我也没办法开这个证明我把地址写给您",
        "老人家识不识字都可以办，我全程代写",
        "让您这么跑来跑去，是真的烦人，我们跟您赔个不是",
        "我怎么不早说这一条呢，怪我",
        "我还有事没跟您交代完",
        "这怎么不关我的事呢，您交给我",
        "现在就办，不用明天再来",
        "停电了您不用明天再来",
        "下班了您也不用明天再来",
        "是我打错了，我来重填一张",
        "您女儿说怎么还问一遍",
        "您往左边站一点点",
        "我也想弄清是怎么搞的",
        "您想晓得这里怎么搞的话我有张图",
    ],
)
def test_polite_sentences_that_only_sound_like_a_forbidden_phrase(counter, text):
    hits = found(counter, text)
    assert not hits.sure, hits.sure
    assert not hits.unsure, hits.unsure


@pytest.mark.parametrize(
    "text",
    [
        "你识不识字也不看看",
        "让你这么写你不写，真烦人",
        "我说你怎么不早说",
        "我还有事没空理你",
        "爱怎么着怎么着不关我的事",
        "今天办不了明天再来",
        "停电了你明天再来",
        "下班了你明天再来吧",
        "你填错了，重填",
        "我打错了也得你重填",
        "停电了不用等明天再来吧",
        "下班了不用等明天再来",
        "坐到边上去",
        "你怎么搞的",
        "你问我，那我问谁啊",
    ],
)
def test_rude_sentences_with_words_of_the_polite_ones(counter, text):
    hits = found(counter, text)
    assert hits.sure or hits.unsure


@pytest.mark.parametrize(
    ("text", "sure", "unsure", "softened"),
    [
        ("这事不归我管，我帮您问一下", 1, 0, 0),  # a major one that makes its clause stays
        ("您怎么现在才来拿？没事，我给您留着呢", 0, 0, 0),  # one that is part of it is freed by courtesy
        ("您怎么现在才来？我给您留着呢", 1, 0, 0),
        ("我不知道，我帮您问一下", 0, 0, 1),
        ("我们这里处理不了纸币您扫码可以吗", 0, 0, 1),
        ("没看见我正在忙的时候您可以按铃", 0, 0, 0),
        ("要是早就告诉过您就好了", 0, 0, 0),
        ("村里是不是告诉您了", 0, 0, 0),  # the second half of a question
        ("真麻烦您了", 0, 0, 0),  # a part of a courteous wording
        ("今天的快递怎么现在才来", 0, 1, 0),  # somebody else's fault, perhaps: a person decides
        ("你懂还是我懂，请坐，我帮您查", 0, 1, 0),  # a veto waits for a person, courtesy or not
        ("怎么看不出来，这不一眼就看出来了吗", 1, 0, 0),  # two parts of one fault are one
    ],
)
def test_what_stands_around_decides(counter, text, sure, unsure, softened):
    hits = found(counter, text)
    assert (len(hits.sure), len(hits.unsure), len(hits.softened)) == (sure, unsure, softened), hits


@pytest.mark.parametrize("rude", ["请您出去", "请您闭嘴", "麻烦您让开"])
def test_courtesy_before_an_insult_is_none(counter, rude):
    allowed = tuple(each.spoken for each in counter.allowances)
    for of in ("requests", "courteous"):
        hits = spoken(voice_of_text(rude, second="both"), tuple(p.spoken for p in counter.phrases[of]), allowed)
        assert not hits.sure, hits.sure
        assert not hits.unsure, hits.unsure
