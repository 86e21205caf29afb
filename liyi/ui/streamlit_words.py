"""What Streamlit's own controls say, in English only, and the sentence of ours that stands in its place.

``static/shell.mjs`` puts it there as soon as Streamlit has drawn it. A field in braces stands for any text; a name such
as ``{name}`` carries it over; None leaves it out. Whoever uses a control of Streamlit that no page used before looks
here for its words.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from liyi.core.words import LANGUAGES, N_, translate

if TYPE_CHECKING:
    from collections.abc import Mapping

_UNREACHED = N_("The server does not answer. This page tries again by itself: keep it open.")
_FAILED = N_("Something went wrong. Please try again.")
_REFUSED = N_("This file cannot be taken: choose a video, a photo or a sound of at most 1 GB.")
_UPLOAD = N_("Choose a file")

SAID: Mapping[str, str | None] = {
    # the page as a whole
    "Skip to main content": N_("Skip to the content"),
    "Main menu": N_("Menu"),
    "Notifications": N_("Notices"),
    "Running...": N_("The page is working"),
    "Stop script": N_("Stop"),
    "Link to heading": N_("Link to this heading"),
    "Connection error": N_("No connection"),
    "Connecting": N_("Connecting"),
    "Connecting to Streamlit server": N_("Connecting to the server"),
    "Unable to connect to Streamlit server": N_("The server cannot be reached"),
    "Streamlit server is not responding. Are you connected to the internet?": _UNREACHED,
    "Is Streamlit still running? If you accidentally stopped Streamlit, just restart it in your terminal:": _UNREACHED,
    "Cannot connect to Streamlit (HTTP status: {status}).{more}": _UNREACHED,
    "Page not found": N_("No such page"),
    "The page that you have requested does not seem to exist. Running the app's main page.":
        N_("There is no page at this address."),
    "Script execution error": N_("This page cannot be shown"),
    "An error has occurred, please try again.": _FAILED,
    "Unexpected error. Please try again.": _FAILED,
    "Try again": N_("Try again"),
    "Close": N_("Close"),
    "Cancel": N_("Cancel"),
    "Fullscreen": N_("Full screen"),
    "Close fullscreen": N_("Leave full screen"),
    "Toggle fullscreen": N_("Full screen"),
    "Copy to clipboard": N_("Copy"),
    "Help": N_("Explanation"),
    "Help for {name}": N_("Explanation: {name}"),
    "Scroll tabs left": N_("Tabs further left"),
    "Scroll tabs right": N_("Tabs further right"),
    # what is typed and chosen
    "Press Enter to apply": N_("Press Enter"),
    "Press Enter to submit form": N_("Press Enter"),
    "Press Ctrl+Enter to apply": N_("Press Ctrl+Enter"),
    "Press Ctrl+Enter to submit form": N_("Press Ctrl+Enter"),
    "Press ⌘+Enter to apply": N_("Press ⌘+Enter"),
    "Press ⌘+Enter to submit form": N_("Press ⌘+Enter"),
    "Choose an option": N_("Please choose"),
    "Choose options": N_("Please choose"),
    "Choose or add an option": N_("Choose or type"),
    "Choose or add options": N_("Choose or type"),
    "Add an option": N_("Type a text"),
    "Add options": N_("Type a text"),
    "No options to select": N_("Nothing to choose from"),
    "No results": N_("Nothing found"),
    "Select all": N_("Select all"),
    "Selected values": N_("Chosen"),
    "Selectbox options": N_("Choices"),
    "Open": N_("Open"),
    "Clear value": N_("Clear"),
    "Clear all": N_("Clear all"),
    "Clear entry": N_("Clear"),
    "Clear selection": N_("Clear the selection"),
    "Remove {name}": N_("Remove {name}"),
    "Increment": N_("More by one"),
    "Decrement": N_("Less by one"),
    "Choose date": N_("Choose a day"),
    "Choose date range": N_("Choose days"),
    "Clear date": N_("Clear"),
    "Clear dates": N_("Clear"),
    "Previous month": N_("Month before"),
    "Next month": N_("Month after"),
    "Use arrow keys to navigate dates. Enter to select. Escape to close.":
        N_("Arrow keys: another day. Enter: choose. Escape: close."),
    "year, {name}": N_("{name}: year"),
    "month, {name}": N_("{name}: month"),
    "day, {name}": N_("{name}: day"),
    "yyyy": N_("YYYY"),
    "mm": N_("MM"),
    "dd": N_("DD"),
    # files
    "file upload": _UPLOAD,
    "Upload": _UPLOAD,
    "Add files": _UPLOAD,
    "add icon": _UPLOAD,
    "Drag and drop a file here": N_("Drop the file here"),
    "Drag and drop files here": N_("Drop the files here"),
    "{size}GB per file": N_("or drop one here, up to {size} GB"),
    "{size}MB per file": N_("or drop one here, up to {size} MB"),
    "• {kinds}": None,  # a hundred of them, behind the limit
    "{kind} files are not allowed.": _REFUSED,
    "File must be {size} or smaller.": _REFUSED,
    "File size is too small.": N_("This file is empty."),
    "Only one file is allowed.": N_("One file at a time, please."),
    "Cancel upload of {name}": N_("Stop sending {name}"),
    "Click to retry": N_("Press to try again"),
    # sound and video
    "Record": N_("Record"),
    "Start recording": N_("Record"),
    "Stop recording": N_("Stop recording"),
    "Reset": N_("Start anew"),
    "Clear recording": N_("Delete this take"),
    "Download as WAV": N_("Download as WAV"),
    "Play": N_("Play"),
    "Pause": N_("Pause"),
    "Audio player": N_("Sound"),
    "Video player": N_("Video"),
    "This app would like to use your microphone.": N_("This page asks for your microphone."),
    "Learn how to allow access.": N_("Allow it in the browser's address bar."),
    # tables and charts
    "Search": N_("Search"),
    "Close Search": N_("Close the search"),
    "Previous Result": N_("Match before"),
    "Next Result": N_("Next match"),
    "Show/hide columns": N_("Columns"),
    "Download as CSV": N_("Download as CSV"),
    "Download as PNG": N_("Download as a picture"),
    "Show data": N_("Show the numbers"),
    "Show chart": N_("Show the chart"),
    "Dataframe column menu": N_("Column"),
    "Sort ascending": N_("Sort upwards"),
    "Sort descending": N_("Sort downwards"),
    "Statistics": N_("Figures of the column"),
    "Format": N_("Format"),
    "Autosize": N_("Fit the width"),
    "Pin column": N_("Keep the column in sight"),
    "Unpin column": N_("Let the column scroll"),
    "Hide column": N_("Hide the column"),
}  # fmt: skip

_FIELD = re.compile(r"\{(\w+)\}")


def table() -> list[tuple[str, dict[str, str]]]:
    """What the browser looks for, as a regular expression over the whole text, and by language what stands for it.

    What a field holds is ``$1``, ``$2`` … in the latter, as JavaScript counts them.
    """
    return [
        (_pattern(said), {lang: _replacement(said, ours, lang) for lang in LANGUAGES}) for said, ours in SAID.items()
    ]


def _pattern(said: str) -> str:
    parts = _FIELD.split(said)[::2]
    return "^" + "(.*)".join(re.escape(part).replace(r"\ ", " ") for part in parts) + "$"


def _replacement(said: str, ours: str | None, lang: str) -> str:
    if ours is None:
        return ""
    places = {name: f"${at}" for at, name in enumerate(_FIELD.findall(said), start=1)}
    return translate(ours, lang, **{name: places[name] for name in _FIELD.findall(ours)})
