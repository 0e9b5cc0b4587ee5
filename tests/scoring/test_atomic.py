"""Files that are there whole or not at all."""

import os
import stat

import pytest

from moderation.records import BadRecord
from moderation.scoring import atomic, quarantine
from moderation.scoring.quarantine import Quarantine


def test_a_file_appears_when_it_is_whole(tmp_path):
    path = tmp_path / "a"
    with atomic.create(path) as stream:
        stream.write(b"half")
        assert not path.exists()
        assert [found.name.startswith(".tmp-a-") for found in tmp_path.iterdir()] == [True]
    assert path.read_bytes() == b"half"
    assert [found.name for found in tmp_path.iterdir()] == ["a"]


def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"old")

    def fail():
        with atomic.create(path) as stream:
            stream.write(b"new")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert [found.read_bytes() for found in tmp_path.iterdir()] == [b"old"]


def test_two_writers_of_one_file_do_not_meet(tmp_path):
    path = tmp_path / "a"
    with atomic.create(path) as first, atomic.create(path) as second:
        first.write(b"same")
        second.write(b"same")
    assert path.read_bytes() == b"same"
    assert len(list(tmp_path.iterdir())) == 1


def test_leftovers_are_cleared_and_other_files_stay(tmp_path):
    for name in (".tmp-part-000001.jsonl-77-abcd", ".hidden", "part-000001.jsonl"):
        (tmp_path / name).touch()
    atomic.clear_leftovers(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".hidden", "part-000001.jsonl"]
    atomic.clear_leftovers(tmp_path / "absent")


@pytest.mark.skipif(os.name != "posix", reason="file modes are those of POSIX")
def test_a_file_has_the_mode_of_any_new_file(tmp_path):
    plain, made = tmp_path / "plain", tmp_path / "made"
    plain.touch()
    with atomic.create(made):
        pass
    assert stat.S_IMODE(made.stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)


def test_a_quarantine_comes_into_being_with_its_first_record(tmp_path):
    path = tmp_path / "bad.jsonl"
    with Quarantine(path):
        pass
    assert not path.exists()
    first = BadRecord(file="a", line=3, byte=70, reason="no text", raw="x")
    odd = BadRecord(file="b\udcff", reason="a lone \ud800", raw="\udfff")
    with Quarantine(path) as bad:
        bad.add(first)
        bad.add(odd)
        assert bad.count == 2
    assert list(quarantine.read(path)) == [first, BadRecord(file="b\ufffd", reason="a lone \ufffd", raw="\ufffd")]
    with Quarantine(path, private=True) as bad:
        bad.add(first)
    assert [record.raw for record in quarantine.read(path)] == [""]


def test_a_quarantine_without_a_path_only_counts():
    with Quarantine(None) as bad:
        bad.add(BadRecord(file="a", reason="no text"))
    assert bad.count == 1


def test_joined_quarantines_keep_their_order_and_none_leave_no_file(tmp_path):
    parts = [tmp_path / "1", tmp_path / "2", tmp_path / "3"]
    for part in (parts[0], parts[2]):
        part.write_text(f"{part.name}\n")
    whole = tmp_path / "whole"
    quarantine.join(parts, whole)
    assert whole.read_text() == "1\n3\n"
    quarantine.join([], whole)
    assert not whole.exists()
    assert list(quarantine.read(whole)) == []
