"""What is kept of a list's digests: the very values, one file a list, and nothing of what is erased."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from crawler.digest.mark import MOST_KEPT, DigestDamaged, forget, key_of, load, save, with_new
from crawler.digest.model import Kept, Told, as_json, from_json
from storage.data_dir import DataDir
from tests.kit.clipping import DIGEST, FOUND, UNTIL, hostile

TOLD = Told(UNTIL, FOUND, ("a1", "a2"), ("a4:3",), ("a5:x", "a5:x:back"), ("a4:a7",))
LIST = key_of(None, ["expresi"])


def test_a_digest_is_given_back_as_it_was() -> None:
    """To the last sign and instant, whatever stands in it."""
    for digest in (DIGEST, hostile(), replace(DIGEST, topics=(), holes=(), outlets=())):
        kept = Kept(TOLD, (digest, DIGEST))
        assert from_json(json.loads(json.dumps(as_json(kept)))) == kept


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"told": 1, "digests": []}', "\x00", '{"told": {"until": "x"}}']
)
def test_a_damaged_file_is_named(text: str, tmp_path: Path) -> None:
    """With what to do about it."""
    data_dir = DataDir(tmp_path)
    save(data_dir, LIST, Kept(TOLD, (DIGEST,)))
    (path,) = data_dir.digests.iterdir()
    path.write_text(text)
    with pytest.raises(DigestDamaged, match=f"{path.name} cannot be read: remove it"):
        load(data_dir, LIST)


def test_a_digest_of_before_is_read() -> None:
    """One that was kept before a field was has its default."""
    kept = Kept(TOLD, (DIGEST,))
    given = as_json(kept)
    del given["digests"][0]["reserved"]
    assert from_json(given) == kept


def test_lists_keep_apart(tmp_path: Path) -> None:
    """A list is its file of terms and the outlets that are followed; their order, and what is in the file, are not."""
    keys = [
        key_of(None, []),
        key_of(None, ["expresi"]),
        key_of(tmp_path / "a.csv", ["expresi"]),
        key_of(tmp_path / "b.csv", ["expresi"]),
        key_of(tmp_path / "b.csv", ["expresi", "klikkaltim"]),
        key_of(tmp_path / "../../*?\udcff “”.csv", []),
    ]
    assert len({each.key for each in keys}) == len(keys)
    assert all(each.key.replace("-", "").isalnum() and each.key.isascii() for each in keys)
    assert key_of(tmp_path / "b.csv", ["klikkaltim", "expresi"]) == keys[4]
    data_dir = DataDir(tmp_path / "data")
    save(data_dir, keys[2], Kept(TOLD, (DIGEST,)))
    assert load(data_dir, keys[3]) is None
    assert load(data_dir, keys[2]) == Kept(TOLD, (DIGEST,))


def test_so_many_digests_are_kept() -> None:
    """The newest first."""
    digests: tuple[object, ...] = ()
    kept = None
    for number in range(MOST_KEPT + 3):
        digests = with_new(kept, replace(DIGEST, collected=number))
        kept = Kept(TOLD, with_new(kept, replace(DIGEST, collected=number)))
    assert [each.collected for each in (kept or Kept(TOLD)).digests] == list(range(MOST_KEPT + 2, 2, -1))
    assert len(digests) == MOST_KEPT


def test_what_is_erased_leaves_every_digest(tmp_path: Path) -> None:
    """Its title, its words, its changes, and what was said of its copies; nothing else is touched."""
    data_dir = DataDir(tmp_path)
    data_dir.create()
    other = key_of(Path("lain.csv"), [])
    save(data_dir, LIST, Kept(TOLD, (DIGEST, DIGEST)))
    save(data_dir, other, Kept(TOLD, (replace(DIGEST, topics=()),)))
    untouched = (data_dir.digests / f"{other.key}.json").read_bytes()
    assert forget(data_dir, ["a1", "a4"]) == [data_dir.digests / f"{LIST.key}.json"]
    kept = load(data_dir, LIST)
    assert kept is not None
    for digest in kept.digests:
        topic = digest.topics[0]
        assert [each.article_id for each in topic.items] == ["a2", "a3"]
        assert [each.article_id for each in topic.changes] == ["a5", "a6"]
        assert topic.uncorrected == ()  # it named its original
    text = "".join(path.read_text() for path in data_dir.digests.iterdir())
    assert "Tanjung Limau" not in text
    assert "Jumlah Perahu" not in text
    assert (data_dir.digests / f"{other.key}.json").read_bytes() == untouched
    assert forget(data_dir, ["a1"]) == []
    assert forget(DataDir(tmp_path / "none"), ["a1"]) == []
