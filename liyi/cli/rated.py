"""``liyi records ratings``: blind ratings beside the scores, for `liyi agreement`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from liyi.cli.records import AccountOption, acting, records, store
from liyi.cli.shared import LangOption, fail, say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

RATINGS, SCORES = "ratings.csv", "scores.parquet"


@records.command("ratings")
def records_ratings(
    folder: Annotated[Path, typer.Argument(help="Where the two tables go: a new or an empty folder.")],
    *,
    account: AccountOption = None,
    lang: LangOption,
) -> None:
    """Write what people rated and what the tool found of the same recordings, for `liyi agreement`."""
    from liyi.core.errors import LiyiError
    from liyi.records.operations.rating_tables import rating_tables

    with store(lang) as opened:
        found = rating_tables(opened, acting(opened, account))
    if not found.ratings:
        say("There are no ratings that the account may see.", lang, err=True)
        raise typer.Exit(1)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise LiyiError("{folder} is not empty: name a new or an empty folder.", folder=folder)
        _write_ratings(found.ratings, folder / RATINGS)
        _write_scores(found.scores, folder / SCORES)
    except OSError as error:
        fault = error.strerror or str(error)
        fail(LiyiError("{file} cannot be written ({fault}): name another file.", file=folder, fault=fault), lang)
    except LiyiError as error:
        fail(error, lang)
    say("Ratings: {count}, of {recordings} recordings. Compare them: {command}", lang, count=len(found.ratings),
        recordings=len(found.scores), command=f"liyi agreement {folder / RATINGS} {folder / SCORES}")  # fmt: skip


def _write_ratings(rows: Sequence[Mapping[str, object]], path: Path) -> None:
    import csv

    from liyi.agreement.ratings import COLUMNS

    with path.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.DictWriter(file, COLUMNS)
        table.writeheader()
        table.writerows(rows)


def _write_scores(rows: Sequence[Mapping[str, object]], path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = dict.fromkeys(name for row in rows for name in row)
    columns = {name: [row.get(name) for row in rows] for name in names}
    texts = {"file", "sha256", "profile", "pack", "pack_version"}
    arrays = [pa.array(column, pa.string() if name in texts else pa.float64()) for name, column in columns.items()]
    pq.write_table(pa.Table.from_arrays(arrays, names=list(names)), path)
