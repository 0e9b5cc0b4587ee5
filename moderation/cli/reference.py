"""Write docs/cli.md from the commands' own help: `python -m moderation.cli.reference > docs/cli.md`."""

import click

from moderation.cli import COMMANDS, cli

__all__ = ["render"]


def render() -> str:
    """The command line reference as Markdown."""
    parts = [
        "# Command line",
        "Generated from `--help`; do not edit. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 finished but some records were bad, "
        "130 interrupted.",
    ]
    top = click.Context(cli, info_name="moderation", terminal_width=100, **cli.context_settings)
    parts.append(f"```\n{cli.get_help(top)}\n```")
    for name in COMMANDS:
        command = cli.get_command(top, name)
        assert command is not None
        context = click.Context(command, info_name=name, parent=top, terminal_width=100)
        parts.append(f"## moderation {name}\n\n```\n{command.get_help(context)}\n```")
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    print(render(), end="")
