"""A browser whose camera and microphone play a sample: no person and no device is needed."""

from __future__ import annotations

import os

import pytest

from tests.e2e.fake_media import launch_playing, write_camera, write_microphone
from tests.e2e.whole_app import ROOT

SAMPLE = ROOT / "sample_media" / "counter_front_zh.mp4"


@pytest.fixture(scope="session")
def live_models_ready(models_ready) -> None:
    """Skip without the browser's model files, except in CI."""
    from liyi.modelfiles.registry import missing

    if names := missing("live"):
        text = f"files of the live page are missing: {', '.join(names)}; run `liyi models fetch`"
        pytest.fail(text) if os.environ.get("CI") == "true" else pytest.skip(text)


@pytest.fixture(scope="session")
def player(browser, live_models_ready, tmp_path_factory):
    """One such browser for all tests; its camera plays 8 s of the sample in a loop, in which arms are crossed."""
    folder = tmp_path_factory.mktemp("devices")
    camera, microphone = folder / "camera.y4m", folder / "microphone.wav"
    write_camera(SAMPLE, camera, start_s=0.0, end_s=8.0)
    write_microphone(SAMPLE, microphone, start_s=0.0, end_s=20.0)
    playing = launch_playing(browser.browser_type, camera, microphone)
    yield playing
    playing.close()
