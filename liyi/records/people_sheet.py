"""People as a spreadsheet: what its columns mean, a file read into lines, and lines written as a file.

An empty cell leaves what is there as it is; the word for none (无, none) says that there is to be nothing. Which of it
may be done, and what it changes, is the matter of `liyi.records.operations.enrolment`.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from liyi.core.errors import Fault, LiyiError, Notice
from liyi.core.list_file import Columns, rows_of
from liyi.core.spreadsheet_text import cell, csv_cell, of_csv
from liyi.core.words import LANGUAGES, N_, labelled, translate
from liyi.etiquette.causes import CAUSES
from liyi.records.role_names import ROLE_NAMES
from liyi.records.schema import Role
from liyi.records.validation import name_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

LARGEST_BYTES = 5_000_000
MOST_LINES = 5000

# Heading and width in characters of each column, and what it means.
HEADINGS: Mapping[str, tuple[str, int, str]] = {
    "id": (N_("Id"), 12, N_("Leave it as it is: by it a person is found again. Empty for new people.")),
    "name": (N_("Full name"), 16, N_("Must be there.")),
    "account": (N_("Account"), 20, N_("With which the person signs in; each only once.")),
    "department": (N_("Department"), 20, N_("One; a new name makes a new department.")),
    "roles": (N_("Roles"), 24, N_("trainee, trainer, evaluator, admin; several with ; between them. A role in one "
                                  "department only: trainer (Window).")),
    "trainee_of": (N_("Cohorts as trainee"), 28, N_("Several with ; between them; a new name makes a new cohort across "
                                                    "departments.")),
    "trainer_of": (N_("Cohorts as trainer"), 28, N_("The same; needs the role trainer.")),
    "exemptions": (N_("Exempt from"), 28, N_("pregnancy, spine, limb, speech or the id of a criterion, with first and "
                                             "last day: limb 2026-11-01/2026-12-31.")),
    "left": (N_("Has left"), 10, N_("yes ends account and roles; no takes back somebody who has left.")),
}  # fmt: skip
COLUMNS = Columns(tuple(HEADINGS), required=("name",))
_NONE, _YES, _NO = N_("none"), N_("yes"), N_("no")
_ALSO: Mapping[str, tuple[str, ...]] = {
    _NONE: ("没有", "nobody"),
    _YES: ("y", "true", "1", "离职", "已离职", "√"),
    _NO: ("n", "false", "0", "在职", "未离职"),
}
_HELP = N_("Explanation")
_SEPARATED = re.compile(r'"((?:[^"]|"")*)"|([^;；、,，\n"]+)')
_SEPARATORS = re.compile(r'[;；、,，"]')
Value = TypeVar("Value")
_IN_DEPARTMENT = re.compile(r"(.*?)\s*[(（](.*)[)）]")
_TIMES = re.compile(r"(\S+)(?:\s+(\S*?)\s*[/至~]\s*(\S*))?")


@dataclass(frozen=True)
class Held:
    """A role, in one department only where that is named."""

    role: Role
    department: str | None = None


@dataclass(frozen=True)
class Exempted:
    """What somebody is not judged by, between two days; None without a first one: from today; without a last: open."""

    flag: str
    from_day: date | None = None
    until_day: date | None = None


@dataclass(frozen=True)
class Line:
    """A line of the sheet. None where a cell is empty or its column is not there: that stays as it is.

    In ``account`` and ``department`` an empty text says that there is to be none.
    """

    number: int
    name: str
    id: UUID | None = None
    account: str | None = None
    department: str | None = None
    roles: tuple[Held, ...] | None = None
    trainee_of: tuple[str, ...] | None = None
    trainer_of: tuple[str, ...] | None = None
    exemptions: tuple[Exempted, ...] | None = None
    left: bool | None = None


@dataclass(frozen=True)
class Sheet:
    """What a file holds: its lines, and the faults of single cells."""

    lines: tuple[Line, ...]
    faults: tuple[Fault, ...]


def read_people(name: str, data: bytes) -> Sheet:
    """Read a list of people.

    Parameters
    ----------
    name
        Of the file, for messages.
    data
        CSV or .xlsx, at most `LARGEST_BYTES` and `MOST_LINES`.

    Raises
    ------
    LiyiError
        When nothing of it can be read; faults of single cells are told beside the lines instead.
    """
    if len(data) > LARGEST_BYTES:
        raise LiyiError("{file} is too large for a list ({size_mb} MB at most): is it one?", file=name,
                        size_mb=LARGEST_BYTES // 1_000_000)  # fmt: skip
    found = rows_of(name, data, COLUMNS)
    if len(found.rows) > MOST_LINES:
        raise LiyiError("{file} has {count} lines: enter at most {most} people at once.", file=name,
                        count=len(found.rows), most=MOST_LINES)  # fmt: skip
    faults, lines = list(found.faults), []
    as_text = (lambda text: text) if data.startswith(b"PK") else of_csv
    for number, cells in found.rows:
        lines.append(_line(number, {column: as_text(text) for column, text in cells.items()}, faults))
    return Sheet(tuple(lines), tuple(sorted(faults, key=lambda fault: fault.line)))


def read_file(file: Path) -> Sheet:
    """Read a list of people from a file; raises like `read_people`."""
    try:
        with file.open("rb") as source:
            return read_people(file.name, source.read(LARGEST_BYTES + 1))
    except OSError as error:
        raise LiyiError("{file} cannot be read ({fault}): check its name and its permissions.", file=str(file),
                        fault=error.strerror or str(error)) from error  # fmt: skip


def shown_fault(fault: Fault, lang: str) -> str:
    """A fault in words: line, column by its heading, what is wrong, what to do."""
    column, _, at = fault.key.partition(" ")
    key = f"{heading(column, lang)} {at}".strip() if column in HEADINGS else fault.key
    what = translate(fault.notice.sentence, lang, **fault.notice.fields)
    if not key:
        return translate("line {line}: {what}", lang, line=fault.line, what=what)
    return translate("line {line}, {key}: {what}", lang, line=fault.line, key=key, what=what)


def heading(column: str, lang: str) -> str:
    """What stands above a column."""
    return translate(HEADINGS[column][0], lang)


def role_word(role: Role, lang: str) -> str:
    """A role in words."""
    return translate(ROLE_NAMES[role], lang)


def cells_of(line: Line, lang: str) -> list[str]:
    """A line as it is written, in the order of the columns."""
    return [
        str(line.id or ""), line.name, _apart(line.account), _apart(line.department),
        _joined(_held_text(each, lang) for each in line.roles or ()),
        _joined(map(_quoted, line.trainee_of or ())), _joined(map(_quoted, line.trainer_of or ())),
        _joined(_exempted_text(each, lang) for each in line.exemptions or ()),
        translate(_YES, lang) if line.left else "",
    ]  # fmt: skip


def csv_of(lines: Iterable[Line], lang: str) -> bytes:
    """The lines as CSV in UTF-8 with the mark by which spreadsheets know it."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    writer.writerow([csv_cell(heading(column, lang)) for column in HEADINGS])
    writer.writerows([csv_cell(text) for text in cells_of(line, lang)] for line in lines)
    return file.getvalue().encode("utf-8-sig")


def workbook_of(lines: Iterable[Line], lang: str) -> bytes:
    """The lines as a workbook, with a sheet that explains the columns; every cell is text, none a formula."""
    import xlsxwriter

    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_urls": False, "strings_to_formulas": False}
    with xlsxwriter.Workbook(file, options) as workbook:
        text = workbook.add_format({"num_format": "@", "valign": "top"})
        wrapped = workbook.add_format({"num_format": "@", "valign": "top", "text_wrap": True})
        head = workbook.add_format({"num_format": "@", "bold": True, "font_color": "#FFFFFF", "bg_color": "#0F6E6E"})
        sheet = workbook.add_worksheet(translate(N_("People list"), lang))
        for at, (column, (_, width, _)) in enumerate(HEADINGS.items()):
            sheet.set_column(at, at, width, text)
            sheet.write_string(0, at, heading(column, lang), head)
        sheet.freeze_panes(1, 2)
        for row, line in enumerate(lines, start=1):
            for at, said in enumerate(cells_of(line, lang)):
                if said:
                    sheet.write_string(row, at, cell(said), text)
        help_sheet = workbook.add_worksheet(translate(_HELP, lang))
        help_sheet.set_column(0, 0, 100, wrapped)
        for row, (column, (_, _, meaning)) in enumerate(HEADINGS.items()):  # in one cell: no heading stands by itself
            said = labelled(heading(column, lang), translate(meaning, lang), lang)
            help_sheet.write_string(row, 0, said, wrapped)
        last = translate("An empty cell leaves what is there as it is. The word “none” takes it away.", lang)
        help_sheet.write_string(len(HEADINGS) + 1, 0, last, wrapped)
    return file.getvalue()


def write_people(file: Path, lines: Sequence[Line], lang: str) -> None:
    """Write the lines into a new file, as its name says (.csv or .xlsx), readable by its owner only.

    Raises
    ------
    LiyiError
        When it cannot be written, something is there already, or its name ends otherwise.
    """
    kinds: Mapping[str, Callable[[Iterable[Line], str], bytes]] = {".csv": csv_of, ".xlsx": workbook_of}
    if file.suffix.lower() not in kinds:
        raise LiyiError("{file} can be no list of people: name a file that ends in .xlsx or .csv.", file=str(file))
    try:
        with file.open("xb") as target:
            file.chmod(0o600)
            target.write(kinds[file.suffix.lower()](lines, lang))
    except OSError as error:
        raise LiyiError("{file} cannot be written ({fault}): name another file.", file=str(file),
                        fault=error.strerror or str(error)) from error  # fmt: skip


def plain_word(text: str) -> str:
    """A word or a name without what makes no difference: width of letters, case, spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _line(number: int, cells: Mapping[str, str], faults: list[Fault]) -> Line:
    """A line, with None in place of a cell that is at fault."""

    def read(column: str, how: Callable[[str], Value]) -> Value | None:
        """A cell as ``how`` reads it; None for an empty one, and for one at fault, which is told."""
        text = cells.get(column, "").strip()
        if not text:
            return None
        try:
            return how(text)
        except LiyiError as error:
            faults.append(Fault(number, column, Notice(error.sentence, error.fields)))
            return None

    name = read("name", name_of)
    if name is None and not cells.get("name", "").strip():
        faults.append(Fault(number, "name", Notice("there is no name: enter one, or delete the line.")))
    return Line(
        number, name or "", id=read("id", _id), account=read("account", _name_or_none),
        department=read("department", _name_or_none), roles=read("roles", _roles),
        trainee_of=read("trainee_of", _names), trainer_of=read("trainer_of", _names),
        exemptions=read("exemptions", _exemptions), left=read("left", _left),
    )  # fmt: skip


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise LiyiError("{found} is no id: leave the cell as it was exported, or empty for a new person.",
                        found=text) from error  # fmt: skip


def _said(text: str, word: str) -> bool:
    """Whether a cell says a word, in either language or as people write it too."""
    known = {word, *_ALSO[word], *(translate(word, lang) for lang in LANGUAGES)}
    return plain_word(text) in {plain_word(each) for each in known}


def _name_or_none(text: str) -> str:
    if _said(text, _NONE):
        return ""
    return name_of(text[1:-1] if _said(text.strip('"'), _NONE) else text)


def _parts(text: str) -> list[str]:
    """What stands in a cell with separators; a part in quotes may hold one."""
    if _said(text, _NONE):
        return []
    found = [(quoted.replace('""', '"') or bare).strip() for quoted, bare in _SEPARATED.findall(text)]
    return list(dict.fromkeys(part for part in found if part))


def _names(text: str) -> tuple[str, ...]:
    return tuple(name_of(part) for part in _parts(text))


def _roles(text: str) -> tuple[Held, ...]:
    return tuple(dict.fromkeys(_role(part) for part in _parts(text)))


def _role(part: str) -> Held:
    inside = _IN_DEPARTMENT.fullmatch(part)
    word, department = (inside[1], name_of(inside[2])) if inside else (part, None)
    for role, said in ROLE_NAMES.items():
        known = {role, said, *(translate(said, lang) for lang in LANGUAGES)}
        if plain_word(word) in {plain_word(each) for each in known}:
            return Held(Role(role), department)
    chinese = "、".join(translate(said, lang="zh") for said in ROLE_NAMES.values())
    raise LiyiError("there is no role {found}: write {roles}.", found=word, roles=", ".join(Role), roles_zh=chinese)


def _exemptions(text: str) -> tuple[Exempted, ...]:
    return tuple(dict.fromkeys(_exempted(part) for part in _parts(text)))


def _exempted(part: str) -> Exempted:
    found = _TIMES.fullmatch(part)
    if found is None:
        raise LiyiError("{found} cannot be read: write what it is, then first and last day, as in "
                        "limb 2026-11-01/2026-12-31.", found=part)  # fmt: skip
    flags = {plain_word(word): flag for flag, said in CAUSES.items()
             for word in (flag, said, translate(said, lang="zh"))}  # fmt: skip
    from_day, until_day = (_day(text) if text else None for text in (found[2], found[3]))
    if from_day and until_day and until_day < from_day:
        raise LiyiError("An exemption ends after it begins: mend its days.")
    return Exempted(flags.get(plain_word(found[1]), found[1]), from_day, until_day)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise LiyiError("{found} is no day: write it as 2026-11-30.", found=text) from error


def _left(text: str) -> bool:
    if _said(text, _YES):
        return True
    if _said(text, _NO):
        return False
    raise LiyiError("{found} is neither yes nor no.", found=text)


def _joined(parts: Iterable[str]) -> str:
    return "; ".join(parts)


def _quoted(name: str) -> str:
    """A name, in quotes where it holds what separates names."""
    return '"' + name.replace('"', '""') + '"' if _SEPARATORS.search(name) or _said(name, _NONE) else name


def _apart(name: str | None) -> str:
    """A name, told apart from the word for none."""
    return f'"{name}"' if name and _said(name, _NONE) else name or ""


def _held_text(held: Held, lang: str) -> str:
    said = role_word(held.role, lang)
    if held.department is None:
        return said
    return _quoted(f"{said}（{held.department}）" if lang == "zh" else f"{said} ({held.department})")


def shown_change(change: Notice, lang: str) -> str:
    """One change that a list makes, in words: of a cause of exemption its name, not its flag."""
    flag = str(change.fields.get("flag"))
    named = {"flag": translate(CAUSES[flag], lang)} if flag in CAUSES else {}
    return translate(change.sentence, lang, **{**change.fields, **named})


def _exempted_text(each: Exempted, lang: str) -> str:
    word = translate(CAUSES[each.flag], lang) if each.flag in CAUSES else each.flag
    if " " in word:  # a cause in several English words would not be read back
        word = each.flag
    return _quoted(f"{word} {each.from_day or ''}/{each.until_day or ''}")
