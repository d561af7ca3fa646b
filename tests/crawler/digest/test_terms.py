"""A file of terms: what is read of it, and what is refused by its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.digest.terms import read_terms
from crawler.errors import ArgumentError


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "istilah.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_terms_are_read(tmp_path: Path) -> None:
    """In their order; spellings are separated by |, cells by a comma or a semicolon, and the mark of UTF-8 is no sign."""
    for text in (
        "term,spellings\nbanjir,Banjir| kebanjiran |\n\n Tambang Ilegal ,\n",
        "\ufeffterm;spellings\r\nbanjir;Banjir|kebanjiran\r\nTambang  Ilegal;\r\n",
    ):
        terms = read_terms(written(tmp_path, text))
        assert [(each.term, each.spellings) for each in terms] == [
            ("banjir", ("Banjir", "kebanjiran")),
            ("Tambang Ilegal", ()),
        ]
    assert read_terms(written(tmp_path, "term\nbanjir\n"))[0].spellings == ()


def test_the_id_of_a_term_is_a_name_of_a_file(tmp_path: Path) -> None:
    """Whatever its signs; two terms have two."""
    terms = read_terms(written(tmp_path, "term\n../etc/passwd\nRUU a/b\nRUU a b\n“”‘’ñß中\n"))
    ids = [each.topic_id for each in terms]
    assert len(set(ids)) == 4
    assert all(name.replace("-", "").isalnum() and name.isascii() for name in ids)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "has no term in it"),
        ("term,spellings\n", "has no term in it"),
        ("istilah,spellings\nbanjir,\n", "istilah.csv:1: unknown column 'istilah'; the columns are term,spellings"),
        ("spellings\nbanjir\n", "istilah.csv:1: the column 'term' is missing"),
        ("term,term\na,b\n", "istilah.csv:1: the column 'term' stands there twice"),
        ("term,spellings\nbanjir,\n,kata\n", "istilah.csv:3: the term is missing"),
        ("term,spellings\nbanjir,a\n", "istilah.csv:2: the spelling 'a' is too short to be found"),
        ("term,spellings\nbanjir,Banjir,kata\n", "istilah.csv:2: 3 cells under 2 columns; spellings are separated by |"),
        ("term,spellings\nBanjir Rob,\nrob,BANJIR ROB\n", "is also that of 'Banjir Rob' (line 2)"),
        ("term,spellings\nban\x1bjir,\n", "holds a sign that cannot be printed"),
        (b"term\nca\xf1o\n", "istilah.csv:2: is no UTF-8 text"),
        (b"te\0rm\n", "is no text"),
        ('term\n"banjir\n', "is no CSV"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(tmp_path: Path, text: str | bytes, fault: str) -> None:
    """One line, with the file and the line."""
    with pytest.raises(ArgumentError) as refused:
        read_terms(written(tmp_path, text))
    assert fault in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """Or is a folder."""
    for path in (tmp_path / "tidak.csv", tmp_path):
        with pytest.raises(ArgumentError, match=f"--terms {path}: "):
            read_terms(path)


def test_every_fault_is_told(tmp_path: Path) -> None:
    """The first one as the message, the others as lines that help."""
    with pytest.raises(ArgumentError) as refused:
        read_terms(written(tmp_path, "term,spellings\n,a1\nb,\n"))
    assert len(refused.value.more) == 1
