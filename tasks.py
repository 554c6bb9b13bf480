"""Sets mailaudit up and runs its tasks: `python3 tasks.py demo`, `python3 tasks.py test`, … (no argument: the list).

Needs a Python of version 3.11 or newer and nothing else. The first run makes a virtual environment in .venv and
installs the versions of .ci/constraints.txt into it; later runs see that nothing changed and start at once.
What follows the task's name is handed on: `python3 tasks.py test -k clock`.
"""

from __future__ import annotations

import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PROJECT = ROOT / "pyproject.toml"
CONSTRAINTS = ROOT / ".ci" / "constraints.txt"
OLDEST = (3, 11)
PIP = ("-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet", "--quiet")  # no warnings either
POSTFIX = "fixtures/postfix/summer-time-ends/input.log.gz"
SENDMAIL = "fixtures/sendmail/realsender-excerpts/input.log"


class TaskError(Exception):
    """A task failed: what to say (nothing, if the program it ran has said it) and the exit code."""

    def __init__(self, text: str = "", code: int = 1) -> None:
        super().__init__(text)
        self.text = text
        self.code = code


# --- set-up -----------------------------------------------------------------------------------------------------------


def set_up(*, dev: bool) -> None:
    """Makes .venv hold mailaudit and what it needs, with `dev` the development tools too; quick if it already does."""
    stamp = VENV / ("ready-dev.txt" if dev else "ready.txt")
    ready = VENV / "ready-dev.txt" if (VENV / "ready-dev.txt").exists() else stamp
    if ready.exists() and ready.read_text() == fingerprint():
        return
    say("Setting up .venv (only the first time; a minute or two)")
    started = time.monotonic()
    if not works(python_of(VENV)):
        make_venv(VENV)
    install(VENV, *build_tools())
    install(VENV, "--no-build-isolation", "--editable", str(ROOT), *(dev_tools() if dev else ()))
    stamp.write_text(fingerprint())
    say(f"Set up in {time.monotonic() - started:.0f} s")


def fingerprint() -> str:
    """A text that changes whenever .venv has to be set up again."""
    digest = hashlib.sha256(PROJECT.read_bytes() + CONSTRAINTS.read_bytes()).hexdigest()
    return f"{digest} {sys.version_info[:2]} {VENV}\n"


def make_venv(folder: Path) -> None:
    """Makes an empty virtual environment with pip in it."""
    need_ensurepip()
    shutil.rmtree(folder, ignore_errors=True)
    run(sys.executable, "-m", "venv", folder)


def need_ensurepip() -> None:
    """Returns if this Python can make virtual environments; Debian keeps that in a package of its own."""
    if find_spec("ensurepip"):
        return
    package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    if not shutil.which("apt-get"):
        raise TaskError("This Python has no ensurepip module: install your system's package for venv, then try again.")
    if os.name != "posix" or os.geteuid() != 0:
        raise TaskError(
            f"Debian keeps Python's venv in a package of its own. Type this, then try again:\n"
            f"  sudo apt-get install {package}"
        )
    say(f"Installing Debian's {package}")
    apt = {"DEBIAN_FRONTEND": "noninteractive"}
    run("apt-get", "update", "-qq", env=apt, quiet=True)
    run("apt-get", "install", "-y", "-qq", "--no-install-recommends", package, env=apt, quiet=True)


def install(venv: Path, *what: str) -> None:
    """Installs packages into a virtual environment, in the versions of the constraints."""
    run(python_of(venv), *PIP, "install", "--constraint", CONSTRAINTS, *what)


def build_tools() -> list[str]:
    """What builds the package; editables is hatchling's for `--editable`."""
    import tomllib  # noqa: PLC0415 - new in 3.11; an older Python has to get as far as being told so

    required: list[str] = tomllib.loads(PROJECT.read_text())["build-system"]["requires"]
    return [*required, "editables"]


def dev_tools() -> list[str]:
    """The dev group of pyproject.toml, read here because pip before 25.1 cannot."""
    import tomllib  # noqa: PLC0415 - as above

    group: list[str] = tomllib.loads(PROJECT.read_text())["dependency-groups"]["dev"]
    return group


# --- running ----------------------------------------------------------------------------------------------------------


def python_of(venv: Path) -> Path:
    """The interpreter of a virtual environment."""
    return venv / "Scripts" / "python.exe" if os.name == "nt" else venv / "bin" / "python"


def program(name: str, venv: Path = VENV) -> Path:
    """A program installed in a virtual environment."""
    return python_of(venv).with_name(name)


def works(python: Path) -> bool:
    """Whether a virtual environment is there, of this Python's version, and usable."""
    test = f"import pip, sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
    return python.exists() and subprocess.run([python, "-c", test], check=False, capture_output=True).returncode == 0


def run(*command: str | Path, env: dict[str, str] | None = None, quiet: bool = False) -> None:
    """Runs a program in the project's folder and fails if it does; `quiet` drops all but its errors."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        env={**os.environ, **(env or {})},
        stdout=subprocess.DEVNULL if quiet else None,
        check=False,
    )
    if done.returncode:
        raise TaskError(code=done.returncode)


def show(*command: str) -> None:
    """Runs mailaudit and shows the command first, as one would type it."""
    say(f"$ mailaudit {shlex.join(command)}")
    run(program("mailaudit"), *command)


def say(text: str) -> None:
    """Says what happens, between the programs' own output."""
    print(f"\n{text}" if text.startswith("$") else text, flush=True)


# --- tasks ------------------------------------------------------------------------------------------------------------


def demo(args: list[str]) -> None:
    """mailaudit on the shipped logs of a Postfix and a Sendmail server."""
    set_up(dev=False)
    for command in DEMO:
        show(*command, *args)
    say("\nThe program is .venv/bin/mailaudit: try it on your own log, /var/log/mail.log or a folder of rotated ones.")


DEMO = (
    ("stats", "--table", "summary", "--table", "day", "--table", "recipient_domain", POSTFIX),
    ("bounces", "--limit", "5", "--columns", "recipients,domain,enhanced_status,reply", POSTFIX),
    ("trace", "v4V80L9Z004176", SENDMAIL),
)


def test(args: list[str]) -> None:
    """the tests (pytest; without arguments all of them, on all cores)."""
    set_up(dev=True)
    run(python_of(VENV), "-m", "pytest", *(args or ("--numprocesses", "auto", "--dist", "loadfile")))


def lint(args: list[str]) -> None:
    """ruff (rules and format), spelling, declared dependencies."""
    set_up(dev=True)
    run(program("ruff"), "check", *(args or ["."]))
    run(program("ruff"), "format", "--check", *(args or ["."]))
    run(program("codespell"), *args)
    run(program("deptry"), "src")


def types(args: list[str]) -> None:
    """types (mypy --strict)."""
    set_up(dev=True)
    run(program("mypy"), *args)


def imports(args: list[str]) -> None:
    """who may import whom (import-linter)."""
    set_up(dev=True)
    run(program("lint-imports"), "--no-cache", *args)


def docs(args: list[str]) -> None:
    """the generated pages of docs/reference; with --check only whether they are up to date."""
    set_up(dev=True)
    run(python_of(VENV), "docs/generate.py", *args)


def golden(args: list[str]) -> None:
    """renews the outputs that tests/golden and tests/live keep and shows what became different, to be read."""
    set_up(dev=True)
    run(python_of(VENV), "-m", "pytest", "--quiet", "tests/golden", "tests/live", *args, env={"GOLDEN_RENEW": "1"})
    run("git", "--no-pager", "diff", "--", "tests/golden/cases", "tests/live/snapshots")


def wheel(args: list[str]) -> None:
    """builds the wheel and tries it in a fresh environment without the development tools."""
    set_up(dev=True)
    shutil.rmtree(ROOT / "dist", ignore_errors=True)
    run(python_of(VENV), *PIP, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", "dist", str(ROOT), *args)
    (built,) = (ROOT / "dist").glob("*.whl")
    with tempfile.TemporaryDirectory() as folder:
        venv = Path(folder) / "venv"
        make_venv(venv)
        install(venv, str(built))
        for command in SMOKE:
            say(f"$ mailaudit {shlex.join(command)}")
            run(program("mailaudit", venv), *command)


SMOKE = (("--version",), ("--help",), ("stats", POSTFIX), ("records", "--limit", "3", SENDMAIL))


def check(args: list[str]) -> None:
    """everything CI does: lint, types, imports, docs --check, wheel, test."""
    failed = []
    for task, options in ((lint, []), (types, []), (imports, []), (docs, ["--check"]), (wheel, []), (test, args)):
        say(f"\n=== {task.__name__}")
        try:
            task(options)
        except TaskError as error:
            failed.append(task.__name__)
            say(error.text)
    if failed:
        raise TaskError(f"Failed: {', '.join(failed)}")


def bench(args: list[str]) -> None:
    """mailaudit beside pflogsumm and grep on a generated log (--help shows how to choose)."""
    set_up(dev=True)
    run(python_of(VENV), "-m", "tests.benchmarks.run", *args)


def renew(args: list[str]) -> None:
    """writes .ci/constraints.txt anew, with the newest versions that pyproject.toml allows."""
    heading = [line for line in CONSTRAINTS.read_text().splitlines() if line.startswith("#")]
    with tempfile.TemporaryDirectory() as folder:
        venv = Path(folder) / "venv"
        make_venv(venv)
        pip = (str(python_of(venv)), *PIP)
        run(*pip, "install", *build_tools(), *dev_tools(), *args)
        run(*pip, "install", "--no-build-isolation", f"{ROOT}[rtcompat]")
        frozen = subprocess.run([*pip, "freeze", "--exclude", "mailaudit"], check=True, capture_output=True, text=True)
    CONSTRAINTS.write_text("\n".join([*heading, frozen.stdout]))


TASKS: dict[str, Callable[[list[str]], None]] = {
    task.__name__: task for task in (demo, test, lint, types, imports, docs, golden, wheel, check, bench, renew)
}


def main(args: list[str]) -> int:
    """Runs the task that is named first with the arguments that follow."""
    if sys.version_info < OLDEST:
        say(f"mailaudit needs Python 3.11 or newer; {sys.executable} is {sys.version.split()[0]}.")
        return 2
    if not args or args[0] not in TASKS:
        say("Usage: python3 tasks.py TASK [ARGUMENT…]\n")
        for name, task in TASKS.items():
            say(f"  {name:8} {task.__doc__}")
        return 2 if args else 0
    try:
        TASKS[args[0]](args[1:])
    except TaskError as error:
        if error.text:
            say(error.text)
        return error.code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # python3 tasks.py … | head
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
