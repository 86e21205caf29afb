"""Norm packs as files: the shipped ones are sound, a broken one names every fault with its line, two are compared."""

from __future__ import annotations

import math
import re
import sys
import tomllib
from pathlib import Path

import pytest

from liyi.core.words import explain_fault
from liyi.etiquette import norms
from liyi.etiquette.assessment import Source
from liyi.etiquette.norms import (
    BrokenPackError,
    NormPackError,
    check_pack,
    diff_packs,
    list_packs,
    load_pack,
    pack_bytes,
)
from liyi.etiquette.pack_lines import key_lines, line_of
from speech.phrases import Allowance, Phrase

sys.path.append(str(Path(__file__).resolve().parents[2] / "benchmarks"))

import damage

COUNTER = Path(norms.__file__).parent / "packs" / "counter.toml"
NORMS_DOC = Path(norms.__file__).parents[2] / "docs" / "norms.md"

SOUND = """\
id = "mine"
version = "1.0.0"
coverage_floor = 0.6

[profiles.seated]
camera = "front"
weights = { shoulder_tilt = 4 }

[criteria.shoulder_tilt]
measure = "shoulder_tilt"
aggregate = "share_in_band"
dimension = "posture"
group = "lean"
good = [-3, 3]
tolerable = [-6, 6]
fail = [-12, 12]
share = { good = 90, tolerable = 75, fail = 50 }
params = {}
confidence = "M"
exempt = []
source = { doc = "a rule", clause = "3" }
advice = { zh = "双肩放平。", en = "Level the shoulders." }
"""


@pytest.fixture
def write(tmp_path):
    def write(text: str | bytes, name: str = "mine.toml") -> Path:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def faults(path) -> dict[tuple[int, str], str]:
    return {(fault.line, fault.key): fault.notice.text for fault in check_pack(path)}


@pytest.mark.parametrize("id", ["counter", "presentation"])
def test_shipped_packs_are_sound_and_speak_two_languages(id):
    assert check_pack(id) == []
    pack = load_pack(id)
    assert pack.id == id
    for names in (pack, *pack.profiles.values(), *pack.criteria.values()):
        assert names.name.zh
        assert names.name.en
    for criterion in pack.criteria.values():
        for told in (*criterion.advice.ways, *criterion.hint.ways, *criterion.says.ways):
            assert told.zh
            assert told.en
        if all(math.isfinite(edge) for edge in criterion.good) and criterion.good[0] > criterion.floor:
            assert criterion.advice.low.zh, f"{criterion.measure} has two sides"
            assert criterion.advice.high.zh
        assert criterion.source.clause
        in_chinese, in_english = criterion.source.text("zh"), criterion.source.text("en")
        assert in_chinese != in_english
        assert re.search("[一-龥]", in_chinese)
        assert ("建议值" in in_chinese) == ("proposal" in in_english.lower())
        assert not set("!！") & {sign for told in criterion.advice.ways for sign in told.zh + told.en}
        assert criterion.dimension in pack.dimensions
    used = {id for profile in pack.profiles.values() for id in profile.weights}
    assert used == set(pack.criteria)


def test_a_proposal_is_called_one(counter):
    for id, criterion in counter.criteria.items():
        assert ("建议值" in criterion.source.clause) or criterion.confidence != "L", id


def test_a_source_in_one_language_serves_both():
    assert Source(doc="a rule", clause="3").text("zh") == "a rule · 3"
    assert Source(doc="a rule", en="article 3 of it").text("zh") == "a rule"
    assert Source(doc="a rule", en="article 3 of it").text("en") == "article 3 of it"


def test_packs_name_each_criterion_by_its_measure(counter, presentation):
    for pack in (counter, presentation):
        for id, criterion in pack.criteria.items():
            assert id.startswith(criterion.measure) or id == "outburst"  # the longest time of a raised voice


def test_rows_of_the_rubric_are_of_shipped_criteria(counter, presentation):
    table = NORMS_DOC.read_text(encoding="utf-8").partition("**Their rows in the rubric.**")[2]
    ids = re.findall(r"^\| `(\w+)` \| [PFVWR]\d\d", table, re.MULTILINE)
    assert len(ids) > 30
    assert set(ids) <= {*counter.criteria, *presentation.criteria}


def test_a_silent_recording_never_reaches_a_total(counter, presentation):
    """Every profile asks for speech: a good microphone and quiet hands are no performance."""
    for pack in (counter, presentation):
        for profile in pack.profiles.values():
            assert profile.needs.speech_s > 0
            assert profile.needs.syllables > 0
            assert all(pack.criteria[id].kind == "quality" for id, weight in profile.weights.items() if weight)
            assert sum(profile.dimensions.values()) == 100


def test_points_of_faults_follow_their_source(counter, presentation):
    for pack in (counter, presentation):
        for id, criterion in pack.criteria.items():
            if criterion.kind == "fault":
                assert criterion.points == {"H": 3, "M": 2, "L": 1}[criterion.confidence], id


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "says"),
    [
        ('group = "lean"', 'kind = "fault"\npoints = 3\nmost = 30', 11, "aggregate", "cannot be a share_in_band"),
        ('group = "lean"', "points = 3", 13, "points", "belongs to a fault"),
        ("params = {}", 'kind = "condition"', 7, "shoulder_tilt", "Only a quality weighs"),
    ],
)
def test_faults_of_kinds_have_their_line(write, old, new, line, key, says):
    found = faults(write(SOUND.replace(old, new)))
    assert any(where == line and name.endswith(key) and says in told for (where, name), told in found.items()), found


def test_each_red_line_has_its_own_line(write):
    caps = """
[[caps]]
criteria = ["shoulder_tilt"]
when = "above"
value = 50
total = 69

[[caps]]
criteria = ["shoulder_tilts"]
when = "above"
value = 50
total = 59
"""
    text = SOUND + caps
    found = faults(write(text))
    at = text.splitlines().index('criteria = ["shoulder_tilts"]') + 1
    assert found[at, "caps.1.criteria"] == "shoulder_tilts is not known here; did you mean shoulder_tilt?"
    assert (at + 3, "caps.1.total") in faults(write(text.replace("total = 59", "total = 159")))


def test_list_names_what_ships():
    assert [ref.id for ref in list_packs()] == ["counter", "presentation"]
    assert all(re.fullmatch(r"[0-9a-f]{64}", ref.sha256) for ref in list_packs())


def test_a_pack_as_the_contract_writes_it(write):
    pack = load_pack(write(SOUND))
    assert pack.profile_id() == "seated"
    assert pack.profile_name("seated", "zh") == "seated"
    assert (pack.criterion_floor, pack.min_assessed_s) == (0, 0)


def test_every_fault_in_one_message_with_its_line(write):
    broken = (
        SOUND.replace('version = "1.0.0"', 'version = "one"')
        .replace("coverage_floor = 0.6", "coverage_flor = 0.6")
        .replace("weights = { shoulder_tilt = 4 }", "weights = { shoulder_tilt = -1, sholder_tilt = 2, trunk = 1 }")
        .replace('group = "lean"', 'groupx = "lean"')
    )
    broken += """
[criteria.trunk]
measure = "trunk_forward_lean"
aggregate = "per_minute"
dimension = "posture"
good = [3, -3]
tolerable = [-6, 6]
fail = [-12, 12]
confidence = "Q"
source = { doc = "", clause = "" }
advice = {}

[criteria.arms]
measure = "crossed_arm"
aggregate = "share_in_band"
dimension = "posture"
good = [-5, 5]
tolerable = [
  -4,
  9,
]
fail = [-6, inf]
params = { wrist = 3 }
confidence = "L"
source = { doc = "a rule" }
advice = { zh = "手放下。" }

[profiles.deaf]
camera = "none"
weights = { arms = 0 }
"""
    path = write(broken)
    with pytest.raises(BrokenPackError) as raised:
        load_pack(path)
    lines = str(raised.value).splitlines()
    assert "mine.toml" in lines[0]
    assert len(lines) - 1 == len(raised.value.faults)
    found = [(fault.line, fault.key) for fault in raised.value.faults]
    assert found == sorted(found)
    assert found == [
        (1, "coverage_floor"),
        (2, "version"),
        (3, "coverage_flor"),
        (7, "profiles.seated.weights.sholder_tilt"),
        (7, "profiles.seated.weights.shoulder_tilt"),
        (7, "profiles.seated.weights.trunk"),
        (13, "criteria.shoulder_tilt.groupx"),
        (26, "criteria.trunk.aggregate"),
        (28, "criteria.trunk.good"),
        (31, "criteria.trunk.confidence"),
        (32, "criteria.trunk.source"),
        (33, "criteria.trunk.advice"),
        (35, "criteria.arms.share"),
        (36, "criteria.arms.measure"),
        (40, "criteria.arms.tolerable"),
        (52, "profiles.deaf.weights"),
    ]
    told = faults(path)
    assert "did you mean coverage_floor" in told[3, "coverage_flor"]
    assert "did you mean shoulder_tilt" in told[7, "profiles.seated.weights.sholder_tilt"]
    assert "did you mean group" in told[13, "criteria.shoulder_tilt.groupx"]
    assert "did you mean crossed_arms" in told[36, "criteria.arms.measure"]


EDITS = [
    ("good = [-3, 3]", "good = [3, -3]", 14, "good", "reversed"),
    ("good = [-3, 3]", "good = [-3]", 14, "good", "two numbers"),
    ("good = [-3, 3]", 'good = ["-3", 3]', 14, "good", "a number"),
    ("good = [-3, 3]", "good = [nan, 3]", 14, "good", "reversed"),
    ("tolerable = [-6, 6]", "tolerable = [-2, 6]", 15, "tolerable", "contain the good"),
    ("fail = [-12, 12]", "fail = [-12, 5]", 16, "fail", "contain the tolerable"),
    ("tolerable = [-6, 6]\nfail = [-12, 12]", "tolerable = [-6, inf]\nfail = [-12, inf]", 15, "tolerable", "infinite"),
    ("share = { good = 90", "share = { good = 60", 17, "share", "must fall"),
    ("share = { good = 90", "share = { good = 190", 17, "share.good", "smaller"),
    ("share = {", "# share = {", 9, "share", "needs a share"),
    ('"share_in_band"', '"median"', 17, "share", "share_in_band only"),
    ('"share_in_band"', '"count"', 11, "aggregate", "share_in_band, median, worst"),
    ('"share_in_band"', '"mean"', 11, "aggregate", "median"),
    ('measure = "shoulder_tilt"', 'measure = "shouldertilt"', 10, "measure", "did you mean shoulder_tilt"),
    ('measure = "shoulder_tilt"', "measure = 3", 10, "measure", "a text"),
    ("params = {}", "params = { window_s = 2 }", 18, "params.window_s", "not known"),
    ('"M"', '"certain"', 19, "confidence", "write one of H, M, L."),
    ('doc = "a rule"', 'doc = " "', 21, "source", "document"),
    ('advice = { zh = "双肩放平。", en = "Level the shoulders." }', "", 9, "advice", "missing"),
    ('zh = "双肩放平。", en = "Level the shoulders."', 'zh = "", en = ""', 22, "advice", "what to do"),
    ("exempt = []", "exempt = []\nreview = 1", 21, "review", "true or false"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "line", "key", "says"), EDITS)
def test_each_fault_has_its_line_and_words(write, old, new, line, key, says):
    assert old in SOUND
    text = faults(write(SOUND.replace(old, new, 1)))
    assert (line, f"criteria.shoulder_tilt.{key}") in text
    assert says in text[line, f"criteria.shoulder_tilt.{key}"]


def test_a_pack_may_ask_for_blind_ratings(write):
    def asking(text: str) -> Path:
        return write(SOUND.replace("[profiles.seated]", f"[review]\n{text}\n\n[profiles.seated]"))

    assert load_pack(write(SOUND)).review.blind == "some"
    assert load_pack(asking('blind = "all"')).review.blind == "all"
    assert "write one of some, all, none" in faults(asking('blind = "every"'))[6, "review.blind"]
    assert "not known" in faults(asking("blindly = 3"))[6, "review.blindly"]
    assert "a table" in faults(write(SOUND.replace("coverage_floor", "review = 3\ncoverage_floor")))[3, "review"]


def test_faults_of_profiles(write):
    hint = SOUND.replace("exempt = []", "review = true")
    assert "weight 0" in faults(write(hint))[7, "profiles.seated.weights.shoulder_tilt"]
    side = SOUND.replace('camera = "front"', 'camera = "side"')
    assert "can never be seen" in faults(write(side))[7, "profiles.seated.weights.shoulder_tilt"]
    ear = SOUND.replace('camera = "front"', 'camera = "none"')
    assert "camera none" in faults(write(ear))[7, "profiles.seated.weights.shoulder_tilt"]
    mixed = SOUND.replace("= 4 }", '= "4", neck = 1 }')
    assert set(faults(write(mixed))) == {(7, f"profiles.seated.weights.{id}") for id in ("shoulder_tilt", "neck")}
    for weight in ("-0.1", "inf", "nan", '"4"', "true"):
        assert (7, "profiles.seated.weights.shoulder_tilt") in faults(write(SOUND.replace("= 4", f"= {weight}")))
    default = SOUND.replace("coverage_floor", 'default_profile = "seatd"\ncoverage_floor')
    assert "did you mean seated" in faults(write(default))[3, "default_profile"]
    dimensions = SOUND.replace("[profiles", "[dimensions]\nbearing = { zh = '姿态', en = 'Bearing' }\n\n[profiles", 1)
    assert (15, "criteria.shoulder_tilt.dimension") in faults(write(dimensions))


def test_no_tables_at_all(write):
    assert {key for _, key in faults(write('id = "a"\nversion = "1.0.0"\ncoverage_floor = 1\n'))} == {
        "criteria",
        "profiles",
    }
    assert {key for _, key in faults(write("criteria = 3\nprofiles = []\n"))} >= {"criteria", "profiles", "id"}
    assert {key for _, key in faults(write(b""))} >= {"id", "version", "coverage_floor", "criteria", "profiles"}


def test_bad_syntax_has_its_line(write):
    assert list(faults(write(SOUND.replace("good = [-3, 3]", "good = [-3, 3")))) == [(15, "")]
    twice = SOUND.replace("fail = [-12, 12]", "good = [-12, 12]")
    assert len(faults(write(twice))) == 1
    unfinished = SOUND + '\nname = "'
    (line, _), text = next(iter(faults(write(unfinished)).items()))
    assert line == 24
    assert text.startswith("This is not TOML")


def test_wrong_encoding_has_its_line(write):
    (place, text) = next(iter(faults(write(SOUND.encode("gbk"))).items()))
    assert place == (22, "")
    assert "UTF-8" in text


def test_editors_of_windows_are_welcome(write):
    windows = b"\xef\xbb\xbf" + SOUND.replace("\n", "\r\n").encode()
    assert load_pack(write(windows)).id == "mine"
    assert (14, "criteria.shoulder_tilt.good") in faults(write(windows.replace(b"[-3, 3]", b"[3, -3]")))


def test_too_large(write):
    path = write(SOUND + "#" * 1_000_001)
    assert "1 MB" in faults(path)[1, ""]


@pytest.mark.parametrize("name", ["no-such-pack", "missing.toml", "."])
def test_no_such_pack(name):
    with pytest.raises(NormPackError, match="counter, presentation"):
        load_pack(name)


def test_no_such_profile(counter):
    with pytest.raises(NormPackError, match="seated, standing, complaint, phone"):
        counter.profile("lying")
    assert counter.profile_id() == "seated"
    assert counter.profile_name("seated", "zh") == "坐席窗口"


def test_lines_of_keys():
    text = 'a = 1\n[t."x.y"]\nb = """\n[no]\nc = 2\n"""\nd = { e = { f = 1 } }\ng = [\n 1, # [z]\n 2]\n[[h]]\ni.j = 3\n'
    lines = key_lines(text)
    assert lines == {
        ("a",): 1, ("t",): 2, ("t", "x.y"): 2, ("t", "x.y", "b"): 3, ("t", "x.y", "d"): 7, ("t", "x.y", "d", "e"): 7,
        ("t", "x.y", "d", "e", "f"): 7, ("t", "x.y", "g"): 8, ("h",): 11, ("h", "0"): 11, ("h", "0", "i"): 12,
        ("h", "0", "i", "j"): 12,
    }  # fmt: skip
    assert line_of(lines, ("t", "x.y", "unknown")) == 2
    assert line_of(lines, ("unknown",)) == 1


def test_lines_of_the_shipped_pack():
    text = COUNTER.read_text(encoding="utf-8")
    rows = text.splitlines()
    lines = key_lines(text)
    for id, criterion in tomllib.loads(text)["criteria"].items():
        assert rows[lines["criteria", id] - 1].startswith(f"[criteria.{id}]")
        for key in criterion:
            assert rows[lines["criteria", id, key] - 1].startswith(f"{key} = ")


def test_diff_tells_old_and_new(write, counter):
    text = COUNTER.read_text(encoding="utf-8")
    edited = text.replace("good = [-3, 3]", "good = [-4, 4]", 1).replace(
        "shoulder_tilt = 1\n", "shoulder_tilt = 2\n", 1
    )
    edited = edited.replace("[profiles.phone]", "[profiles.telephone]").replace(
        "[profiles.phone.weights]", "[profiles.telephone.weights]"
    )
    changes = diff_packs(counter, load_pack(write(edited)))
    assert [change.text for change in changes] == [
        "  profiles.seated.weights.shoulder_tilt: 1 -> 2",
        "- profiles.phone",
        "+ profiles.telephone",
        "  criteria.shoulder_tilt.good: [-3, 3] -> [-4, 4]",
    ]
    assert diff_packs(counter, counter) == []


def test_red_lines_are_compared_one_by_one(write, counter):
    text = COUNTER.read_text(encoding="utf-8")
    edited = load_pack(write(text.replace("value = 50\n", "value = 60\n", 1)))
    first, second = diff_packs(counter, edited)
    assert first.text.startswith(
        "- caps: { criteria = [crossed_arms, hands_on_hips, chin_prop], when = above, value = 5"
    )
    assert second.text == first.text.replace("value = 50", "value = 60").replace("- caps", "+ caps")
    assert len(first.text) < 150


def test_phrases_are_compared_one_by_one(write):
    edited = LISTED.replace('"一边等着"', '"边等着"').replace("[[allowances]]", f"{ASIDE}\n[[allowances]]")
    changes = diff_packs(load_pack(write(LISTED)), load_pack(write(edited, "edited.toml")))
    assert [change.text for change in changes] == [
        "  phrases.rude.wait.patterns: [等着, 一边等着] -> [等着, 边等着]",
        "+ phrases.rude.aside: 一边去。",
    ]


def test_sha256_is_of_the_bytes(write):
    plain, commented = load_pack(write(SOUND)), load_pack(write(SOUND + "# a word\n"))
    assert plain.sha256 == load_pack(write(SOUND)).sha256 != commented.sha256
    assert diff_packs(plain, commented) == []


@pytest.mark.parametrize("number", range(10))
def test_a_mutant_of_a_pack_is_read_or_refused_in_a_sentence(number, tmp_path):
    made = damage.mutant(number, 5, pack_bytes("counter"), damage.PACK_WAYS)
    assert damage.pack_outcome(made, tmp_path) in ("read", "refused")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (".".join("a" * 5000) + " = 1", "too deep"),
        ("good = " + "[" * 3000 + "]" * 3000, "too deep"),
        ("weight = " + "9" * 5000, "This is not TOML"),
    ],
)
def test_what_no_reader_goes_through_is_one_fault(line, said, tmp_path):
    path = tmp_path / "deep.toml"
    path.write_text(line)
    with pytest.raises(NormPackError, match=said):
        load_pack(path)


@pytest.mark.parametrize("band", ["[inf, inf]", "[-inf, -inf]"])
def test_a_band_that_holds_no_number_is_a_fault(band, tmp_path):
    path = tmp_path / "pack.toml"
    text = pack_bytes("counter").decode()
    path.write_text(re.sub(r"good = \[[^]]*\]\ntolerable = \[[^]]*\]\nfail = \[[^]]*\]",
                           f"good = {band}\ntolerable = {band}\nfail = {band}", text, count=1))  # fmt: skip
    with pytest.raises(NormPackError, match="holds no number"):
        load_pack(path)


LISTED = (
    SOUND
    + """
[sources.rule]
doc = "a rule"
clause = "4"

[[phrases.rude]]
id = "wait"
text = "等着！"
patterns = ["等着", "一边等着"]
severity = "major"
better = { zh = "请您稍等。" }
source = "rule"

[[phrases.rude]]
id = "unclear"
text = "不清楚。"
severity = "minor"
better = { en = "Let me ask." }
source = { doc = "another rule" }

[[phrases.kind]]
id = "hello"
text = "您好"
stage = "greet"
source = "rule"

[[allowances]]
kind = "before"
patterns = ["您哪里不清楚"]
phrases = ["unclear"]
"""
)


ASIDE = """\
[[phrases.rude]]
id = "aside"
text = "一边去。"
severity = "major"
better = { zh = "请您稍等。" }
source = "rule"
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('severity = "major"', 'severity = "grave"'),
        ('patterns = ["等着", "一边等着"]', 'patterns = "等着"'),
        ("weights = { shoulder_tilt = 4 }", "weights = { shoulder_tilt = true }"),
        ("coverage_floor = 0.6", "coverage_floor = 6"),
        ('text = "等着！"', "text = 等着"),
        ('text = "等着！"', 'text = "等着！'),
        ('patterns = ["等着", "一边等着"]', 'patterns = ["等着"'),
        ('stage = "greet"', 'stage "greet"'),
    ],
)
def test_what_is_wrong_is_said_in_chinese(write, old, new):
    """What stands in quotes is the editor's own; besides that there is no English sentence."""
    with pytest.raises(BrokenPackError) as refused:
        load_pack(write(LISTED.replace(old, new, 1)))
    lines = [explain_fault(fault, "zh") for fault in refused.value.faults]
    assert lines
    assert not [line for line in lines if re.search(r"[A-Za-z]+ [A-Za-z]+", line)], lines


def test_a_pack_holds_lists_of_phrases_with_their_documents(write):
    pack = load_pack(write(LISTED))
    assert list(pack.phrases) == ["rude", "kind"]
    wait, unclear = pack.phrases["rude"]
    assert (wait.source.text("en"), unclear.source.doc) == ("a rule · 4", "another rule")
    assert wait.spoken == Phrase("wait", "等着！", ("等着", "一边等着"), "major", "", "zh")
    assert pack.phrases["kind"][0].spoken.stage == "greet"
    assert pack.allowances[0].spoken == Allowance("before", ("您哪里不清楚",), (), ("unclear",))


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "says"),
    [
        ('"一边等着"', '"一边（等着）"', 31, "phrases.rude.0.patterns", "Brackets and bars in Chinese width"),
        ('source = "rule"', 'source = "ruel"', 34, "phrases.rude.0.source", "did you mean rule"),
        ('severity = "major"', 'severity = "grave"', 32, "phrases.rude.0.severity", "write one of minor, major, veto."),
        ('id = "unclear"', 'id = "wait"', 37, "phrases.rude.1.id", "first in the list rude"),
        ('better = { en = "Let me ask." }\n', "", 36, "phrases.rude.1.better", "instead of this phrase"),
        ('doc = "another rule"', 'doc = " "', 41, "phrases.rude.1.source", "name the document"),
        ('stage = "greet"', 'stage = "gret"', 46, "phrases.kind.0.stage", "did you mean greet"),
        ('text = "您好"', "texts = 1", 45, "phrases.kind.0.texts", "did you mean text"),
        (
            'kind = "before"',
            'kind = "inside"',
            50,
            "allowances.0.kind",
            "write one of before, after, near, empty, opens.",
        ),
        ('phrases = ["unclear"]', 'phrases = ["uncle"]', 52, "allowances.0.phrases", "did you mean unclear"),
        ('doc = "a rule"\nclause = "4"', 'clause = "4"', 24, "sources.rule", "name the document"),
    ],
)
def test_faults_of_phrases_have_their_line(write, old, new, line, key, says):
    assert old in LISTED
    at = (line, key)
    found = faults(write(LISTED.replace(old, new, 1)))
    assert at in found, found
    assert says in found[at]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('["等着", "一边等着"]', '["等着", 2, "(等着", ["x"]]', ("quotes, found 2", "(等着 cannot", "found ['x']")),
        ('["您哪里不清楚"]', '[{ a = 1 }, "(您"]', ("quotes, found {'a': 1}", "(您 cannot be used")),
        ('["unclear"]', '[1, "uncle"]', ("quotes, found 1", "did you mean unclear")),
        ('patterns = ["等着"', 'stage = "gret"\npatterns = [1, "等着"', ("quotes, found 1", "did you mean greet")),
        ("{ shoulder_tilt = 4 }", '{ shoulder_tilt = "x", neck = 1 }', ("a number, found 'x'", "neck is not known")),
        (
            "[sources.rule]",
            '[[caps]]\nwhen = "above"\ntotal = "x"\ncriteria = ["neck"]\n[[caps]]\n'
            'when = "throughout"\ntotal = 1\ncriteria = ["shoulder_tilts"]\n[sources.rule]',
            ("a number, found 'x'", "neck is not known", "did you mean shoulder_tilt"),
        ),
        (
            "\n\n[profiles",
            '\n[dimensions]\nposture = 5\nvoice = {}\n\n[profiles.other]\ncamera = "both"\n'
            'weights = { shoulder_tilt = 1 }\ndimensions = { posture = 500, voise = 1 }\n\n[profiles',
            ("a table, found 5", "found 500", "did you mean voice"),
        ),
    ],
)  # fmt: skip
def test_a_value_of_another_type_hides_no_other_fault(write, old, new, says):
    """Beside it in the same list or table, as little as elsewhere in the file; each on its line."""
    assert old in LISTED
    text = LISTED.replace(old, new, 1).replace('confidence = "M"', 'confidence = "Q"')
    found = check_pack(write(text))
    told = [fault.notice.text for fault in found]
    for said in (*says, "Q is not known"):
        assert sum(said in each for each in told) == 1, told
    assert len(found) == len(says) + 1, told
    lines = text.splitlines()
    assert all(fault.key.rpartition(".")[2] in lines[fault.line - 1] for fault in found), found


def test_a_text_is_no_pattern_where_the_patterns_are_broken(write):
    found = faults(write(LISTED.replace('"等着！"\npatterns = ["等着", "一边等着"]', '"(等着"\npatterns = [2]')))
    assert list(found) == [(31, "phrases.rude.0.patterns")]


@pytest.mark.parametrize(
    ("table", "key"),
    [("phrases = 3", "phrases"), ("allowances = { kind = 1 }", "allowances"), ("sources = []", "sources"),
     ("phrases = { rude = [1] }", "phrases.rude"), ("sources = { a = 1 }", "sources.a")],
)  # fmt: skip
def test_lists_of_another_kind_are_faults(write, table, key):
    assert (4, key) in faults(write(SOUND.replace("\n\n", f"\n{table}\n\n", 1)))
