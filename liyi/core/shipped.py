"""Data that lie on top of a checkout and, in an installed wheel, in ``liyi/shipped``."""

from __future__ import annotations

from pathlib import Path


def shipped(name: str) -> Path:
    """Path of ``models/registry.toml``, ``app.py``, ``sample_media`` and whatever else the wheel brings along.

    In a wheel the top would be the environment's own folder, full of other files: it is not looked at there.
    """
    package = Path(__file__).resolve().parents[1]
    inside = package / "shipped"
    return (inside if inside.is_dir() else package.parent) / name
