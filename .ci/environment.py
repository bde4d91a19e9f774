"""Makes the project's virtual environment: the locked packages and the project itself, each step done once.

Every step has a stamp in `.venv` that is written when the step has succeeded and names what it was made from; a
step whose stamp fits is left out, so a second run needs no network. Uses nothing but the standard library.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import importlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

__all__ = ["FAILURES", "LOCKS", "SetupError", "explain", "main", "set_up", "wanted"]

ROOT = Path(__file__).resolve().parent.parent
LOCKS = {"run": "requirements.lock", "test": "requirements-dev.lock", "bench": "requirements-bench.lock"}
PROGRAMS = {
    "Konclude": "konclude",
    "curl": "curl",
    "roqet": "rasqal-utils",
    "virtuoso-t": "virtuoso-opensource-7-bin",
}
"""Programs that tests run, with Debian's packages that have them."""
CLIENTS = Path("tests", "clients", "comunica")
DISK_MB = 1300
"""What an empty environment grows to with everything in it, and some air."""

FAILURES = (
    (
        r"No space left on device",
        "The disk is full. Free at least {disk} MB where {root} lies, then run the same command again.",
    ),
    (
        r"DO NOT MATCH THE HASHES",
        "A downloaded package is not the one that {lock} names, so nothing was installed. Try again; if it\n"
        "stays so, the package index or the proxy in between (pip's settings say which) hands out altered files.",
    ),
    (
        r"connection broken|Could not fetch URL|NewConnectionError|is unreachable|name resolution|timed out|ProxyError",
        "The package index cannot be reached. The first set-up fetches packages; later ones need no network.\n"
        "Connect this machine, or name a mirror with PIP_INDEX_URL, then run the same command again.",
    ),
    (
        r"No matching distribution found",
        "A package of {lock} has no build for this Python ({python}).\n"
        "Name another one, for example: make run PYTHON=python3.11",
    ),
    (r"Permission denied", "The folder .venv cannot be written. Give yourself the right to write in {root}."),
)
"""What pip says when it fails, and what to tell the user about it; the first that fits counts."""


class SetupError(Exception):
    """The set-up cannot go on; the message says why and what to do."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Set up what the command line asks for; 0 when it is ready, 1 with one plain message when not."""
    parser = argparse.ArgumentParser(prog=".ci/setup", description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("purpose", choices=LOCKS)
    try:
        with alone(ROOT):
            set_up(ROOT, parser.parse_args(arguments).purpose)
    except SetupError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted. The next run goes on from here.", file=sys.stderr)
        return 130
    except OSError as error:
        print(f"\n{explain(str(error))}", file=sys.stderr)
        return 1
    return 0


def set_up(root: Path, purpose: str) -> None:
    """Do the steps that are not done yet."""
    environment = root / ".venv"
    steps: dict[str, Callable[[], None]] = {
        "environment": lambda: make_environment(environment),
        purpose: lambda: install_packages(environment, root / LOCKS[purpose]),
        "project": lambda: install_project(environment, root),
    }
    if purpose == "test":
        steps["programs"] = install_programs
        steps["clients"] = lambda: install_clients(environment, root / CLIENTS)
    stamps = wanted(root)
    if all(fits(environment, name, stamps[name]) for name in steps):
        return
    started = time.monotonic()
    check_room(root)
    for name, step in steps.items():
        if not fits(environment, name, stamps[name]):
            step()
            stamp(environment, name, stamps[name])
    if purpose != "run":  # the other locks hold everything that the first one has
        stamp(environment, "run", stamps["run"])
    say(f"Set up in .venv ({time.monotonic() - started:.0f} s).")


def wanted(root: Path) -> dict[str, str]:
    """For each step a digest of what it is made from.

    The environment depends on its place and its Python, the packages on their lock file, the project on pyproject.toml.
    """
    place = f"{root} {sys.version_info[:2]} {sys.implementation.cache_tag}".encode()
    made_from = {"environment": place, "project": place + (root / "pyproject.toml").read_bytes()}
    made_from |= {"programs": place + repr(PROGRAMS).encode(), "clients": place + clients_lock(root / CLIENTS)}
    made_from |= {purpose: (root / lock).read_bytes() for purpose, lock in LOCKS.items()}
    return {name: hashlib.sha256(source).hexdigest() for name, source in made_from.items()}


def fits(environment: Path, name: str, digest: str) -> bool:
    """Whether the step of this name was done from the same things."""
    try:
        return (environment / f"{name}.stamp").read_text(encoding="ascii").strip() == digest
    except (OSError, UnicodeDecodeError):
        return False


def stamp(environment: Path, name: str, digest: str) -> None:
    """Note that a step is done, in one move."""
    beside = environment / f"{name}.stamp.new"
    beside.write_text(digest + "\n", encoding="ascii")
    beside.replace(environment / f"{name}.stamp")


def check_room(root: Path, needed: int = DISK_MB) -> None:
    """Refuse a disk that would be full before the end."""
    free = shutil.disk_usage(root).free // 2**20
    if free < needed:
        raise SetupError(f"The disk has {free} MB left where {root} lies; the set-up needs {needed} MB.")


def make_environment(environment: Path) -> None:
    """Make an empty environment with pip; what stood there before is removed."""
    if not has_ensurepip():
        install_ensurepip()
    say(f"Making .venv with Python {sys.version.split()[0]}")
    run([sys.executable, "-m", "venv", "--clear", str(environment)], explain)


def has_ensurepip() -> bool:
    """Whether this Python can put pip into an environment (Debian packs that part by itself)."""
    importlib.invalidate_caches()
    return importlib.util.find_spec("venv") is not None and importlib.util.find_spec("ensurepip") is not None


def install_ensurepip() -> None:
    """Install Debian's python3-venv where that is possible; else say what to install."""
    package = f"python3.{sys.version_info.minor}-venv"
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise SetupError(
            f"This Python cannot make virtual environments: its venv and ensurepip modules are missing.\n"
            f"Install them (Debian and Ubuntu: sudo apt-get install {package}), then run the same command again."
        )
    apt_install(package)


def install_programs() -> None:
    """Install the programs that tests use, where Debian's packages can be had; elsewhere they are skipped."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    for package in (package for program, package in PROGRAMS.items() if shutil.which(program) is None):
        try:
            apt_install(package)
        except SetupError as error:
            say(f"{error}\nThe tests that need it will be skipped.")


def install_clients(environment: Path, locked: Path) -> None:
    """Install the clients in JavaScript that tests use, where a registry can be reached; elsewhere they are skipped.

    What is fetched is checked against the hashes of the lock, and no script of a package is run.
    """
    folder = environment / "clients"
    say("Installing the clients of npm")
    try:
        folder.mkdir(exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(locked / name, folder / name)
        npm = [str(environment / "bin" / "npm"), "ci", "--prefix", str(folder)]
        run([*npm, "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1"], tail)
    except (SetupError, OSError) as error:
        say(f"npm could not install them; the tests that need them will be skipped.{error}")


def clients_lock(folder: Path) -> bytes:
    """The bytes of the lock file of npm; none where it is absent."""
    lock = folder / "package-lock.json"
    return lock.read_bytes() if lock.is_file() else b""


def apt_install(package: str) -> None:
    """Install a package of Debian."""
    say(f"Installing Debian's {package}")
    for command in (["update", "-qq"], ["install", "-qq", "-y", "--no-install-recommends", package]):
        run(
            ["apt-get", *command],
            lambda output: f"apt-get could not install {package}; install it, then try again.{tail(output)}",
        )


def install_packages(environment: Path, lock: Path) -> None:
    """Install what the lock file lists, each file checked against its hashes."""
    count = len(re.findall(r"(?m)^\S+==", lock.read_text(encoding="utf-8")))
    say(f"Installing {count} packages of {lock.name}")
    command = ["install", "--require-hashes", "--no-deps", "--retries", "2", "--progress-bar", "off", "-r", str(lock)]
    run(pip(environment, command), partial(explain, lock=lock.name), Progress(count))


def install_project(environment: Path, root: Path) -> None:
    """Install the project in place, so that `kip` runs what stands in the checkout."""
    say("Installing the command kip")
    run(pip(environment, ["install", "--no-deps", "--no-build-isolation", "--no-index", "-e", str(root)]), explain)


def pip(environment: Path, arguments: Sequence[str]) -> list[str]:
    """The command line of the environment's pip."""
    return [str(environment / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--no-input", *arguments]


class Progress:
    """Counts the packages that pip names: a line that is rewritten on a terminal, a line per tenth elsewhere."""

    def __init__(self, count: int) -> None:
        self.count, self.done = count, 0

    def __call__(self, line: str) -> None:
        if match := re.match(r"(?:Collecting|Processing|Requirement already satisfied:) (?:\S*/)?([\w.-]+)", line):
            self.done += 1
            self.show(match[1])
        elif line.startswith("Installing collected packages"):
            say("  unpacking", rewrite=sys.stderr.isatty())

    def show(self, name: str) -> None:
        if sys.stderr.isatty():
            say(f"  {self.done}/{self.count} {name}", rewrite=True)
        elif self.done * 5 // self.count > (self.done - 1) * 5 // self.count:
            say(f"  {self.done}/{self.count} fetched")


def say(text: str, rewrite: bool = False) -> None:
    """Tell the user how far it is."""
    print(f"\r\033[K{text}" if rewrite else text, end="\r" if rewrite else "\n", file=sys.stderr, flush=True)


def run(
    command: Sequence[str], explanation: Callable[[str], str], progress: Callable[[str], None] = lambda line: None
) -> None:
    """Run a command; its output is kept for the explanation, should it fail."""
    lines: list[str] = []
    environ = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    with subprocess.Popen(
        command,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            lines.append(line)
            progress(line)
    if process.returncode:
        raise SetupError(explanation("".join(lines)))


def explain(output: str, lock: str = LOCKS["run"]) -> str:
    """What to tell the user about the output of a command that failed."""
    facts = {"disk": DISK_MB, "root": ROOT, "lock": lock, "python": sys.version.split()[0]}
    messages = (message.format_map(facts) for pattern, message in FAILURES if re.search(pattern, output))
    return next(messages, "The set-up failed.") + tail(output)


def tail(output: str) -> str:
    """The lines of an output that name an error, or its last ones."""
    lines = output.strip().splitlines()
    telling = [line for line in lines if re.match(r"\W*(error|[A-Z]\w*Error)\b", line, re.IGNORECASE)]
    return "\n\n" + "\n".join(f"  {line}" for line in (telling or lines)[-4:])


@contextlib.contextmanager
def alone(root: Path) -> Iterator[None]:
    """Let one set-up of this checkout run at a time; the others wait."""
    handle = os.open(root, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another set-up of this folder is under way; waiting for it.")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


if __name__ == "__main__":
    sys.exit(main())
