"""The command line: one file per command, loaded when it is called, so that `moderation --help` stays quick.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 finished but some records were bad, 130 interrupted.
"""

import importlib
import os
import sys
from typing import Any

import click

from moderation.errors import ModerationError, UsageError

__all__ = ["COMMANDS", "cli", "main"]

COMMANDS = {
    "score": ("moderation.cli.score", "score_cli", "Score the comments of files, dumps or pasted threads."),
    "segment": ("moderation.cli.segment", "segment_cli", "Split pasted threads into comments, without scoring."),
    "convert": ("moderation.cli.convert", "convert_cli", "Write any dump as JSON Lines."),
    "formats": ("moderation.cli.formats", "formats_cli", "List the dump formats that can be read."),
    "train": ("moderation.cli.train", "train_cli", "Train a model from label files."),
    "train-segmenter": (
        "moderation.cli.train_segmenter",
        "train_segmenter_cli",
        "Train the segmenter from whole threads.",
    ),
    "evaluate": (
        "moderation.cli.evaluate",
        "evaluate_cli",
        "Measure a model on labelled rows, beside the majority baseline.",
    ),
    "adapt": ("moderation.cli.adapt", "adapt_cli", "Fit a model's probabilities and thresholds to a site."),
    "check": ("moderation.cli.check", "check_cli", "Check label files before training."),
    "info": ("moderation.cli.info", "info_cli", "Say what a model is, what it was trained on and how good it is."),
}
"""To add a command, add its module, its function and the line that `moderation --help` shows."""


class _LazyGroup(click.Group):
    """Imports a command's module only when that command is called or asked for its own help."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # the reader of our output has gone: no failure, though click would exit with 1; Python must not try to flush again
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, function, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), function)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, _, summary) in COMMANDS.items()])


@click.command(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="moderation", message="moderation %(version)s")
def cli() -> None:
    """Split reader threads into comments, label stance, flag conspiracy and hostile content, and say why.

    Everything runs on this machine; nothing is sent anywhere.

    Example: moderation score examples/thread.txt
    """


def main() -> None:
    """Run the command line and exit with its code; errors of this project are one line on stderr."""
    _replace_closed()
    try:
        code = cli.main(standalone_mode=False)
    except ModerationError as error:
        click.echo(f"Error: {error}", err=True)
        code = 2 if isinstance(error, UsageError) else 1
    except click.exceptions.Abort:
        code = 130
    except KeyboardInterrupt:
        code = 130
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except OSError as error:
        click.echo(f"Error: {f'{error.filename}: ' if error.filename else ''}{error.strerror or error}", err=True)
        code = 1
    sys.exit(code if isinstance(code, int) else 0)


def _replace_closed() -> None:
    """Open the null device where a standard stream is closed: a file opened later would take its number, and get what is meant for it.

    Standard output stays None, so that whoever writes there finds out.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    sys.stdin = sys.stdin or os.fdopen(0)
    sys.stderr = sys.stderr or os.fdopen(2, "w")
