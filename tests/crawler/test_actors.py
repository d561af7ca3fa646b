"""The user's list of actors: read strictly, every fault with its line, and taken when it has changed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from crawler.actors import DoubtfulList, configured, digest_of, read_list, take_changed
from pipelines.names.actors import Actor
from storage import actors
from storage.data_dir import DataDir
from storage.names import actors as in_force
from storage.store import open_store
from tests.kit.running import CHECKOUT

HEAD = "actor_id,name,kind,spellings,context,valid_from,party\n"
TOML = '[[actor]]\nactor_id = "rudy"\nname = "Rudy Mas\'ud"\nkind = "person"\n'


def listed(folder: Path, text: str | bytes, name: str = "list.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def faults(path: Path) -> list[str]:
    """The faults of a list, without the file's name; empty: there are none."""
    try:
        read_list(path)
    except DoubtfulList as error:
        return [line.removeprefix(str(path)).removeprefix(":") for line in error.faults]
    return []


RUDY = Actor("rudy", "Rudy Mas'ud", "person", ("Rudy", "Harum"), party="golkar", valid_from=date(2024, 1, 1))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", HEAD + "rudy,Rudy Mas'ud,person,Rudy | Harum|Rudy,,2024-01-01,golkar\n"),
        (
            "b.csv",
            "\ufeff"
            + (HEAD + "rudy,Rudy Mas'ud,person,Rudy|Harum,,2024-01-01,golkar\n\n").replace("\n", "\r\n"),
        ),
        ("c.csv", HEAD.replace(",", ";") + "rudy;Rudy Mas'ud;person;Rudy|Harum;;2024-01-01;golkar;\n"),
        ("d.toml", TOML + 'spellings = ["Rudy", "Harum"]\nparty = "golkar"\nvalid_from = 2024-01-01\n'),
        ("e.toml", TOML + 'spellings = "Rudy|Harum"\nparty = "golkar"\nvalid_from = "2024-01-01"\n'),
    ],
)
def test_a_list_is_read(tmp_path: Path, name: str, text: str) -> None:
    """As CSV by hand or from a spreadsheet, and as TOML."""
    assert read_list(listed(tmp_path, text, name)) == [RUDY]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["is empty; its first line names the columns"]),
        (
            "actor_id,nama,kind\n",
            ["1: unknown column 'nama'; did you mean 'name'?", "1: the column 'name' is missing"],
        ),
        ("actor_id,name,kind,name\n", ["1: the column 'name' stands there twice"]),
        (HEAD + "a,,person,,,,\n", ["2: name is missing"]),
        (HEAD + "a b,Satu Dua,person,,,,\n", ["2: actor_id 'a b'"]),
        (HEAD + "a,Satu Dua,persn,,,,\n", ["2: kind is 'persn'; did you mean 'person'?"]),
        (HEAD + "a,Satu Dua,person,,,2024-13-01,\n", ["2: valid_from must be a day like 2024-11-27"]),
        (HEAD + "a,Satu Dua,person,X,,,\n", ["2: the spelling 'X' is too short"]),
        (HEAD + "a,Satu Dua,person,,,,,,zuviel\n", ["2: 9 cells under 7 columns"]),
        (
            HEAD + "a,Satu Dua,person,,,,\na,Tiga Empat,person,,,,\n",
            ["3: actor_id 'a' stands in line 2, too"],
        ),
        (
            HEAD + 'a,"Satu\nDua",person,,,,\nb,satu  DUA,person,,,,\n',
            ["4: b: the spelling 'satu dua' is also that of a (line 2)"],
        ),
        (
            HEAD + "a,Satu Dua,person,Andi,wali,,\nb,Tiga Empat,person,Andi,,,\n",
            ["3: b: the spelling 'Andi' is also that of a (line 2); give a context to b"],
        ),
        (HEAD + 'a,"Satu Dua,person\n', ["2: is no CSV"]),
    ],
)
def test_every_fault_is_named_with_its_line(tmp_path: Path, text: str, expected: list[str]) -> None:
    """Nothing doubtful passes, and nothing is guessed."""
    found = faults(listed(tmp_path, text))
    assert len(found) == len(expected)
    assert all(want in line for want, line in zip(expected, found, strict=True)), found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (TOML + 'kind = "party"\n', "5: is no TOML: cannot overwrite a value"),
        (TOML + "\n" + TOML.replace("rudy", "b"), '6: b: the spelling "rudy mas\'ud"'),
        (TOML + "partai = 'x'\n", "1: unknown key 'partai'"),
        ("[actor]\nname = 'x'\n", "1: actors must stand in tables [[actor]]"),
        (TOML + "spellings = [1]\n", "1: spellings must be texts"),
    ],
)
def test_a_toml_list_is_read_as_strictly(tmp_path: Path, text: str, expected: str) -> None:
    """The line is that of the actor's table."""
    [found] = faults(listed(tmp_path, text, "list.toml"))
    assert expected in found


def test_what_is_no_text_or_not_there_is_one_line(tmp_path: Path) -> None:
    """A spreadsheet's own encoding, its own format, a wrong path, a folder."""
    assert faults(listed(tmp_path, HEAD.encode() + b"a,Sat\xe9,person,,,,\n")) == [
        "2: is no UTF-8 text; save it as CSV UTF-8"
    ]
    assert faults(listed(tmp_path, b"PK\0\0")) == [" is no text"]
    assert faults(tmp_path / "none.csv") == [" no such file or directory"]
    assert faults(tmp_path) == [" is a directory"]


def test_the_example_of_the_demo_is_a_good_list() -> None:
    """The one that `make demo` takes."""
    assert len(read_list(CHECKOUT / "docs" / "examples" / "actors.csv")) > 20


def test_the_users_list_lies_in_the_data_dir_where_no_setting_names_one(tmp_path: Path) -> None:
    """CSV before TOML; a setting wins, also where its file is not there."""
    data_dir = DataDir(tmp_path)
    assert configured(data_dir, None) is None
    toml = listed(tmp_path, TOML, "actors.toml")
    assert configured(data_dir, None) == toml
    table = listed(tmp_path, HEAD, "actors.csv")
    assert configured(data_dir, None) == table
    assert configured(data_dir, tmp_path / "x.csv") == tmp_path / "x.csv"


def test_a_changed_list_is_taken_once_and_a_doubtful_one_never(tmp_path: Path) -> None:
    """The list in force stays until the file is mended; one that was given by hand stays until the file changes."""
    path = listed(tmp_path, HEAD + "rudy,Rudy Mas'ud,person,,,,\n")
    with open_store(DataDir(tmp_path / "data"), wait_s=5) as store:

        def ids() -> list[str]:
            return [actor.actor_id for actor in in_force(store.connection)]

        assert take_changed(store, None) is None
        assert take_changed(store, path) is None
        assert ids() == ["rudy"]
        actors.put(store, [Actor("seno", "Seno Aji", "person")], digest_of(path))
        assert take_changed(store, path) is None
        assert ids() == ["seno"]
        listed(tmp_path, HEAD + "rudy,Rudy Mas'ud,persn,,,,\n")
        for is_new in (True, False):
            doubt = take_changed(store, path)
            assert doubt is not None
            assert (f"{path}:2: kind is 'persn'" in doubt.line, doubt.is_new) == (True, is_new)
            assert ids() == ["seno"]
        listed(tmp_path, HEAD)
        assert take_changed(store, path) is None
        assert ids() == []
