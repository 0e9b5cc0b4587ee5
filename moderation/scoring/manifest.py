"""The manifest: what a run reads, with what model and options, and what it made; it decides whether a run may be resumed.

A folder holds `manifest.json`; a single file FILE has `FILE.manifest.json` beside it. While a run is not done, its receipts
(and for a single file its parts) lie in a folder `.unfinished` or `FILE.unfinished`, which goes away at the end.
The manifest holds no time of day and no durations: an interrupted and resumed run leaves the same bytes as an undisturbed one.
"""

import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct

from moderation.errors import ModerationError
from moderation.readers.options import ReadOptions
from moderation.scoring import atomic
from moderation.scoring.job import Input, Job, Summary
from moderation.scoring.pseudonyms import fingerprint

__all__ = [
    "FORMAT",
    "Layout",
    "Manifest",
    "Part",
    "begin",
    "complete",
    "compose",
    "lay_out",
    "lock",
    "look",
    "read_manifest",
    "write_manifest",
]

FORMAT = 1


class Layout(Struct, frozen=True):
    """Where everything of a run stands."""

    output: Path
    single: bool
    parts: Path
    receipts: Path
    manifest: Path
    quarantine: Path


class Part(Struct, frozen=True):
    """A part file as the manifest lists it."""

    name: str
    comments: int
    bad: int
    bytes: int


class Manifest(Struct, frozen=True, kw_only=True):
    """Everything that shapes the output, and when `state` is "complete" what came out."""

    format: int = FORMAT
    state: Literal["running", "complete"] = "running"
    version: str
    model: dict[str, str]
    options: dict[str, Any]
    inputs: tuple[Input, ...]
    totals: dict[str, Any] = {}
    parts: tuple[Part, ...] = ()


def lay_out(job: Job, output: Path) -> Layout:
    """The paths of a run whose output is `output`: one file if it has a suffix and is not a folder, else a folder."""
    if output.suffix and not job.folder and not output.is_dir():
        work = output.with_name(output.name + ".unfinished")
        quarantine = job.quarantine or output.with_name(output.name + ".quarantine.jsonl")
        return Layout(output, True, work, work, output.with_name(output.name + ".manifest.json"), quarantine)
    quarantine = job.quarantine or output / "quarantine.jsonl"
    return Layout(output, False, output, output / ".unfinished", output / "manifest.json", quarantine)


def compose(job: Job, inputs: Sequence[Input], classifier: Any, version: str) -> Manifest:
    """The manifest of a run that begins."""
    options: dict[str, Any] = {
        "to": job.to,
        "format": job.format,
        "target": job.targets,
        "explain": job.columns.explain,
        "keep": job.columns.keep,
        "pseudonymise": fingerprint(job.key) if job.key is not None else None,
        "limit": job.limit,
        "shard_bytes": job.shard_bytes,
        "shard_records": job.shard_records,
    }
    plain = ReadOptions()
    for name in plain.__struct_fields__:
        if name not in options and getattr(job.reading, name) != getattr(plain, name):
            options[name] = getattr(job.reading, name)
    options = msgspec.json.decode(msgspec.json.encode(options))
    return Manifest(
        version=version,
        model={"name": classifier.name, "hash": classifier.hash or ""},
        options=options,
        inputs=tuple(inputs),
    )


def begin(layout: Layout, wanted: Manifest, overwrite: bool) -> Manifest:
    """Begin or resume: the manifest that stands there, or `wanted` after writing it; "complete" means there is nothing to do.

    Raises ModerationError as `look` does.
    """
    found = look(layout, wanted, overwrite)
    if found is None:
        if overwrite and (layout.manifest.exists() or layout.output.exists()):
            discard(layout)
        layout.parts.mkdir(parents=True, exist_ok=True)
        layout.receipts.mkdir(parents=True, exist_ok=True)
        write_manifest(layout.manifest, wanted)
        return wanted
    if found.state == "complete" and not _is_whole(layout, found):
        write_manifest(layout.manifest, wanted)
        found = wanted
    layout.receipts.mkdir(parents=True, exist_ok=True)
    return found


def look(layout: Layout, wanted: Manifest, overwrite: bool) -> Manifest | None:
    """The manifest of the run that `wanted` would go on with, or None where it would begin; nothing is written.

    Raises ModerationError when something else stands there, or the run there had other inputs, another model or other options.
    """
    if not layout.single and layout.output.exists() and not layout.output.is_dir():
        raise ModerationError(
            "a file has this name", str(layout.output), "choose another -o, or give the name a suffix such as .jsonl"
        )
    if overwrite:
        return None
    found = read_manifest(layout.manifest)
    if found is None:
        _refuse_strangers(layout)
        return None
    differences = _differences(found, wanted)
    if differences:
        raise ModerationError(
            f"this output was begun with {_listed(differences)}",
            str(layout.output),
            "give the same command as then, choose another -o, or begin again with --overwrite",
        )
    return found


def read_manifest(path: Path) -> Manifest | None:
    """The manifest at `path`, or None if there is none.

    Raises ModerationError when it is damaged or of a newer format.
    """
    remedy = "choose another -o, or begin again with --overwrite"
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ModerationError(f"cannot be read ({error.strerror})", str(path), remedy) from None
    try:
        manifest = msgspec.json.decode(content, type=Manifest)
    except msgspec.DecodeError as error:
        raise ModerationError(f"not a manifest of this program ({error})", str(path), remedy) from None
    if manifest.format > FORMAT:
        raise ModerationError(
            f"written in format {manifest.format}, and this version knows {FORMAT}", str(path), remedy
        )
    return manifest


def write_manifest(path: Path, manifest: Manifest) -> None:
    """Write the manifest atomically."""
    with atomic.create(path) as stream:
        stream.write(msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n")


def complete(manifest: Manifest, parts: Sequence[Part], summary: Summary) -> Manifest:
    """The manifest of a run that is done, and left these files."""
    totals = {
        "comments": summary.comments,
        "bad": summary.bad,
        "skipped": dict(sorted(summary.skipped.items())),
        "flagged": dict(sorted(summary.flagged.items())),
        "review": summary.review,
        "unread": summary.unread,
    }
    return msgspec.structs.replace(manifest, state="complete", totals=totals, parts=tuple(parts))


def discard(layout: Layout) -> None:
    """Remove what an earlier run left: parts, receipts, quarantine, the single file and the manifest; nothing else."""
    if layout.single:
        layout.output.unlink(missing_ok=True)
    folders = {layout.receipts} | ({layout.parts} if layout.parts.is_dir() else set())
    for folder in folders:
        atomic.clear_leftovers(folder)
        for path in folder.glob("*" if folder == layout.receipts else "part-*"):
            path.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        layout.receipts.rmdir()
    layout.quarantine.unlink(missing_ok=True)
    layout.manifest.unlink(missing_ok=True)


def _refuse_strangers(layout: Layout) -> None:
    remedy = "choose another -o, or replace it with --overwrite"
    if layout.single and layout.output.exists():
        raise ModerationError(
            "the file is there already, without a manifest of this program", str(layout.output), remedy
        )
    if not layout.single and layout.output.is_dir() and any(layout.output.glob("part-*")):
        raise ModerationError(
            "the folder holds part files, without a manifest of this program", str(layout.output), remedy
        )


def _differences(found: Manifest, wanted: Manifest) -> list[str]:
    told = []
    if found.version != wanted.version:
        told.append(f"moderation {found.version}, not {wanted.version}")
    if found.model["hash"] != wanted.model["hash"]:
        told.append(
            f"the model {found.model['name']} {found.model['hash'][:8]}, not {wanted.model['name']} {wanted.model['hash'][:8]}"
        )
    for name in [*wanted.options, *(name for name in found.options if name not in wanted.options)]:
        before, now = found.options.get(name), wanted.options.get(name)
        if before != now:
            told.append(f"{_option(name, before)}, not {_option(name, now)}")
    past, present = {item.path: item for item in found.inputs}, {item.path: item for item in wanted.inputs}
    told += [f"the input {path}, which is not given now" for path in past if path not in present]
    told += [f"no input {path}, which is given now" for path in present if path not in past]
    told += [f"another content of {path}" for path, item in present.items() if path in past and past[path] != item]
    if not told and found.inputs != wanted.inputs:
        told.append("the same inputs in another order")
    return told


def _option(name: str, value: Any) -> str:
    """An option as it is given on the command line."""
    flag = f"--{name.replace('_', '-')}"
    if name == "shard_bytes" and value:
        return f"--shard-size {value / (1 << 20):g}"
    if isinstance(value, bool):
        return flag if value else f"no {flag}"
    if isinstance(value, list):
        value = " ".join(map(str, value)) or None
    return f"no {flag}" if value is None else f"{flag} {value}"


def _listed(told: Sequence[str]) -> str:
    more = f" and {len(told) - 3} more differences" if len(told) > 3 else ""
    return "; ".join(told[:3]) + more


def _is_whole(layout: Layout, manifest: Manifest) -> bool:
    """Whether a complete output still has its files, of the right sizes."""
    folder = layout.output.parent if layout.single else layout.output
    try:
        return all((folder / part.name).stat().st_size == part.bytes for part in manifest.parts)
    except OSError:
        return False


@contextlib.contextmanager
def lock(layout: Layout) -> Iterator[None]:
    """Hold the output for one run at a time; the system lets go of it when the process ends, however it ends.

    Raises ModerationError when another run holds it.
    """
    try:
        import fcntl
    except ImportError:  # Windows: parts are still written atomically, so the worst is double work
        yield
        return
    path = layout.output.with_name(f".{layout.output.name}.lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            held = path.exists() and os.path.samestat(path.stat(), os.fstat(stream.fileno()))
        except BlockingIOError:
            held = False
        if not held:
            raise ModerationError(
                "another run is writing this output", str(layout.output), "wait for it, or stop it first"
            )
        try:
            yield
        finally:
            path.unlink(missing_ok=True)
