"""Label files: what is read, and the exact words about what is not."""

import contextlib
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.errors import LabelError
from moderation.learning import labels
from moderation.learning.check import check

HEADER = "id,text,target,stance,conspiracy,hostile\n"


def write(folder: Path, text: str | bytes, name: str = "labels.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_empty_cells_mean_not_judged(tmp_path: Path) -> None:
    (row,) = labels.read(write(tmp_path, HEADER + "a,Hello there,,,,1\n"))
    assert (row.hostile, row.conspiracy, row.stance, row.target) == (1, None, None, "")


def test_extra_columns_are_kept_and_aliases_are_split(tmp_path: Path) -> None:
    (row,) = labels.read(write(tmp_path, "text,mood,aliases\nhi,sunny,LNA| Hafter |\n"))
    assert row.extra == {"mood": "sunny"}
    assert row.aliases == ("LNA", "Hafter")


def test_a_byte_order_mark_and_line_ends_in_cells_are_read(tmp_path: Path) -> None:
    rows = labels.read(write(tmp_path, '\ufefftext,hostile\n"two\nlines",0\nnext,1\n'))
    assert [(row.text, row.line) for row in rows] == [("two\nlines", 2), ("next", 4)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "",
            "{path}: the file is empty; start it with the header id,text,target,stance,conspiracy,hostile,thread,parent,source,annotator",
        ),
        (
            "id,comment\n1,hi\n",
            "{path}: no column text among id, comment; rename the column that holds the comments to text",
        ),
        (HEADER.replace(",", ";"), "{path}: no rows below the header; add at least one labelled comment"),
        ("sep=;\nid;text\n", "{path}: no rows below the header; add at least one labelled comment"),
        (HEADER, "{path}: no rows below the header; add at least one labelled comment"),
        (HEADER + "a,hi,NATO,agin,,\n", '{path}, line 2: stance "agin" is not one of favor, against, neutral'),
        (
            HEADER + "a,hi,,favor,,\n",
            '{path}, line 2: stance "favor" without a target; name in the column target what the stance is toward',
        ),
        (HEADER + "a,hi,,,,perhaps\n", '{path}, line 2: hostile "perhaps" is not one of 0, 1, or empty for not judged'),
        (HEADER + "a,hi,,,,0\nb,  ,,,,0\n", "{path}, line 3: the text is empty; fill it in or remove the row"),
        (
            HEADER + "a,hi, there,,,,0\n",
            "{path}, line 2: more or fewer cells than the header has; quote cells that hold commas",
        ),
        ("text,text\na,b\n", "{path}: the column text occurs twice; rename or remove one"),
        (b"text\n\xff\xfe\n", "{path}: not UTF-8 at byte 5; save it as CSV UTF-8"),
    ],
)
def test_a_bad_file_is_one_line_with_place_and_remedy(tmp_path: Path, content: str | bytes, message: str) -> None:
    path = write(tmp_path, content)
    with pytest.raises(LabelError) as caught:
        labels.read(path)
    assert str(caught.value) == message.format(path=path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match=r"none\.csv: there is no such file; name a CSV file with a text column"):
        labels.read(tmp_path / "none.csv")


def test_an_unknown_split_lists_those_that_exist(tmp_path: Path) -> None:
    path = write(tmp_path, "text,split\na,train\nb,test\n")
    assert [row.text for row in labels.read(path, "test")] == ["b"]
    with pytest.raises(LabelError, match='no row has the split "dev"; splits found: test, train'):
        labels.read(path, "dev")


@given(st.binary(max_size=300))
def test_whatever_a_file_holds_is_rows_or_label_errors(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder), b"text,hostile\n" + content)
        rows = []
        with contextlib.suppress(LabelError):
            rows += labels.scan(path)
        assert all(isinstance(row, labels.Label | LabelError) for row in rows)


def test_check_lists_every_bad_row_and_warns_of_thin_classes(tmp_path: Path) -> None:
    path = write(tmp_path, HEADER + "a,hi,,,,1\na,hi,,,,0\nb,ho,NATO,agin,,\nc,hu,NATO,favor,,\n")
    found = [(finding.level, finding.message) for finding in check(path)]
    assert found == [
        ("fail", f'{path}, line 4: stance "agin" is not one of favor, against, neutral'),
        ("good", "3 rows can be read"),
        ("warn", "hostile: 1 yes, 1 no, 1 not judged; fewer than 10 of a class: this head is left out"),
        ("warn", "stance toward NATO: 1 favor, 0 against, 0 neutral; needs 10 rows of two labels: left out"),
        ("fail", f"{path}, line 3: hostile contradicts line 2 of {path}, which has the same text"),
        ("warn", "1 rows repeat another row's text and target"),
        ("warn", 'the id "a" stands on 2 rows'),
    ]


@pytest.mark.parametrize(
    "table",
    [
        "text;hostile;stance;target\nhi;1;favor;NATO\n",
        "text\thostile\tstance\ttarget\nhi\t1.0\tFavor\tNATO\n",
        "sep=|\nText|Hostile|Stance|Target\nhi|TRUE|FAVOR|NATO\n",
        " target , stance , hostile , text \nNATO,favor,yes,hi\n",
        "text,hostile,stance,target\nhi,1,favor,NATO\n".encode("utf-16"),
    ],
    ids=["semicolons", "tabs", "bars", "blanks", "utf-16"],
)
def test_tables_are_read_however_programs_write_them(table: str | bytes, tmp_path: Path) -> None:
    (row,) = labels.read(write(tmp_path, table))
    assert (row.text, row.hostile, row.stance, row.target, row.line) == (
        "hi",
        1,
        "favor",
        "NATO",
        3 if "sep" in str(table) else 2,
    )


def test_what_hides_a_target_is_told(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "text,target,stance,aliases\na,Canal,favor,the ditch\nb,canal,favor,\nc,the new canal from here to there,favor,\nd,River,"
        "favor,The Ditch\na,Canal,against,\n",
    )
    found = [(finding.level, finding.message) for finding in check(path)]
    assert ("fail", f'{path}, line 3: the target "canal" is written "Canal" above; write it in one way') in found
    assert ("warn", f'{path}, line 5: "The Ditch" names another target as well') in found
    long = '"the new canal from here to there" has more than 4 words, so no comment is searched for it'
    assert ("warn", f"{long}; add a short alias, or score with --target") in found
    assert (
        "warn",
        f"{path}, line 6: stance against contradicts line 2 of {path}, which has the same text and target",
    ) in found
    with pytest.raises(LabelError, match='the target "canal" is written "Canal" above; write it in one way'):
        labels.read(path)
