"""Scenes: every one that ships is whole, and every fault of a file is told with its line."""

from __future__ import annotations

import pytest

from liyi.etiquette.norms import load_pack
from liyi.etiquette.scene import BrokenSceneError, all_scenes, read_scene

GOOD = """id = "window"
place = 1
title = { zh = "窗口", en = "Counter" }
pack = "counter"
profile = "seated"
figure = "window"
wants = { zh = "要什么", en = "What they want" }
points = [
  { zh = "问好", en = "Greet" },
]
"""


def test_the_scenes_that_ship_cover_the_profiles_of_the_counter():
    scenes = all_scenes()
    assert next(iter(scenes)) == "window"
    assert {s.profile for s in scenes.values() if s.pack == "counter"} == set(load_pack("counter").profiles)
    assert len({scene.place for scene in scenes.values()}) == len(scenes)
    assert all(scene.prompts for scene in scenes.values())  # whoever is stuck finds help


@pytest.mark.parametrize(
    ("written", "instead", "told"),
    [
        ('profile = "seated"', 'profile = "seeted"', "line 5, profile: seeted is not known here; did you mean seated?"),
        ('pack = "counter"', 'pack = "nothing"', "line 4, pack: There is no norm pack nothing."),
        ("place = 1", "plac = 1", "line 2, plac: plac is not known here; did you mean place?"),
        ('figure = "window"', 'figure = "dog"', "line 6, figure: dog is not known here: write one of window, "),
        (', en = "Counter"', "", "line 3, title: Say it in both languages, zh and en."),
        ('  { zh = "问好", en = "Greet" },\n', "", "line 8, points: "),
        ("place = 1", "place = ", "line 2: This is not TOML"),
    ],
)
def test_every_fault_is_told_with_its_line(written, instead, told):
    assert read_scene(GOOD.encode(), "my.toml").id == "window"
    with pytest.raises(BrokenSceneError) as refused:
        read_scene(GOOD.replace(written, instead).encode(), "my.toml")
    assert told in str(refused.value)
    assert "my.toml" in str(refused.value)


def test_all_faults_are_told_at_once():
    with pytest.raises(BrokenSceneError) as refused:
        read_scene(GOOD.replace("place = 1", "plac = 1").replace('"window"', '"WINDOW"').encode(), "my.toml")
    assert len(refused.value.faults) >= 3
    assert [fault.line for fault in refused.value.faults] == sorted(fault.line for fault in refused.value.faults)


def test_a_file_that_is_no_text_is_refused():
    with pytest.raises(BrokenSceneError, match="UTF-8"):
        read_scene(GOOD.encode("gb18030"), "my.toml")
