"""``liyi doctor``: what this machine has."""

from __future__ import annotations

import os

import typer

from liyi.cli.shared import Lang, LangOption, app


@app.command()
def doctor(*, lang: LangOption) -> None:
    """What this machine has: versions, model files, folders; exit 1 if something is missing."""
    import platform
    from importlib.metadata import version
    from importlib.util import find_spec

    from liyi.core.words import explain_error, labelled, listed, translate
    from liyi.modelfiles.registry import WITHOUT, folder, missing
    from liyi.scoring.confine import confinement
    from speech import second

    cores = translate("Processor cores: {count}", lang.value, count=os.cpu_count())
    typer.echo(
        f"liyi {version('liyi')}  Python {platform.python_version()}  {platform.system()} {platform.machine()}  {cores}"
    )
    for package in ("mediapipe", "av", "numpy", "opencv-python-headless", "faster-whisper", "swift-f0", "streamlit"):
        typer.echo(f"{package} {version(package)}")
    if find_spec("vosk"):
        typer.echo(f"vosk {version('vosk')}")
    typer.echo(confinement().describe(lang.value))
    sound = say_store(lang)
    lacking = missing()
    typer.echo(labelled(translate("Model files", lang.value), str(folder()), lang.value))
    if lacking:
        names = listed(lacking, lang.value)
        sentence = "Missing or damaged: {names}. Run `liyi models fetch`."
        typer.echo(translate(sentence, lang.value, names=names))
        raise typer.Exit(1)
    without = {use: absent for use in WITHOUT if (absent := missing(use))}
    for use, absent in without.items():
        typer.echo(translate(WITHOUT[use], lang.value, names=listed(absent, lang.value)))
    if "vosk" in second.lacking():
        sentence = (
            "Recordings can be scored; without the Python package {package} phrases are judged by one recogniser: "
            "install it."
        )
        typer.echo(translate(sentence, lang.value, package="vosk"))
    elif failure := second.failure():
        typer.echo(explain_error(failure, lang.value))
    elif sound and not without:
        typer.echo(translate("Everything is there.", lang.value))
    if not sound:
        raise typer.Exit(1)


def say_store(lang: Lang) -> bool:
    """What was found in the store of this machine; whether it is sound."""
    from liyi.core.owner import only_owner
    from liyi.core.words import translate
    from liyi.records.checkup import checkup

    before = only_owner()
    try:
        findings = list(checkup())
    finally:
        os.umask(before)
    for each in findings:
        typer.echo(translate(each.notice.sentence, lang.value, **each.notice.fields))
    return all(each.sound for each in findings)
