"""Every error that moderation raises on purpose.

    ModerationError             fact, place, remedy; str() is one line
    ├── InputError              a file or stream that cannot be used at all
    │   └── FormatError         no reader recognises it, or it breaks its own format
    ├── RecordError             one record is bad; the others go on
    ├── LabelError              a label file or one of its rows is wrong
    ├── ModelError              a model folder is missing, damaged or of a newer format
    ├── UsageError              an option's value has no meaning, or options do not go together
    └── MissingExtra            an optional dependency is not installed

The command line prints `str(error)` and exits with 1, with 2 for a UsageError; it never shows a traceback for these.
"""

__all__ = [
    "FormatError",
    "InputError",
    "LabelError",
    "MissingExtra",
    "ModelError",
    "ModerationError",
    "RecordError",
    "UsageError",
]


class ModerationError(Exception):
    """What went wrong (`fact`), where (`place`) and what to do about it (`remedy`).

    >>> str(LabelError('stance "agin" is not one of favor, against, neutral', "labels.csv, line 212"))
    'labels.csv, line 212: stance "agin" is not one of favor, against, neutral'
    """

    def __init__(self, fact: str, place: str = "", remedy: str = "") -> None:
        super().__init__(fact, place, remedy)
        self.fact = fact
        self.place = place
        self.remedy = remedy

    def __str__(self) -> str:
        located = f"{self.place}: {self.fact}" if self.place else self.fact
        whole = f"{located}; {self.remedy}" if self.remedy else located
        return " ".join(whole.split())


class InputError(ModerationError):
    """A file or stream cannot be used: it is missing, empty, binary, too large."""


class FormatError(InputError):
    """No reader recognises the input, or the input breaks the format it claims to have."""


class RecordError(ModerationError):
    """One record is bad. Batch scoring keeps it in the quarantine file and goes on."""


class LabelError(ModerationError):
    """A label file lacks a column, or a row says something outside the label set."""


class ModelError(ModerationError):
    """A model folder is missing, damaged, or written by a newer version."""


class UsageError(ModerationError):
    """An option's value has no meaning, or options do not go together."""


class MissingExtra(ModerationError):
    """An optional dependency is needed and not installed."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(
            f"this needs the package {package}",
            remedy=f"install it with: pip install 'moderation[{extra}]'",
        )
