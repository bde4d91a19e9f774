"""What a worker may not do: use more memory or time than it was given, reach the network, write, start programs.

RLIMIT_AS and RLIMIT_CPU (setrlimit(2)) and a filter of system calls (seccomp(2), no privilege needed). The filter
lists what is refused, with EPERM; it stands behind the lexer, which refuses SERVICE before a worker sees it.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import resource
import signal
import struct
import sys
from pathlib import Path

__all__ = [
    "SandboxError",
    "adopt_orphans",
    "allow_seconds",
    "deny_system_calls",
    "die_with_parent",
    "limit_memory",
    "memory_in_use",
    "peak_memory",
]

_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS = 1, 22, 36, 38
_SECCOMP_MODE_FILTER = 2
_ALLOW, _EPERM, _ENOSYS, _KILL = 0x7FFF0000, 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS, 0x80000000
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_CLONE_THREAD = 0x10000
_X32 = 0x40000000

_AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
# Name: number in <asm/unistd_64.h> (x86_64), in <asm-generic/unistd.h> (aarch64; -1 where it has no such call).
_REFUSED = {
    "socket": (41, 198),
    "connect": (42, 203),
    "accept": (43, 202),
    "accept4": (288, 242),
    "bind": (49, 200),
    "listen": (50, 201),
    "socketpair": (53, 199),
    "execve": (59, 221),
    "execveat": (322, 281),
    "fork": (57, -1),
    "vfork": (58, -1),
    "ptrace": (101, 117),
    "kill": (62, 129),
    "tkill": (200, 130),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424),
    "io_uring_setup": (425, 425),
    "rename": (82, -1),
    "renameat": (264, 38),
    "renameat2": (316, 276),
    "mkdir": (83, -1),
    "mkdirat": (258, 34),
    "rmdir": (84, -1),
    "creat": (85, -1),
    "link": (86, -1),
    "linkat": (265, 37),
    "unlink": (87, -1),
    "unlinkat": (263, 35),
    "symlink": (88, -1),
    "symlinkat": (266, 36),
    "truncate": (76, 45),
    "chmod": (90, -1),
    "fchmodat": (268, 53),
    "chown": (92, -1),
    "fchownat": (260, 54),
    "mknod": (133, -1),
    "mknodat": (259, 33),
    "mount": (165, 40),
    "umount2": (166, 39),
    "chroot": (161, 51),
    "unshare": (272, 97),
    "setns": (308, 268),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "keyctl": (250, 219),
}
# Answered "no such call", so that the C library falls back on one whose arguments a filter can see: clone3 openat2.
_UNKNOWN = (435, 437)
# (call, argument): open and openat, refused where a flag would write.
_OPENING = {"x86_64": ((2, 1), (257, 2)), "aarch64": ((56, 2),)}
_CLONE = {"x86_64": 56, "aarch64": 220}


class SandboxError(OSError):
    """The kernel does not grant a limit."""


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def deny_system_calls() -> bool:
    """Forbid this process, for good, what its list names; False where there is no list for the platform.

    Raises SandboxError where the kernel refuses the filter.
    """
    machine = platform.machine()
    if not sys.platform.startswith("linux") or machine not in _AUDIT:
        return False
    code = b"".join(_program(machine))
    program = _Program(len(code) // 8, ctypes.cast(ctypes.c_char_p(code), ctypes.c_void_p))
    _control(_PR_SET_NO_NEW_PRIVS, 1)
    _control(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(program))
    return True


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent ends."""
    if sys.platform.startswith("linux"):
        _control(_PR_SET_PDEATHSIG, signal.SIGKILL)


def adopt_orphans() -> None:
    """Become the parent of what the children of this process leave behind, instead of process 1."""
    if sys.platform.startswith("linux"):
        _control(_PR_SET_CHILD_SUBREAPER, 1)


def memory_in_use() -> int:
    """The address space of this process in bytes; 0 where the platform does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_bytes().split()[0])
    except OSError:
        return 0
    return pages * resource.getpagesize()


def peak_memory() -> int:
    """The most physical memory in bytes that this process ever held."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def limit_memory(extra: int) -> None:
    """Let the address space grow by so many bytes from now on."""
    base = memory_in_use()
    if base:
        resource.setrlimit(resource.RLIMIT_AS, (base + extra, base + extra))


def allow_seconds(seconds: float) -> None:
    """Let this process use so much processor time from now on, rounded up; the kernel ends it after that."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (int(usage.ru_utime + usage.ru_stime + seconds) + 2, hard))


def _control(option: int, *arguments: int) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    padded = [ctypes.c_ulong(value) for value in (*arguments, 0, 0, 0, 0)[:4]]
    if library.prctl(ctypes.c_int(option), *padded) != 0:
        code = ctypes.get_errno()
        raise SandboxError(code, f"prctl({option}): {os.strerror(code)}")


def _program(machine: str) -> list[bytes]:
    """The filter in classic BPF: the architecture, then one test after the other, each with its verdict."""
    code = [_load(4), _jump(_EQUAL, _AUDIT[machine], 1, 0), _verdict(_KILL), _load(0)]
    if machine == "x86_64":
        code += [_jump(_AT_LEAST, _X32, 0, 1), _verdict(_EPERM)]
    for number in _refused(machine):
        code += [_jump(_EQUAL, number, 0, 1), _verdict(_EPERM)]
    for number in _UNKNOWN:
        code += [_jump(_EQUAL, number, 0, 1), _verdict(_ENOSYS)]
    for number, argument in _OPENING[machine]:
        code += [_jump(_EQUAL, number, 0, 4), _argument(argument), _jump(_ANY_BIT, _WRITING, 0, 1)]
        code += [_verdict(_EPERM), _verdict(_ALLOW)]
    # A thread may be started, a process may not.
    code += [_jump(_EQUAL, _CLONE[machine], 0, 4), _argument(0), _jump(_ANY_BIT, _CLONE_THREAD, 1, 0)]
    return [*code, _verdict(_EPERM), _verdict(_ALLOW), _verdict(_ALLOW)]


def _refused(machine: str) -> list[int]:
    column = list(_AUDIT).index(machine)
    return [numbers[column] for numbers in _REFUSED.values() if numbers[column] >= 0]


def _load(offset: int) -> bytes:
    return struct.pack("=HBBI", _LOAD, 0, 0, offset)


def _argument(index: int) -> bytes:
    """The low word of an argument (both architectures are little-endian)."""
    return _load(16 + 8 * index)


def _jump(test: int, value: int, yes: int, no: int) -> bytes:
    return struct.pack("=HBBI", test, yes, no, value)


def _verdict(action: int) -> bytes:
    return struct.pack("=HBBI", _RETURN, 0, 0, action)
