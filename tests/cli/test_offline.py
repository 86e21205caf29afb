"""Nothing leaves the machine: a trace of system calls during `liyi score` shows no connection to any address."""

from __future__ import annotations

import json
import os
import re

import pytest

from tests.conftest import CALLS


def test_score_opens_no_connection(scored_sample):
    log = scored_sample.parent / CALLS
    if not log.exists():
        if os.environ.get("CI") == "true":
            pytest.fail("CI must have strace")
        pytest.skip("strace is not on this machine")
    used = {model["id"] for model in json.loads((scored_sample / "assessment.json").read_text())["models"]}
    assert {"whisper_base", "vosk_small_cn"} <= used  # both recognisers ran
    lines = log.read_text().splitlines()
    assert lines  # it asked for something: what is of this machine alone
    assert [line for line in lines if re.search(r"sin6?_addr|AF_INET6?\b", line)] == []
