"""Errors say fact, place and remedy on one line."""

from moderation import errors


def test_an_error_is_place_fact_and_remedy_on_one_line() -> None:
    error = errors.LabelError("the text\nis empty", "labels.csv, line 7", "fill it in")
    assert str(error) == "labels.csv, line 7: the text is empty; fill it in"


def test_a_fact_alone_is_the_whole_message() -> None:
    assert str(errors.InputError("nothing to read")) == "nothing to read"


def test_a_missing_extra_says_what_to_type() -> None:
    assert str(errors.MissingExtra("pyarrow", "parquet")) == (
        "this needs the package pyarrow; install it with: pip install 'moderation[parquet]'"
    )


def test_every_error_is_a_moderation_error_and_drawn_in_the_tree() -> None:
    for name in errors.__all__:
        assert issubclass(getattr(errors, name), errors.ModerationError)
        assert name in (errors.__doc__ or "")
