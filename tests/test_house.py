"""The rules of the house that a machine can hold: layers, and no heavy work at import."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def test_imports_only_go_up():
    done = subprocess.run([str(Path(sys.executable).parent / "lint-imports"), "--no-cache"], cwd=ROOT,
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stdout


ROOMS = ["liyi.media.recording", "posture.pose", "speech.transcript", "liyi.etiquette.assess", "liyi.scoring.score"]


@pytest.mark.parametrize("room", ROOMS)
def test_rooms_import_without_models_or_decoders(room):
    heavy = "{'mediapipe', 'faster_whisper', 'ctranslate2', 'librosa', 'numba', 'streamlit', 'pandas', 'torch'}"
    code = f"import sys, importlib; importlib.import_module({room!r}); print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
