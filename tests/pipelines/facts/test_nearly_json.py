"""JSON as templates write it: what a faulty block says is read, and nothing is read that it does not say."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.facts.nearly_json import objects
from tests.kit.apart import apart, number_of_objects

DATE, AUTHOR = "2024-11-20T10:00:00+08:00", "Siti Aminah"
RIGHT = (
    '{"@type":"NewsArticle","headline":"Dermaga Kayu Diperbaiki",'
    f'"datePublished":"{DATE}","author":{{"@type":"Person","name":"{AUTHOR}"}},"wordCount":310}}'
)


def swapped(old: str, new: str) -> str:
    """The right block with one fault in it."""
    assert old in RIGHT
    return RIGHT.replace(old, new)


HEAD = '"Dermaga Kayu Diperbaiki"'
NOTICE = "<br />\n<b>Warning</b>:  Undefined array key &quot;foto&quot; in <b>/home/situs/single.php</b> on line <b>40</b><br />\n"
FAULTS = {
    "right": RIGHT,
    "a semicolon behind it": RIGHT + ";",
    "an assignment around it": f"window.data = {RIGHT};",
    "comments": swapped(',"date', ",// tanggal\n/* terbit */\n\"date"),
    "a comment that never ends": RIGHT[:-1] + "/* selesai",
    "a comment behind a value": swapped(HEAD, f"{HEAD} /* judul */"),
    "a guard": f"//<![CDATA[\n{RIGHT}\n//]]>",
    "a guard whose end is escaped": f"/* <![CDATA[ */\n{RIGHT}\n/* ]]&gt; */",
    "a comment of HTML": f"<!-- Yoast -->{RIGHT}<!-- / Yoast -->",
    "a tag": f"<p>{swapped(',', ',<br />' + chr(10))}</p>",
    "an escape that JSON has not": swapped("Kayu", r"Jum\'at \d"),
    "a path with escapes": swapped(HEAD, r'"C:\users\x"'),
    "a byte order mark": "\ufeff" + RIGHT,
    "spaces of other kinds": swapped("{", "{\u00a0\u3000\ufeff"),
    "raw line ends": swapped("Kayu", "Kayu\r\n\t"),
    "an escaped line end": swapped("Kayu", "Kayu\\\n"),
    "control characters": swapped("Kayu", "Kayu\x00\x1b"),
    "quotes within quotes": swapped("Kayu", '"Kayu"'),
    "quotes and a comma within quotes": swapped(HEAD, '"Warga: "Dermaga Rusak", Kata Ketua"'),
    "a quote at the end of quotes": swapped(HEAD, '"Warga: "Dermaga Rusak""'),
    "markup with quotes": swapped(HEAD, '"<p class="lead" style="color:red">Dermaga</p>"'),
    "a comma behind the last": RIGHT.replace("}", ",}"),
    "commas behind the last of a list": swapped('"wordCount":310', '"keywords":["dermaga","kayu",,],'),
    "two commas": swapped(',"date', ',,"date'),
    "a comma before the first": swapped('{"@type":"News', '{,"@type":"News'),
    "no comma": swapped(',"date', '\n"date'),
    "single quotes": RIGHT.replace('"', "'").replace("Kayu", "Jum'at"),
    "typographic quotes": RIGHT.replace('"', "\u201d"),
    "opening and closing quotes": swapped(HEAD, HEAD).replace('"', "\u201c").replace("\u201c:", "\u201d:"),
    "a name in typographic quotes": swapped('"datePublished"', "\u201cdatePublished\u201d"),
    "a backslash before the last quote": swapped(HEAD, HEAD[:-1] + '\\"'),
    "an entity for a space": swapped(",", ",&nbsp;"),
    "entities for quotes, escaped again": RIGHT.replace('"', "&amp;quot;"),
    "a keyword in capitals": swapped("@type", "@Type"),
    "entities for quotes": RIGHT.replace('"', "&quot;"),
    "numbered entities for quotes": RIGHT.replace('"', "&#34;"),
    "escaped once more": RIGHT.replace('"', '\\"'),
    "encoded twice": json.dumps(RIGHT),
    "names without quotes": RIGHT.replace('"headline"', "headline").replace('"datePublished"', "datePublished").replace('"name"', "name"),
    "a space in a name": swapped('"datePublished"', '"datePublished "').replace("310", "x"),
    "a notice before it": "Notice: Undefined variable: foto in /home/situs/a.php on line 3\n" + RIGHT,
    "a warning before it": NOTICE + RIGHT,
    "a warning for a value": swapped("310", NOTICE + '""'),
    "a warning in a string": swapped(HEAD, f'"{NOTICE}"'),
    "a warning with quotes in a string": swapped(HEAD, '"' + NOTICE.replace("&quot;", '"') + '"'),
    "no last brace": RIGHT[:-1],
    "cut in a later string": RIGHT[:-1] + ',"articleBody":"Warga Kampung',
    "cut in a later name": RIGHT[:-1] + ',"articleBo',
    "another object before it": '{"@type":"WebSite","name":"Contoh"}\n' + RIGHT,
    "a faulty object before it": '{"@type":"WebSite","name":"Contoh",},' + RIGHT,
    "a list that never ends": f"[{RIGHT}",
    "a brace too many": RIGHT + "}",
    "a bracket too many": swapped("310", "310]"),
    "no value": swapped("310", ""),
    "what a template left open": swapped('"headline"', '"image":{{ foto }},"section":{% kanal %},"headline"'),
    "no value in the middle": swapped(HEAD, ""),
    "NaN": swapped("310", "NaN"),
    "undefined": swapped("310", "undefined"),
    "a word of Python": swapped("310", "None"),
    "a call": swapped("310", "hitung(isi, 3)"),
    "a number with zeros": swapped("310", "0310"),
    "equals signs": RIGHT.replace('":', '"='),
    "a list of PHP": RIGHT.replace('":', '" => '),
    "a template string": swapped(HEAD, "`Dermaga Kayu`").replace("310", "310,"),
    "half a surrogate": swapped("Kayu", "\\ud83d").replace("310", "310,"),
}  # fmt: skip


def said(block: str) -> list[tuple[Any, Any]]:
    """Date and author of each article in a block."""
    found = [each for each in objects(block) if each.get("@type") == "NewsArticle"]
    return [(each.get("datePublished"), each.get("author", {}).get("name")) for each in found]


@pytest.mark.parametrize("block", FAULTS.values(), ids=FAULTS)
def test_a_fault_costs_no_date_and_no_author(block: str) -> None:
    """Wherever it stands, what is whole beside it is read."""
    assert said(block) == [(DATE, AUTHOR)]


def strings(value: Any) -> Iterator[str]:
    """Every name and every string in a value."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield name
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)
    elif isinstance(value, str):
        yield value


@pytest.mark.parametrize(
    "block", [RIGHT, RIGHT.replace('"', "'"), swapped(",", " , ")], ids=["right", "single quotes", "spaces"]
)
def test_what_is_cut_off_is_no_value(block: str) -> None:
    """At whatever sign a block ends: "2024-11-2" would be another day, "Siti" another person."""
    whole = {*strings(json.loads(RIGHT))}
    for end in range(len(block)):
        assert {*strings(list(objects(block[:end])))} <= whole, block[:end]


@pytest.mark.parametrize("mark", [*"\"',:{}[]\\\n/", '"x"', " "])
def test_a_sign_too_many_or_too_few_makes_no_other_date_or_author(mark: str) -> None:
    """Where a string's own quote is lost, it does not run over its neighbours: null beats a wrong value."""
    for at in range(len(RIGHT)):
        for block in (RIGHT[:at] + mark + RIGHT[at:], RIGHT[:at] + mark + RIGHT[at + 1 :]):
            for value in strings([each.get("author") for each in objects(block)]):
                assert len(value) <= len(AUTHOR) + len(mark), (block, value)


def test_a_name_that_comes_twice_has_both_values() -> None:
    """As templates name one author after the other; in blocks that are right and in others."""
    twice = '{"author":{"name":"Siti"},"author":[{"name":"Rahman"}],"keywords":"a"}'
    people = [{"name": "Siti"}, {"name": "Rahman"}]
    assert list(objects(twice)) == [{"author": people, "keywords": "a"}]
    assert list(objects(twice.replace("}", ",}"))) == [{"author": people, "keywords": "a"}]


@given(
    st.lists(
        st.sampled_from([*"\"'{}[]:,\\/*<a1 \n", '"a":', "&quot;", "//", "/*", "<!--", "\\u", '","', "“"]),
        max_size=60,
    )
)
def test_no_block_raises(pieces: list[str]) -> None:
    """Whatever a script holds, what comes out is objects."""
    assert all(isinstance(each, dict) for each in objects("".join(pieces)))


N = 150_000
HOSTILE: dict[str, Callable[[], str]] = {
    "quotes": lambda: '{"a":"' + '"' * N,
    "quotes and words": lambda: '{"a":["' + '"a":"true"b "c*/' * (N // 16),
    "names": lambda: "{" + '-"a" : ' * (N // 7),
    "objects in objects": lambda: '{"a":' * (N // 5),
    "lists in lists": lambda: '{"a":' + "[" * N,
    "braces": lambda: "{" * N,
    "comments": lambda: "{" + "/*" * N,
    "commas": lambda: '{"a":"b"' + "," * N + '"c"' + "," * N,
    "escapes": lambda: '{"a":"' + "\\" * N,
    "tags": lambda: "{" + "<a " * N,
    "entities": lambda: "{&quot;" * (N // 7),
    "one name again and again": lambda: "{" + '"a":1,' * (N // 6) + "}",
    "notices": lambda: "{" + "Notice: x in " * (N // 13),
    "faulty objects": lambda: '{"a":1,}' * (N // 8),
    "digits": lambda: '{"a":' + "1" * N + "}",
}


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_block_is_read_in_bounded_time(make: Callable[[], str]) -> None:
    """A hundred and fifty thousand signs take a second at most, whatever they are."""
    block = make()
    found, _ = apart(number_of_objects, block, cpu_s=3)
    assert found is not None
