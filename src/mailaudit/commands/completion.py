"""`mailaudit completion SHELL`: the script that teaches a shell our commands, options, tables and zones."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from mailaudit.commands.sections import Command
from mailaudit.commands.words import Words

SHELLS = ("bash", "zsh", "fish")


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  mailaudit completion bash > ~/.local/share/bash-completion/completions/mailaudit
  mailaudit completion zsh > "${fpath[1]}/_mailaudit"
  mailaudit completion fish > ~/.config/fish/completions/mailaudit.fish
""",
)
@click.argument("shell", type=Words("shell", lambda: SHELLS, single=True), metavar="bash|zsh|fish")
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the completion script of a shell."""
    script = get_completion_class(shell)
    if script is None:  # pragma: no cover  (SHELLS are the ones click has)
        raise click.UsageError(f"no completion for {shell}")
    click.echo(script(ctx.find_root().command, {}, "mailaudit", "_MAILAUDIT_COMPLETE").source())
