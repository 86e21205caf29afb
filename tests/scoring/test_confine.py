"""Code that has taken the decoder's child over: what it tries is refused by the kernel, and the parent stays hidden."""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from liyi.scoring import confine, sandbox
from liyi.scoring.confine import Confinement, confinement
from liyi.scoring.limited import opened_for_child
from liyi.scoring.sandbox import Sandbox, StoppedError

TASKS = """
import ctypes, os, resource, signal, socket, subprocess, sys, tempfile, threading, time
from pathlib import Path

def attempt(what):
    try:
        what()
    except OSError as error:
        return error.strerror
    return "POSSIBLE"

def probe(line, parent, port, secret, elsewhere, cwd):
    def connect():
        with socket.socket() as s: s.connect(("127.0.0.1", port))
    def forked():
        if os.fork() == 0: os._exit(0)
    def cloned():
        libc = ctypes.CDLL(None, use_errno=True)
        pid = libc.syscall(56 if os.uname().machine == "x86_64" else 220, 17, 0, 0, 0, 0)
        if pid == 0: os._exit(0)
        if pid < 0: raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    def called(*arguments):
        if ctypes.CDLL(None, use_errno=True).syscall(*arguments) < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    def traced():
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.ptrace(16, parent, 0, 0): raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    def outlive():
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(1, 0, 0, 0, 0): raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    here = tempfile.gettempdir()
    tries = {
        "parent's environment": lambda: open(f"/proc/{parent}/environ", "rb").read(),
        "parent's memory": lambda: open(f"/proc/{parent}/mem", "rb"),
        "connect": connect,
        "listen": lambda: socket.create_server(("0.0.0.0", 0)),
        "read other data": lambda: open(secret, "rb").read(),
        "write elsewhere": lambda: open(elsewhere, "w"),
        "write to Liyi": lambda: open(cwd + "/liyi/report/owned.py", "w"),
        "remove": lambda: os.remove(secret),
        "open to others": lambda: os.chmod(here, 0o777),
        "link out": lambda: os.symlink(secret, here + "/link"),
        "pipe": lambda: os.mkfifo(here + "/pipe"),
        "program": lambda: subprocess.run(["id"]),
        "program in place": lambda: os.execv("/usr/bin/id", ["id"]),
        "daemon": lambda: subprocess.Popen(["sleep", "25"], start_new_session=True),
        "fork": forked,
        "clone": cloned,
        "trace": traced,
        "kill parent": lambda: os.kill(parent, 0),
        "kill all": lambda: os.kill(-1, 0),
        "starve parent": lambda: resource.prlimit(parent, resource.RLIMIT_NOFILE, (3, 3)),
        "outlive parent": outlive,
        "slow parent": lambda: os.setpriority(os.PRIO_PROCESS, parent, 19),
        "watch a folder": lambda: called(294 if os.uname().machine == "x86_64" else 26, 0),
        "more memory": lambda: called(302 if os.uname().machine == "x86_64" else 261, 0, 2,
                                      (ctypes.c_ulong * 2)(2**60, 2**60), None),
        "more files": lambda: called(160 if os.uname().machine == "x86_64" else 164, 7, (ctypes.c_ulong * 2)(9, 9)),
    }
    return {name: attempt(what) for name, what in tries.items()}

def useful(line, path):
    heard = []
    thread = threading.Thread(target=heard.append, args=(1,))
    thread.start(); thread.join()
    os.kill(os.getpid(), 0)
    resource.setrlimit(resource.RLIMIT_CPU, (900, resource.getrlimit(resource.RLIMIT_CPU)[1]))
    with open(os.environ["TMPDIR"] + "/mine", "w") as file: file.write("x")
    from liyi.media.files import head_of
    status = open("/proc/self/status").read()
    return {"thread": heard, "head": head_of(Path(path)).decode(), "confined": status.count("NoNewPrivs:\\t1")}

def bomb(line):
    for _ in range(12):
        pid = os.fork()
        if pid == 0:
            os.setsid()
            time.sleep(60)
            os._exit(0)
        line.say(stage="Watching the picture", done=pid / 1e7)
        time.sleep(0.05)  # one after another, so that most are told before they are too many
    time.sleep(60)

def wedge(line):
    print_ = ctypes.PyDLL(None).sleep
    line.say(stage="Watching the picture", done=0.5)
    print_(600)
"""
CLIP = Path("clip.mp4")


@pytest.fixture(scope="module")
def tasks(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("tasks")
    (folder / "confine_tasks.py").write_text(TASKS)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        patch.setenv("PYTHONPATH", str(folder))
        yield importlib.import_module("confine_tasks")


whole = pytest.mark.skipif(
    not (confinement().files and confinement().calls), reason="this kernel has no Landlock or no seccomp"
)


@whole
def test_what_a_decoder_that_was_taken_over_tries_is_refused(tasks, tmp_path):
    secret, elsewhere = tmp_path / "liyi.sqlite3", tmp_path / "written"
    secret.write_bytes(b"faces")
    box = Sandbox()
    with socket.create_server(("127.0.0.1", 0)) as server:
        try:
            found = box.run(CLIP, tasks.probe, {
                "parent": os.getpid(), "port": server.getsockname()[1], "secret": str(secret),
                "elsewhere": str(elsewhere), "cwd": str(Path(__file__).parents[2]),
            })  # fmt: skip
        finally:
            box.close()
    assert {name: answer for name, answer in found.items() if answer == "POSSIBLE"} == {}
    assert len(found) > 24
    assert secret.read_bytes() == b"faces"
    assert not elsewhere.exists()


WITHOUT_LANDLOCK = """
import ctypes, errno, fcntl, json, os, socket, sys
from liyi.scoring import confine

x86 = os.uname().machine == "x86_64"
victim, queue, shared, folder = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
pair = socket.socketpair()
confine._restrict_files = lambda read, write: 0
assert confine.confine([], []).calls
libc = ctypes.CDLL(None, use_errno=True)

def call(numbers, *arguments):
    if libc.syscall(numbers[0 if x86 else 1], *arguments) < 0:
        raise OSError(ctypes.get_errno(), "")

how = (ctypes.c_uint64 * 3)(os.O_TRUNC, 0, 0)
tries = {
    "truncate": lambda: os.truncate(victim, 0),
    "open to read and empty": lambda: os.open(victim, os.O_RDONLY | os.O_TRUNC),
    "open in no mode and empty": lambda: os.open(victim, 3 | os.O_TRUNC),
    "openat2": lambda: call((437, 437), -100, victim.encode(), how, 24),
    "F_SETOWN": lambda: fcntl.fcntl(pair[0], fcntl.F_SETOWN, os.getppid()),
    "F_SETSIG": lambda: fcntl.fcntl(pair[0], 10, 9),
    "F_SETOWN_EX": lambda: fcntl.fcntl(pair[0], 15, bytes(8)),
    "FIOSETOWN": lambda: fcntl.ioctl(pair[0], 0x8901, os.getppid().to_bytes(4, sys.byteorder)),
    "msgsnd": lambda: call((69, 189), queue, bytes(16), 1, 0o4000),
    "msgrcv": lambda: call((70, 188), queue, ctypes.create_string_buffer(64), 32, 0, 0o4000),
    "msgctl": lambda: call((71, 187), queue, 0, None),
    "shmctl": lambda: call((31, 195), shared, 0, None),
    "mq_unlink": lambda: call((241, 181), b"liyi"),
}
if x86:
    tries["open by its old number"] = lambda: call((2, 0), victim.encode(), os.O_TRUNC)
    tries["openat by number"] = lambda: call((257, 56), -100, victim.encode(), os.O_TRUNC, 0)
found = {}
for name, attempt in tries.items():
    try:
        attempt()
    except OSError as error:
        found[name] = errno.errorcode[error.errno]
    else:
        found[name] = "POSSIBLE"
for mode in ("w", "w+", "a", "r+"):  # what sound code does
    with open(folder + "/mine", mode) as file:
        file.truncate(0)
fcntl.fcntl(pair[0], fcntl.F_GETFL)
print(json.dumps(found))
"""


@pytest.mark.skipif(not confinement().calls, reason="this kernel has no seccomp")
def test_what_an_older_landlock_leaves_open_is_refused_as_a_call(tmp_path):
    """Files can be emptied below version 3, others killed by a file's signals below 6; messages it never covers."""
    victim = tmp_path / "other"
    victim.write_text("content")
    libc = ctypes.CDLL(None, use_errno=True)
    queue, shared = libc.msgget(0, 0o1600), libc.shmget(0, 4096, 0o1600)
    try:
        done = subprocess.run(
            [sys.executable, "-c", WITHOUT_LANDLOCK, str(victim), str(queue), str(shared), str(tmp_path)],
            cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True,
        )  # fmt: skip
    finally:
        libc.msgctl(queue, 0, None)
        libc.shmctl(shared, 0, None)
    found = json.loads(done.stdout)
    assert found.pop("openat2") == "ENOSYS"
    assert set(found.values()) == {"EPERM"}, found
    assert victim.read_text() == "content"


def test_the_calls_that_are_refused_have_the_kernels_numbers():
    table = {}
    for line in (Path(__file__).parent / "syscalls.tsv").read_text().splitlines():
        if not line.startswith(("#", "name")):
            name, *numbers = line.split("\t")
            table[name] = tuple(None if number == "-" else int(number) for number in numbers)
    others = {
        "clone": confine._CLONE, "clone3": confine._CLONE3, "kill": confine._KILL, "tgkill": confine._TGKILL,
        "prlimit64": confine._PRLIMIT, "prctl": confine._PRCTL, "ioctl": confine._IOCTL,
        "open": confine._OPEN, "openat": confine._OPENAT, "openat2": confine._OPENAT2, "fcntl": confine._FCNTL,
        "setrlimit": confine._SETRLIMIT, "seccomp": confine._SECCOMP,
        "landlock_create_ruleset": (confine._CREATE_RULESET,) * 2, "landlock_add_rule": (confine._ADD_RULE,) * 2,
        "landlock_restrict_self": (confine._RESTRICT_SELF,) * 2,
    }  # fmt: skip
    ours = {**confine._REFUSED, **others}
    assert ours == {name: table.get(name) for name in ours}
    assert len(table) > 380  # the whole table: a name that is misspelt is not in it


def test_each_machine_has_a_filter_of_its_own_numbers():
    """Column and AUDIT_ARCH belong together: EM_X86_64 is 62, EM_AARCH64 is 183, both 64-bit and little-endian."""
    assert confine._MACHINES == {"x86_64": (0, 62 | 0xC0000000), "aarch64": (1, 183 | 0xC0000000)}
    x86, arm = (confine._program(*machine) for machine in confine._MACHINES.values())
    execve = [confine._jump_equal(number, 0, 1) for number in confine._REFUSED["execve"]]
    assert (execve[0] in x86, execve[1] in x86) == (True, False)
    assert (execve[0] in arm, execve[1] in arm) == (False, True)
    assert len(x86) < 4096  # BPF_MAXINSNS


def test_where_no_calls_are_filtered_a_child_that_starts_processes_is_ended(tasks, monkeypatch):
    hook = Path(tasks.__file__).with_name("sitecustomize.py")
    hook.write_text("import liyi.scoring.confine\nliyi.scoring.confine._MACHINES = {}\n")
    monkeypatch.setattr(sandbox, "confinement", lambda: Confinement(7, False))
    box = Sandbox()
    started = []
    try:
        with pytest.raises(StoppedError) as caught:
            box.run(CLIP, tasks.bomb, {}, progress=lambda _, done: started.append(round(done * 1e7)))
    finally:
        box.close()
        hook.unlink()
    assert caught.value.cause == "crash"
    assert len(started) >= sandbox.MOST_PROCESSES  # the last may be seen before it is told
    deadline = time.monotonic() + 5
    while [pid for pid in started if alive(pid)]:  # killed, and gone a moment later
        assert time.monotonic() < deadline
        time.sleep(0.05)


def alive(pid):
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


@whole
def test_the_parents_environment_is_hidden_without_landlock_too():
    """What an older kernel leaves: the parent tells its memory and environment to root alone."""
    code = (
        "import ctypes, os, pathlib; from liyi.scoring.sandbox import Sandbox;"
        "from liyi.scoring import child as sandboxed, confine;"
        "box = Sandbox();\ntry: box.run(pathlib.Path('a'), sandboxed.join, {'pieces': []})\n"
        "except Exception: pass\nprint(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"
    )
    root = str(Path(__file__).parents[2])
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0"


def test_the_child_can_do_its_work(tasks, tmp_path):
    (tmp_path / "clip.mp4").write_text("content")
    box = Sandbox()
    try:
        for text in ("content", "another"):  # one child, one recording after another
            (tmp_path / "clip.mp4").write_text(text)
            with opened_for_child(tmp_path / "clip.mp4") as recording:
                found = box.run(CLIP, tasks.useful, {"path": str(tmp_path / "clip.mp4")},
                                recordings={tmp_path / "clip.mp4": recording})  # fmt: skip
            assert found["thread"] == [1]
            assert found["head"] == text
        if sys.platform == "linux":
            assert found["confined"] == 1
    finally:
        box.close()


def test_a_child_that_does_not_listen_dies_with_its_parent(tasks):
    code = (
        "import confine_tasks as tasks, pathlib; from liyi.scoring.sandbox import Sandbox; box = Sandbox();"
        "box.run(pathlib.Path('a'), tasks.wedge, {}, progress=lambda *_: print(box._child.pid, flush=True))"
    )
    paths = os.pathsep.join([str(Path(__file__).parents[2]), os.environ["PYTHONPATH"]])
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True,
                              env={**os.environ, "PYTHONPATH": paths})  # fmt: skip
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    for _ in range(50):
        if not Path(f"/proc/{pid}").exists() or "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text():
            return
        time.sleep(0.1)
    pytest.fail("the child lives on")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_is_in_force_is_told(lang):
    told = {Confinement(files, calls).describe(lang) for files in (0, 7) for calls in (False, True)}
    assert len(told) == 4
    assert all("{" not in sentence for sentence in told)
    change = {"en": "read and change", "zh": "读取和修改"}[lang]
    assert [change in Confinement(files, True).describe(lang) for files in (0, 7)] == [True, False]


def test_a_kernel_with_less_gives_less(tasks, monkeypatch):
    """The child goes on with what it has: a recording is assessed on an old kernel, too."""
    code = (
        "from liyi.scoring import confine; confine._CREATE_RULESET = 9999; confine._MACHINES = {};"
        "print(confine.confinement() == confine.confine([], []) == confine.Confinement(0, False))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], capture_output=True, text=True,
                          check=True)  # fmt: skip
    assert done.stdout.strip() == "True"
