"""`moderation info`: what a model is."""

import json
from pathlib import Path

import click

__all__ = ["info_cli"]


@click.command(name="info")
@click.option("--model", type=click.Path(path_type=Path), help="Model folder; the shipped model unless given.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
def info_cli(model: Path | None, as_json: bool) -> None:
    """Say what a model is: name, hash, heads, thresholds, stance targets, training data, figures.

    Example: moderation info --model models/mine
    """
    from moderation.model.summary import describe, describe_text
    from moderation.scoring.classifier import load

    classifier = load(model)
    facts = describe(classifier.model, classifier.name, classifier.hash)
    click.echo(json.dumps(facts, indent=2, ensure_ascii=False) if as_json else describe_text(facts))
