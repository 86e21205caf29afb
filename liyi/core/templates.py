"""Jinja templates, opened in one way: values are escaped, and a name that a page lacks is an error, not a blank."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import jinja2


@cache
def template(name: str, *folders: Path) -> jinja2.Template:
    """A template by its file name.

    Parameters
    ----------
    name
        File in one of the folders.
    folders
        Where it, and what it includes, is looked for, in this order.
    """
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folders),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    return environment.get_template(name)
