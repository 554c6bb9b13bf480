"""The command line: finds the command that was asked for and decides the exit code, here and nowhere else.

Nothing heavy is imported until a command runs: help, version, completion and usage errors answer at once.
"""

from __future__ import annotations

import errno
import gc
import io
import os
import shlex
import signal
import sys
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any, NoReturn

import click

from mailaudit.errors import MailauditError, OutputError, UsageError
from mailaudit.writers.escapes import neutral

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import FrameType

COMMANDS: dict[str, str] = {
    "stats": "Numbers: how much mail, what became of it, by what.",
    "log": "What became of each message and recipient.",
    "trace": "The whole life of a message, an address, an id.",
    "retries": "How mail was tried again; policy and greylisting.",
    "bounces": "What failed, by domain, code and reply.",
    "summary": "What a period brought, for cron: problems first.",
    "report": "One page to open, keep or print.",
    "live": "Mail as it happens, on a whole terminal.",
    "explain": "What a reply or code means and what to do.",
    "events": "Every fact the log states, one row each.",
    "records": "Every line as what it was read.",
    "inspect": "What the inputs are and how far they are understood.",
    "health": "Does mail flow? Per domain and group; for Nagios, too.",
    "suppressions": "Which addresses to leave alone, why, until when.",
    "investigate": "Where mail to others suffers, and what to do.",
    "notify": "What failed or was refused since the last run.",
    "queue": "What waits: by age, destination, reply.",
    "config": "The defaults in effect and the config file.",
    "completion": "Completion script for bash, zsh or fish.",
}
"""The commands in the order of `--help`, each with its line there: the function of this name in its module."""

ENDING = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))
"""Signals that end it in good order: asked to, or the terminal was closed. Ctrl-C is Python's own."""
CAUGHT: set[int] = set()
"""Signals that came."""
BROKEN_OFF = "Query interrupted"
"""What DuckDB makes of the exception with which a signal ends a question."""
UNKNOWN_HEALTH = 3
"""Exit code of `health` where it has no answer (Nagios: UNKNOWN)."""
EXAMPLES = """\b
Examples:
  mailaudit stats /var/log/mail.log
  mailaudit trace 4cDCnd66Hyz1XPWFF /var/log/mail.log*
  mailaudit log --status bounced --since yesterday /var/log/mail.log
"""


class Commands(click.Group):
    """The group of all commands; a command's module is imported when that command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order in which help shows them."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, or None."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"mailaudit.commands.{cmd_name}"), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Lists the commands without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Finds the command, or says which one may have been meant."""
        name = args[0]
        if name == "help":
            raise UsageError("there is no command help", hint="mailaudit --help, or mailaudit COMMAND --help")
        if name not in COMMANDS and os.path.exists(name):  # noqa: PTH110 (no path at all, it may be)
            raise UsageError(f"{name} is no command, but a file", hint=f"mailaudit stats {shlex.quote(name)}")
        if not name.startswith("-") and name not in COMMANDS:
            raise click.exceptions.NoSuchCommand(name, possibilities=COMMANDS, ctx=ctx)
        return super().resolve_command(ctx, args)

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,  # noqa: ANN401 (click's own signature)
    ) -> click.Context:
        """Reads the options of the program itself; `--help | head` is a normal end."""
        with broken_pipe_is_a_normal_end():
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> object:
        """Runs the command; a reader of our output that goes away is a normal end."""
        with broken_pipe_is_a_normal_end():
            answer = super().invoke(ctx)
            sys.stdout.flush()
            return answer


@contextmanager
def broken_pipe_is_a_normal_end() -> Iterator[None]:
    """Turns EPIPE into exit code 0 (`mailaudit log … | head`)."""
    try:
        yield
    except BrokenPipeError:
        forget_output()
        raise click.exceptions.Exit(0) from None


def forget_output() -> None:
    """What could not be written is lost: Python would try again when it ends, and complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def show_version(ctx: click.Context, parameter: click.Parameter, value: bool) -> None:  # noqa: FBT001 (click calls it)
    """Prints the version and ends, when `--version` is given."""
    del parameter
    if not value or ctx.resilient_parsing:
        return
    from mailaudit import __version__  # noqa: PLC0415 (looked up only when asked for)

    click.echo(f"mailaudit {__version__}")
    ctx.exit()


@click.group(
    cls=Commands,
    epilog=EXAMPLES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=show_version,
    help="Show the version and exit.",
)
@click.pass_context
def program(ctx: click.Context) -> None:
    """What happened to my mail? Statistics, traces and causes from mail logs.

    Without a PATH the machine's own mail log is read, and - is standard input; files may be compressed, directories
    and rotated sets are read in order of time. `mailaudit COMMAND --help` shows a command's options and examples.
    """
    from mailaudit.commands import settings  # noqa: PLC0415 (not for --help)

    found = settings.load()
    name, group = ctx.invoked_subcommand, ctx.command
    if found and name and isinstance(group, click.Group):
        settings.check(found, COMMANDS, lambda word: group.get_command(ctx, word))
        command = group.get_command(ctx, name)
        if command is not None:
            ctx.default_map = {name: settings.defaults(found, name, command)}


def main() -> NoReturn:
    """Runs the program with the arguments of the process and ends it."""
    for number in ENDING:
        if signal.getsignal(number) == signal.SIG_DFL:  # nohup has it ignored
            signal.signal(number, on_signal)
    gc.set_threshold(400_000)  # neither loading modules nor a block's small objects are a reason to look for cycles
    if sys.stderr is None:  # closed by the caller (2>&-): nobody wants to hear what is said there
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 (open until the end)
    if sys.stdout is None:  # closed (>&-): an answer that cannot be written is an error, not a crash
        sys.stdout = open(os.devnull, encoding="utf-8")  # noqa: PTH123, SIM115 (open until the end)
    code = run(sys.argv[1:])
    try:
        sys.stdout.flush()
    except OSError:  # it was told
        forget_output()
    with suppress(OSError, ValueError):
        sys.stderr.flush()
    os._exit(code)  # nothing is left to do, and taking memory apart piece by piece takes longer than a short answer


def exit_code(number: int) -> int:
    """What a shell tells of a program that a signal ended."""
    return 128 + number


def on_signal(number: int, frame: FrameType | None) -> NoReturn:
    """Ends the program so that temporary files are still removed."""
    del frame
    CAUGHT.add(number)
    raise SystemExit(exit_code(number))


def run(arguments: Sequence[str]) -> int:
    """The exit code of the contract for these arguments; what went wrong is told on standard error."""
    try:
        answer = program.main(list(arguments), prog_name="mailaudit", standalone_mode=False)
    except click.ClickException as error:
        if isinstance(error, click.exceptions.NoArgsIsHelpError):
            error.show()  # many lines
        else:
            complain(misused(error))
        return no_answer(arguments, error.format_message(), error.exit_code)
    except MailauditError as error:
        complain(error)
        return no_answer(arguments, error.text, error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        return exit_code(signal.SIGINT)
    except Exception as error:  # noqa: BLE001 (the one place: an answer that was not given must not look like "not found")
        if isinstance(error, RuntimeError) and str(error) == BROKEN_OFF:
            return exit_code(max(CAUGHT, default=signal.SIGINT))
        return after_bug(error)
    return answer if isinstance(answer, int) else 0


def misused(error: click.ClickException) -> UsageError:
    """What click found wrong, told as all other errors are."""
    text, context = error.format_message(), getattr(error, "ctx", None)
    hint = None if context is None else f"{context.command_path} --help"
    if isinstance(error, click.NoSuchOption) and (others := having(error.option_name)):
        hint = f"{error.option_name} goes with {', '.join(others)}; {hint}"
    if of_config_file(error):
        from mailaudit.commands import settings  # noqa: PLC0415 (there is one, then)

        hint = f"it stands in the config file {settings.path()}"
    return UsageError(text[:1].lower() + text[1:], hint=hint)


def having(option: str) -> list[str]:
    """The commands that have an option of this name."""
    context = click.Context(program)
    commands = {name: program.get_command(context, name) for name in COMMANDS}
    return [name for name, found in commands.items() if found and any(option in one.opts for one in found.params)]


def of_config_file(error: click.ClickException) -> bool:
    """Tells whether the value that is wrong was typed by nobody, but stands in the config file."""
    context, option = getattr(error, "ctx", None), getattr(error, "param", None)
    if context is None or option is None:
        return False
    source = context.get_parameter_source(option.name)
    return source is not None and source == click.core.ParameterSource.DEFAULT_MAP


def no_answer(arguments: Sequence[str], text: str, code: int) -> int:
    """The exit code of an error; of `health` it is always 3, and a monitoring system is told on standard output."""
    if next((word for word in arguments if not word.startswith("-")), None) != "health":
        return code
    if "nagios" in arguments or "--format=nagios" in arguments:
        from mailaudit.writers import nagios  # noqa: PLC0415 (one command, one format)

        with suppress(OSError):  # nobody is there to be told
            click.echo(nagios.failed(text))
    return UNKNOWN_HEALTH


def after_bug(error: Exception) -> int:
    """Shows where mailaudit failed; the exit code says that there is no answer to rely on."""
    if isinstance(error, io.UnsupportedOperation) or (isinstance(error, OSError) and error.errno == errno.ENOSPC):
        unwritten = OutputError(f"cannot write standard output: {error.strerror or error}")  # help, on a full disk
        complain(unwritten)
        return unwritten.exit_code
    import traceback  # noqa: PLC0415 (never needed, one hopes)

    told = "".join(traceback.format_exception(error))
    click.echo("\n".join(neutral(line) for line in told.split("\n")), err=True)  # it may quote a log
    complain(
        MailauditError(f"internal error: {error}", hint="this is a bug in mailaudit; report it with the lines above")
    )
    return MailauditError.exit_code


def complain(error: MailauditError) -> None:
    """Says what was wrong and what to try, in one message on standard error."""
    lines = [f"mailaudit: {neutral(error.text)}", *(f"  {neutral(line)}" for line in error.more)]
    if error.hint:
        lines.append(f"  hint: {neutral(error.hint)}")
    click.echo("\n".join(lines), err=True)
