"""What every test may use: the models on this machine, and the development media when they lie beside the checkout."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of development media (``LIYI_SHARED``, else ``shared`` beside the checkout); skips when absent."""
    folder = Path(os.environ.get("LIYI_SHARED", ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip("development media are not on this machine")
    return folder


@pytest.fixture(scope="session")
def models_ready() -> None:
    """Skip without model files, except in CI, where they must be there."""
    from models.registry import missing

    names = missing()
    if names and os.environ.get("CI") == "true":
        pytest.fail(f"CI must have the model files; missing: {', '.join(names)}. Run `liyi models fetch`.")
    if names:
        pytest.skip(f"model files missing: {', '.join(names)}; run `liyi models fetch`")
