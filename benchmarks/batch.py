"""What a batch costs and what it survives.

    python benchmarks/batch.py overhead [--count 1000] [--seconds 1]
    python benchmarks/batch.py workers [--count 8] [--runs 3]
    python benchmarks/batch.py kills [--count 100] [--clip-s 5]
    python benchmarks/batch.py machines [--count 6]

*overhead*: stand-in tasks (each sleeps, nothing is assessed), two workers: worker time that was not spent in a task.
Their second is an eighth of what a recording of 20 s takes.
*workers*: real recordings, two workers beside one, runs interleaved, cluster and models loaded in each.
*kills*: real recordings through a scheduler and two workers started as ``docs/batch.md`` says. A worker is killed (-9)
every 1.5 median task times, the client once after a third, the scheduler once after two thirds, then ``--resume``;
held against an undisturbed batch. *machines*: three ``dask worker`` in network namespaces (needs root and ``ip``), held
against a local batch. Recordings are cut from the samples to lengths that differ, so that no two are the same.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
SAMPLES = (ROOT / "sample_media" / "counter_front_zh.mp4", ROOT / "sample_media" / "counter_side_zh.mp4")

from benchmarks.figures import tell  # noqa: E402

DASK = [sys.executable, "-m", "dask"]

if TYPE_CHECKING:
    from collections.abc import Iterator


def cut(source: Path, seconds: float, out: Path) -> None:
    """Copy the packets of the first ``seconds``, under a title that makes the file one of its kind."""
    import av

    with av.open(str(source)) as media, av.open(str(out), "w") as target:
        target.metadata["title"] = out.stem
        streams = {s.index: target.add_stream_from_template(s) for s in media.streams}
        for packet in media.demux():
            if packet.dts is not None and packet.pts * packet.time_base < seconds:
                packet.stream = streams[packet.stream.index]
                target.mux(packet)


def clips(folder: Path, count: int, seconds: float) -> Path:
    """``count`` recordings of about ``seconds``, no two the same."""
    folder.mkdir(parents=True)
    for at in range(count):
        cut(SAMPLES[at % 2], seconds + 0.04 * (at // 2), folder / f"clip-{at:03d}.mp4")
    return folder


def overhead(count: int, seconds: float) -> None:
    from liyi.batch.cluster import local
    from liyi.batch.manifest import Defaults, read_lines
    from liyi.batch.results import batch_lock
    from liyi.batch.run import Settings, run_batch
    from liyi.cohort.files import write_cohort
    from tests.batch.standin import assess, recordings

    with tempfile.TemporaryDirectory() as room, local(2) as client:
        recordings(Path(room) / "in", count, seconds=seconds)
        recordings(Path(room) / "warm", 8, seconds=0.3)  # both workers have loaded what they need
        out = Path(room) / "out"
        with batch_lock(out, resume=True):
            run_batch(read_lines([f"{room}/warm"], Defaults()), out, client, Settings(), write=write_cohort,
                      assess=assess)  # fmt: skip
            ends: list[float] = []
            begun_s, begun_cpu_s = time.monotonic(), cpu_s()
            outcome = run_batch(read_lines([f"{room}/in"], Defaults()), out, client, Settings(), write=write_cohort,
                                assess=assess,
                                tell=lambda counts, failure: ends.append(time.monotonic()))  # fmt: skip
        wall_s, used_s, tables_s = ends[-1] - begun_s, cpu_s() - begun_cpu_s, time.monotonic() - ends[-1]
        ideal_s = sum(row.assessment.elapsed_s for row in outcome.rows if row.assessment) / 2
    print(f"{outcome.done} of {count} stand-in tasks of {seconds} s (nothing assessed), 2 workers")
    print(f"wall {wall_s:.1f} s, half of the time in tasks {ideal_s:.1f} s; tables afterwards {tables_s:.1f} s")
    print(f"client and scheduler: {1000 * used_s / count:.1f} ms of CPU a recording")
    print(f"overhead {100 * (wall_s / ideal_s - 1):.2f} %")
    tell(tasks=count, task_s=seconds, overhead_percent=round(100 * (wall_s / ideal_s - 1), 2),
         client_cpu_ms_each=round(1000 * used_s / count, 1))  # fmt: skip


def cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def liyi(*arguments: object) -> subprocess.Popen[bytes]:
    """The command as a user gives it."""
    return subprocess.Popen([sys.executable, "-P", "-m", "liyi", *map(str, arguments), "--lang", "en"],
                            stdout=subprocess.DEVNULL, start_new_session=True)  # fmt: skip


def timed(*arguments: object) -> float:
    begun_s = time.monotonic()
    code = liyi(*arguments).wait()
    assert code == 0, f"exit {code}"
    return time.monotonic() - begun_s


def workers(count: int, runs: int) -> None:
    with tempfile.TemporaryDirectory() as room:
        folder = clips(Path(room) / "in", count, 12.0)
        took: dict[int, list[float]] = {1: [], 2: []}
        for turn in range(runs):
            for number in (1, 2):
                took[number].append(timed("batch", folder, "--out", f"{room}/{number}-{turn}", "--workers", number))
                print(f"{number} workers: {took[number][-1]:.1f} s", flush=True)
        for number in (1, 2):
            assert table(Path(room) / f"{number}-0") == table(Path(room) / "1-0")
    ratio = statistics.median(took[1]) / statistics.median(took[2])
    print(f"{count} recordings of 12 s; two workers are {ratio:.2f}x one (medians of {runs})")


def table(out: Path) -> dict[str, Any]:
    """Every assessment by the name of its recording, without what may differ between two runs."""
    found: dict[str, Any] = {}
    for path in out.glob("recordings/*/assessment.json"):
        content = json.loads(path.read_text(encoding="utf-8"))
        del content["created_at"], content["elapsed_s"]
        assert content["recording"]["name"] not in found
        found[content["recording"]["name"]] = content
    return found


def median_task_s(out: Path) -> float:
    return statistics.median(json.loads(p.read_text())["elapsed_s"] for p in out.glob("recordings/*/assessment.json"))


@contextlib.contextmanager
def running(*command: object, inside: str | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A process of its own group, ended with all that it started; in a network namespace if one is named."""
    prefix = ["ip", "netns", "exec", inside] if inside else []
    child = subprocess.Popen([*prefix, *map(str, command)], cwd=ROOT, start_new_session=True,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    try:
        yield child
    finally:
        import psutil

        with contextlib.suppress(psutil.NoSuchProcess):
            for process in [*psutil.Process(child.pid).children(recursive=True), psutil.Process(child.pid)]:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
        child.wait()


def worker_processes(nanny: subprocess.Popen[bytes]) -> list[Any]:
    """The processes in which ``dask worker`` works."""
    import psutil

    with contextlib.suppress(psutil.Error):
        return [p for p in psutil.Process(nanny.pid).children() if "spawn_main" in " ".join(p.cmdline())]
    return []


def kills(count: int, clip_s: float) -> None:
    with tempfile.TemporaryDirectory() as room:
        folder, calm, out = clips(Path(room) / "in", count, clip_s), Path(room) / "calm", Path(room) / "out"
        print(f"undisturbed: {timed('batch', folder, '--out', calm):.0f} s", flush=True)
        every_s = 1.5 * median_task_s(calm)
        print(f"a kill every {every_s:.1f} s", flush=True)
        done = lambda: len(list(out.glob("recordings/*/assessment.json")))  # noqa: E731
        address, killed = "tcp://127.0.0.1:18786", 0

        def disturbed(until: int) -> subprocess.Popen[bytes]:
            """Kill workers in turn until so many are done, or the client ended."""
            nonlocal killed
            client = liyi("batch", folder, "--out", out, "--scheduler", address, "--resume")
            while client.poll() is None and done() < until:
                time.sleep(every_s)
                victims = [p for nanny in nannies for p in worker_processes(nanny)]
                if victims:
                    victims[killed % len(victims)].kill()
                    killed += 1
            return client

        with cluster_of_two(address) as (scheduler, nannies):
            client = disturbed(count // 3)
            os.killpg(client.pid, signal.SIGKILL)
            print(f"client killed at {done()} done, {killed} workers killed", flush=True)
            client = disturbed(2 * count // 3)
            scheduler.kill()
            print(f"scheduler killed at {done()} done, {killed} workers killed; "
                  f"client's exit code {client.wait()}", flush=True)  # fmt: skip
        with cluster_of_two(address) as (_, nannies):
            disturbed(10**9).wait()
        print(f"{done()} done with {killed} workers killed", flush=True)
        timed("batch", folder, "--out", out, "--resume")
        print(f"after --resume {done()} results, equal to the undisturbed batch: {table(out) == table(calm)}")


@contextlib.contextmanager
def cluster_of_two(address: str) -> Iterator[tuple[subprocess.Popen[bytes], list[subprocess.Popen[bytes]]]]:
    """A scheduler and two workers, each with its nanny, as the handbook starts them."""
    host, _, port = address.removeprefix("tcp://").partition(":")
    worker = [*DASK, "worker", address, "--nthreads", "1", "--death-timeout", "20", "--no-dashboard"]
    with contextlib.ExitStack() as stack:
        scheduler = stack.enter_context(running(*DASK, "scheduler", "--host", host, "--port", port, "--no-dashboard"))
        rooms = [stack.enter_context(tempfile.TemporaryDirectory()) for _ in range(2)]
        nannies = [stack.enter_context(running(*worker, "--local-directory", room)) for room in rooms]
        yield scheduler, nannies


@contextlib.contextmanager
def namespaces(count: int) -> Iterator[list[str]]:
    """Network namespaces on one bridge, 10.77.0.1 this machine, 10.77.0.11 the first of them."""
    names = [f"liyi{at}" for at in range(count)]
    run = lambda text: subprocess.run(text.split(), check=True)  # noqa: E731
    try:
        run("ip link add liyibr type bridge")
        run("ip addr add 10.77.0.1/24 dev liyibr")
        run("ip link set liyibr up")
        for at, name in enumerate(names):
            run(f"ip netns add {name}")
            run(f"ip link add veth{name} type veth peer name eth0 netns {name}")
            run(f"ip link set veth{name} master liyibr up")
            run(f"ip -n {name} addr add 10.77.0.{11 + at}/24 dev eth0")
            run(f"ip -n {name} link set eth0 up")
            run(f"ip -n {name} link set lo up")
        yield names
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "del", name], check=False)
        subprocess.run(["ip", "link", "del", "liyibr"], check=False)


def machines(count: int) -> None:
    address = "tcp://10.77.0.1:18787"
    with tempfile.TemporaryDirectory() as room, contextlib.ExitStack() as stack:
        folder = clips(Path(room) / "in", count, 5.0)
        names = stack.enter_context(namespaces(3))
        stack.enter_context(running(*DASK, "scheduler", "--host", "10.77.0.1", "--port", "18787", "--no-dashboard"))
        for name in names:
            scratch = stack.enter_context(tempfile.TemporaryDirectory())
            stack.enter_context(running(*DASK, "worker", address, "--nthreads", "1", "--no-dashboard",
                                        "--local-directory", scratch, inside=name))  # fmt: skip
        print(f"three machines: {timed('batch', folder, '--out', f'{room}/many', '--scheduler', address):.0f} s")
        print(f"this machine: {timed('batch', folder, '--out', f'{room}/one'):.0f} s")
        many, one = Path(room) / "many", Path(room) / "one"
        tables = [(out / "scores.parquet").read_bytes() for out in (many, one)]
        print(f"{len(table(one))} assessments, the same: {table(many) == table(one)}; "
              f"scores.parquet the same: {tables[0] == tables[1]}")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("overhead", "workers", "kills", "machines"))
    parser.add_argument("--count", type=int)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--clip-s", type=float, default=5.0)
    chosen = parser.parse_args()
    match chosen.what:
        case "overhead":
            overhead(chosen.count or 1000, chosen.seconds)
        case "workers":
            workers(chosen.count or 8, chosen.runs)
        case "kills":
            kills(chosen.count or 100, chosen.clip_s)
        case "machines":
            machines(chosen.count or 6)


if __name__ == "__main__":
    main()
