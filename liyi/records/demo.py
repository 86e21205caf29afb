"""Whether a data folder holds made-up people only: `liyi demo-class` leaves a mark in it, and pages say so."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

MARK = "demo.txt"
_SAYS = (
    "示范数据：本文件夹中的人员都是虚构的。删除整个文件夹，即删除全部示范数据。\n"
    "Demo data: the people in this folder are made up. To delete it all, delete the folder.\n"
)


def mark(folder: Path) -> None:
    """Note in the data folder that everything in it is made up."""
    (folder / MARK).write_text(_SAYS, encoding="utf-8")


def is_demo(folder: Path) -> bool:
    """Whether everything in the data folder is made up."""
    return (folder / MARK).is_file()
