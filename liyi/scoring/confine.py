"""What the decoder's child may do, held by the kernel: files by Landlock, system calls by seccomp; without privileges.

A decoder that a recording takes over can then read what Liyi is made of and write its own workshop: no other file, no
network, no program, no other process. The kernel's documents: Documentation/userspace-api/landlock.rst and
seccomp_filter.rst. All of it by ctypes, for any account. Where the kernel (or a container's own filter) has less, what
there is is used, and `confinement` says what that is.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from liyi.core.words import N_, translate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# prctl(2)
_SET_PDEATHSIG, _SET_DUMPABLE, _SET_SECCOMP, _SET_NO_NEW_PRIVS = 1, 4, 22, 38
_SIGKILL = 9

# landlock(7): the same numbers on every machine
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR, _REMOVE_DIR, _REMOVE_FILE = (1 << bit for bit in range(6))
_MAKE_DIR, _MAKE_REG, _REFER, _TRUNCATE, _IOCTL_DEV = 1 << 7, 1 << 8, 1 << 13, 1 << 14, 1 << 15
_READ = _READ_FILE | _READ_DIR
# No links, pipes, sockets or devices: the parent reads what it finds there.
_READ_AND_WRITE = _READ | _WRITE_FILE | _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_REG | _REFER | _TRUNCATE
_OF_A_FILE = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV

# What every Python and its libraries read beside their own files; /proc/self is the child's own.
_SYSTEM = (
    "/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/localtime", "/proc/self", "/proc/cpuinfo", "/proc/meminfo",
    "/proc/stat", "/proc/filesystems", "/sys/devices", "/sys/bus/pci", "/sys/class", "/sys/fs/cgroup",
    "/dev/urandom", "/dev/random",
)  # fmt: skip
_DEVICES = ("/dev/null",)

# System calls that are refused, by name: their numbers on x86_64 and aarch64 (None: there is no such call).
_REFUSED: dict[str, tuple[int | None, int | None]] = {
    # network
    "socket": (41, 198), "connect": (42, 203), "accept": (43, 202), "bind": (49, 200), "listen": (50, 201),
    "socketpair": (53, 199), "accept4": (288, 242),
    # programs and processes
    "execve": (59, 221), "execveat": (322, 281), "fork": (57, None), "vfork": (58, None), "ptrace": (101, 117),
    "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272), "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240), "pidfd_send_signal": (424, 424),
    "pidfd_open": (434, 434), "pidfd_getfd": (438, 438), "process_madvise": (440, 440),
    "setsid": (112, 157), "setpgid": (109, 154),
    # what Landlock leaves open: whose a file is and who may read it
    "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452), "chown": (92, None),
    "fchown": (93, 55), "lchown": (94, None), "fchownat": (260, 54), "setxattr": (188, 5), "lsetxattr": (189, 6),
    "fsetxattr": (190, 7), "removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16),
    "setxattrat": (463, 463), "removexattrat": (466, 466), "utime": (132, None), "utimes": (235, None),
    "futimesat": (261, None), "utimensat": (280, 88), "mknod": (133, None), "mknodat": (259, 33),
    "open_by_handle_at": (304, 265), "file_setattr": (469, 469),
    "truncate": (76, 45),  # Landlock knows it from version 3
    # what others do with files that Landlock hides, and how much they may compute
    "inotify_init": (253, None), "inotify_init1": (294, 26), "fanotify_init": (300, 262), "setpriority": (141, 140),
    "ioprio_set": (251, 30), "sched_setscheduler": (144, 119), "sched_setparam": (142, 118),
    "sched_setattr": (314, 274),
    # shared memory and messages of other processes
    "shmget": (29, 194), "shmat": (30, 196), "shmctl": (31, 195), "semget": (64, 190), "semop": (65, 193),
    "semctl": (66, 191), "semtimedop": (220, 192), "msgget": (68, 186), "msgsnd": (69, 189), "msgrcv": (70, 188),
    "msgctl": (71, 187), "mq_open": (240, 180), "mq_unlink": (241, 181), "mq_timedsend": (242, 182),
    "mq_timedreceive": (243, 183),
    # the machine
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51), "unshare": (272, 97),
    "setns": (308, 268), "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430),
    "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442),
    "open_tree_attr": (467, 467),
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282), "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426), "io_uring_register": (427, 427), "add_key": (248, 217), "request_key": (249, 218),
    "keyctl": (250, 219), "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106),
    "kexec_load": (246, 104), "kexec_file_load": (320, 294), "reboot": (169, 142), "swapon": (167, 224),
    "swapoff": (168, 225), "acct": (163, 89), "quotactl": (179, 60), "settimeofday": (164, 170),
    "clock_settime": (227, 112), "clock_adjtime": (305, 266), "adjtimex": (159, 171), "sethostname": (170, 161),
    "setdomainname": (171, 162), "iopl": (172, None), "ioperm": (173, None), "syslog": (103, 116),
}  # fmt: skip
# Refused by what they are asked: number on x86_64 and aarch64.
_CLONE, _CLONE3 = (56, 220), (435, 435)
_OPEN, _OPENAT, _OPENAT2, _FCNTL = (2, None), (257, 56), (437, 437), (72, 25)
_KILL, _TGKILL, _PRLIMIT, _PRCTL, _IOCTL = (62, 129), (234, 131), (302, 261), (157, 167), (16, 29)
_SETRLIMIT, _RLIMIT_CPU = (160, 164), 0
_CLONE_THREAD = 0x00010000
# O_TRUNC and the bits of the access mode. Landlock below version 3 sees no writing in mode 0, and nothing in mode 3.
_TRUNCATING, _ACCESS = 0x200, 3
# What sets whom a file's signals go to, and which: Landlock keeps signals in from version 6.
_TO_OWNER = (8, 10, 15)  # F_SETOWN, F_SETSIG, F_SETOWN_EX
# TIOCSTI, TIOCLINUX: typing into the terminal that the child's messages go to; FIOSETOWN, SIOCSPGRP: as F_SETOWN
_REFUSED_IOCTLS = (0x5412, 0x541C, 0x8901, 0x8902)

_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # column above, AUDIT_ARCH of linux/audit.h
_X32 = 0x40000000  # x86_64's second set of numbers
_ALLOW, _KILL_PROCESS, _EPERM, _ENOSYS = 0x7FFF0000, 0x80000000, 0x00050001, 0x00050026
_SECCOMP = (317, 277)


@dataclass(frozen=True)
class Confinement:
    """What holds the child: ``files`` is the version of Landlock (0: none), ``calls`` whether seccomp filters."""

    files: int = 0
    calls: bool = False

    def describe(self, lang: str) -> str:
        """One sentence about it."""
        if self.files and self.calls:
            sentence = N_(
                "Recordings are decoded apart: without other files (Landlock {version}), network or programs."
            )
        elif self.calls:
            sentence = N_("Recordings are decoded apart, without network or programs; this kernel has no Landlock, so "
                          "the decoder may read and change this account's files.")  # fmt: skip
        elif self.files:
            sentence = N_("Recordings are decoded apart, without other files (Landlock {version}); system calls are "
                          "not filtered on this machine.")  # fmt: skip
        else:
            sentence = N_("This system cannot confine the decoder: limits of time and memory hold, nothing else does. "
                          "Assess recordings of unknown origin on Linux 5.13 or later.")  # fmt: skip
        return translate(sentence, lang, version=self.files)


def confinement() -> Confinement:
    """What this kernel has for a child; nothing is put in force."""
    if sys.platform != "linux":
        return Confinement()
    action = ctypes.c_uint32(_KILL_PROCESS)
    machine = _MACHINES.get(platform.machine())
    calls = machine is not None and _libc().syscall(_SECCOMP[machine[0]], 2, 0, ctypes.byref(action)) == 0
    return Confinement(max(0, _libc().syscall(_CREATE_RULESET, None, 0, 1)), calls)


def confine(read: Iterable[str], write: Iterable[str]) -> Confinement:
    """Hold this process, for good: call it before a second thread is started.

    Parameters
    ----------
    read, write
        Files and folders that it may read, and those that it may write to as well; the interpreter's own are known.

    Returns
    -------
    Confinement
        What is in force now.
    """
    if sys.platform != "linux" or _libc().prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        return Confinement()
    files = 0
    with suppress(OSError):
        files = _restrict_files([*_SYSTEM, *_of_python(), *read], [*_DEVICES, *write])
    return Confinement(files, _filter_calls())


def end_with_parent(parent: int) -> None:
    """Have the kernel kill this process when its parent, the process ``parent``, ends; exit if it has already."""
    if sys.platform == "linux":
        _libc().prctl(_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def hide_memory() -> None:
    """Keep other processes of this account, the child first of all, from this one's memory and environment."""
    if sys.platform == "linux":
        _libc().prctl(_SET_DUMPABLE, 0, 0, 0, 0)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _of_python() -> list[str]:
    """Where this interpreter finds its modules and libraries."""
    libraries = os.environ.get("LD_LIBRARY_PATH", "").split(os.pathsep)
    return [path for path in (*sys.path, sys.prefix, sys.base_prefix, *libraries) if os.path.isabs(path)]


def _restrict_files(read: Sequence[str], write: Sequence[str]) -> int:
    """Put Landlock in force; returns its version, 0 where there is none."""
    libc = _libc()
    version = libc.syscall(_CREATE_RULESET, None, 0, 1)
    if version < 1:
        return 0
    known = (1 << 13) - 1
    for since, right in ((2, _REFER), (3, _TRUNCATE), (5, _IOCTL_DEV)):
        known |= right if version >= since else 0
    # behind the rights to files those to TCP (bind, connect) and, kept in, abstract sockets and signals
    rights = struct.pack("<QQQ", known, 3 if version >= 4 else 0, 3 if version >= 6 else 0)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = libc.syscall(_CREATE_RULESET, rights, size, 0)
    if ruleset < 0:
        return 0
    try:
        for paths, granted in ((read, _READ), (write, _READ_AND_WRITE)):
            for path in dict.fromkeys(paths):
                _allow(ruleset, path, granted & known)
        return version if libc.syscall(_RESTRICT_SELF, ruleset, 0) == 0 else 0
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    """Add one path that may be used; one that is not there is left out."""
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        granted = rights if os.path.isdir(path) else rights & _OF_A_FILE
        if _libc().syscall(_ADD_RULE, ruleset, 1, struct.pack("<Qi", granted, place), 0):
            raise OSError(ctypes.get_errno(), path)
    finally:
        os.close(place)


def _filter_calls() -> bool:
    """Put the filter of system calls in force; whether the kernel took it."""
    machine = _MACHINES.get(platform.machine())
    if machine is None:
        return False
    program = _program(*machine)
    code = ctypes.create_string_buffer(b"".join(program), 8 * len(program))
    given = struct.pack("@HP", len(program), ctypes.addressof(code))
    return bool(_libc().prctl(_SET_SECCOMP, 2, given, 0, 0) == 0)


def _program(column: int, machine: int) -> list[bytes]:
    """The filter in the kernel's packet-filter code: eight bytes an instruction."""
    own = os.getpid()
    # offsets into struct seccomp_data; of arguments the lower halves, of the third both
    nr, arch, first, second, third, third_high = 0, 4, 16, 24, 32, 36
    code = [_load(arch), _jump_equal(machine, 1, 0), _give(_KILL_PROCESS), _load(nr)]
    if column == 0:
        code += [_jump_at_least(_X32, 0, 1), _give(_ENOSYS)]
    for number in (_CLONE3[column], _OPENAT2[column]):  # their flags lie in memory; libc has the older calls
        code += [_jump_equal(number, 0, 1), _give(_ENOSYS)]
    for refused in (numbers[column] for numbers in _REFUSED.values()):
        if refused is not None:
            code += [_jump_equal(refused, 0, 1), _give(_EPERM)]
    # A block is jumped over whole when the call is another; what passes its tests is allowed.
    blocks = {
        _CLONE[column]: [_load(first), _jump_any_bit(_CLONE_THREAD, 1, 0), _give(_EPERM)],
        _KILL[column]: [_load(first), _jump_equal(own, 1, 0), _give(_EPERM)],
        _TGKILL[column]: [_load(first), _jump_equal(own, 1, 0), _give(_EPERM)],
        # its own limits may be read; of them only that of time is set, anew for each recording
        _PRLIMIT[column]: [_load(first), _jump_equal(0, 2, 0), _jump_equal(own, 1, 0), _give(_EPERM),
                           _load(second), _jump_equal(_RLIMIT_CPU, 5, 0), _load(third), _jump_equal(0, 0, 2),
                           _load(third_high), _jump_equal(0, 1, 0), _give(_EPERM)],
        _SETRLIMIT[column]: [_load(first), _jump_equal(_RLIMIT_CPU, 1, 0), _give(_EPERM)],
        _PRCTL[column]: [_load(first), _jump_equal(_SET_PDEATHSIG, 0, 1), _give(_EPERM)],
        _IOCTL[column]: _refuse_any(second, _REFUSED_IOCTLS),
        _FCNTL[column]: _refuse_any(second, _TO_OWNER),
        _OPEN[column]: _refuse_truncating(second),
        _OPENAT[column]: _refuse_truncating(third),
    }  # fmt: skip
    for judged, tests in blocks.items():
        if judged is not None:
            code += [_jump_equal(judged, 0, len(tests) + 1), *tests, _give(_ALLOW)]
    return [*code, _give(_ALLOW)]


def _refuse_any(offset: int, values: Sequence[int]) -> list[bytes]:
    """Tests that refuse a call whose argument is one of ``values``."""
    tests = [_load(offset)]
    for value in values:
        tests += [_jump_equal(value, 0, 1), _give(_EPERM)]
    return tests


def _refuse_truncating(offset: int) -> list[bytes]:
    """Tests that refuse to open a file to be emptied and not to be written: neither write-only nor read-write."""
    return [_load(offset), _keep_bits(_TRUNCATING | _ACCESS), _jump_equal(_TRUNCATING, 1, 0),
            _jump_equal(_TRUNCATING | _ACCESS, 0, 1), _give(_EPERM)]  # fmt: skip


def _instruction(code: int, if_true: int, if_false: int, value: int) -> bytes:
    return struct.pack("<HBBI", code, if_true, if_false, value)


def _load(offset: int) -> bytes:
    return _instruction(0x20, 0, 0, offset)


def _keep_bits(bits: int) -> bytes:
    return _instruction(0x54, 0, 0, bits)


def _jump_equal(value: int, if_true: int, if_false: int) -> bytes:
    return _instruction(0x15, if_true, if_false, value)


def _jump_at_least(value: int, if_true: int, if_false: int) -> bytes:
    return _instruction(0x35, if_true, if_false, value)


def _jump_any_bit(bits: int, if_true: int, if_false: int) -> bytes:
    return _instruction(0x45, if_true, if_false, bits)


def _give(answer: int) -> bytes:
    return _instruction(0x06, 0, 0, answer)
