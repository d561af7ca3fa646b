"""A bundle proves its page to anybody, and whatever is changed in it is found and named."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage.archive.chain import Link, broken, extend, read_chain
from storage.archive.record import ArchiveError
from storage.data_dir import DataDir
from tests.kit.authority import Authority
from tests.kit.bundles import assert_is_wacz
from tests.kit.loopback import Loopback
from tests.kit.running import CHECKOUT, LATER, SITES, Done, column, crawl_replayed, rows, scrapy

SCRIPT = CHECKOUT / "docs" / "verify.py"
PAGE = "SELECT min(article_id) FROM articles WHERE source = 'chanetujuh'"


def verified(bundle: Path, *more: Path) -> Done:
    """What the script says of a bundle; it runs without anything of ours."""
    words = [sys.executable, "-I", str(SCRIPT), str(bundle), *map(str, more)]
    done = subprocess.run(words, capture_output=True, text=True, cwd="/", check=False, timeout=60)
    return Done(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl")
    with Loopback() as server:
        yield Authority.make(tmp_path_factory.mktemp("authority") / "tsa", server)


def harvested(data_dir: Path, authority: Authority) -> Done:
    return scrapy(
        "harvest", "expresi", REPLAY=LATER, DATA_DIR=data_dir, TIMESTAMP_URL=authority.url, READ_WORKERS=1
    )


@pytest.fixture(scope="module")
def stamped(tmp_path_factory: pytest.TempPathFactory, crawled: Path, authority: Authority) -> DataDir:
    """A DATA_DIR whose chain has a stamp, which nobody changes."""
    data_dir = Path(shutil.copytree(crawled, tmp_path_factory.mktemp("stamped") / "data"))
    done = harvested(data_dir, authority)
    assert done.code == 0 and "stamp" not in done.err, done.err
    return DataDir(data_dir)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory, stamped: DataDir) -> Path:
    file = tmp_path_factory.mktemp("bundle") / "bukti.wacz"
    (article_id,) = column(stamped.root, PAGE)
    scrapy("prove", article_id, file, DATA_DIR=stamped.root).succeeded()
    return file


def test_it_holds_without_us(bundle: Path, stamped: DataDir, authority: Authority) -> None:
    """By the script of docs/, which lies in the bundle too; the page is the row's, and ingest reads it."""
    assert_is_wacz(bundle)
    done = verified(bundle, authority.root)
    assert (done.code, done.out.count("true: ")) == (0, 2), done.err
    with zipfile.ZipFile(bundle) as packed:
        assert packed.read("verify.py") == SCRIPT.read_bytes()
        row, proof = (json.loads(packed.read(name)) for name in ("row.json", "proof.json"))
    ((url, text),) = rows(
        stamped.root, "SELECT url, text FROM articles WHERE article_id = ?", row["article_id"]
    )
    assert (row["url"], row["text"], proof["rules_version"]) == (url, text, row["rules_version"])
    assert len(SCRIPT.read_text("utf-8").splitlines()) <= 70


def test_a_stranger_s_authority_is_not_believed(bundle: Path, tmp_path: Path, server: Loopback) -> None:
    """The stamp holds by the certificate of who gave it, and by no other."""
    other = Authority.make(tmp_path / "tsa", server)
    done = verified(bundle, other.root)
    assert done.code == 1 and "stamp.tsr does not hold" in done.err


GUARDED = ("archive/data.warc.gz", "chain.txt", "stamp.tsr", "row.json", "records.txt", "proof.json")


@pytest.mark.parametrize("flips", [24, pytest.param(1000, marks=pytest.mark.soak)])
def test_one_flipped_bit_is_found_and_named(
    bundle: Path, tmp_path: Path, authority: Authority, flips: int
) -> None:
    """In a record, a line of the chain, the stamp, the row or the lists: every one."""
    with zipfile.ZipFile(bundle) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    chance = random.Random(20)
    for number in range(flips):
        name = GUARDED[number % len(GUARDED)]
        data = bytearray(files[name])
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        made = tmp_path / "flipped.wacz"
        with zipfile.ZipFile(made, "w") as packed:
            for each, content in (files | {name: bytes(data)}).items():
                packed.writestr(each, content)
        done = verified(made, authority.root)
        assert done.code == 1 and f"{name} was changed" in done.err, (name, done)


def test_lists_that_were_made_to_fit_do_not_help(bundle: Path, tmp_path: Path, authority: Authority) -> None:
    """Whoever changes a record, and every digest in the bundle that he can, meets the chain; and then the stamp."""
    with zipfile.ZipFile(bundle) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}

    def written(changed: dict[str, bytes]) -> Done:
        whole = files | changed
        sums = "".join(
            f"{hashlib.sha256(data).hexdigest()}  {name}\n"
            for name, data in whole.items()
            if name != "SHA256SUMS"
        )
        made = tmp_path / "made.wacz"
        with zipfile.ZipFile(made, "w") as packed:
            for name, data in (whole | {"SHA256SUMS": sums.encode()}).items():
                packed.writestr(name, data)
        return verified(made, authority.root)

    record = bytearray(files["archive/data.warc.gz"])
    record[-30] ^= 1
    assert "is none of" in written({"archive/data.warc.gz": bytes(record)}).err
    length = json.loads(files["proof.json"])["records"][-1]["length"]
    before, after = (
        hashlib.sha256(data[-length:]).hexdigest() for data in (files["archive/data.warc.gz"], bytes(record))
    )
    listed = files["records.txt"].replace(before.encode(), after.encode())
    forged = {"archive/data.warc.gz": bytes(record), "records.txt": listed}
    assert "is not what the chain names" in written(forged).err
    old, new = (hashlib.sha256(data).hexdigest().encode() for data in (files["records.txt"], listed))
    chain = files["chain.txt"].replace(old, new)
    told = written({**forged, "chain.txt": chain}).err
    assert "does not follow" in told or "stamp.tsr does not hold" in told


def test_a_bundle_that_lacks_a_file_is_named(bundle: Path, tmp_path: Path) -> None:
    """Whatever of it is missing, or is none of what it should be, though its digests fit: one line, no traceback."""
    with zipfile.ZipFile(bundle) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}

    del files["SHA256SUMS"]

    def told(packed_files: dict[str, bytes], more: str = "") -> str:
        sums = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in packed_files.items())
        made = tmp_path / "made.wacz"
        with zipfile.ZipFile(made, "w") as packed:
            for name, data in (packed_files | {"SHA256SUMS": f"{sums}{more}".encode()}).items():
                packed.writestr(name, data)
        done = verified(made)
        assert (done.code, done.out, len(done.err.splitlines())) == (1, "", 1), done
        return done.err

    for name in ("archive/data.warc.gz", "records.txt", "chain.txt", "proof.json", "row.json"):
        assert f"{name} is missing" in told({each: files[each] for each in files if each != name})
    assert "names a file that is missing" in told(files, f"{'0' * 64}  stamp.txt\n")
    assert "SHA256SUMS was changed" in told(files, "\x0b\n")
    for name, data in (
        *(("proof.json", b"[]"), ("proof.json", b"{")),
        *(("chain.txt", b"\n"), ("records.txt", b"\xff")),
    ):
        assert told(files | {name: data}).startswith("FALSE: ")


@pytest.mark.heavy
def test_a_stamp_that_failed_comes_with_the_next_harvest(kept: DataDir, authority: Authority) -> None:
    """The authority is down: one line; then it is asked again, and only for what is due."""
    authority.is_down = True
    done = harvested(kept.root, authority)
    authority.is_down = False
    assert "503" in done.err and "next harvest" in done.err
    assert not (kept.root / "stamps").exists()
    assert "stamp" not in harvested(kept.root, authority).err
    stamps = list((kept.root / "stamps").iterdir())
    assert len(stamps) >= 1
    asked = len(authority.server.asked)
    harvested(kept.root, authority)
    assert len(authority.server.asked) == asked


@pytest.mark.heavy
def test_after_an_erasure_all_others_still_prove(kept: DataDir, tmp_path: Path) -> None:
    """Both digests of the segment stand in the chain, with the tombstone; pages that stayed as they were prove by the first."""
    (gone,) = column(kept.root, PAGE)
    scrapy("forget", gone, "--reason", "x", DATA_DIR=kept.root).succeeded()
    chain = read_chain(kept.segments)
    assert broken(chain) is None
    assert chain[-1].tombstone == gone and chain[-1].instead in {link.sha256 for link in chain[:-1]}
    assert rows(kept.root, "SELECT number, tombstone FROM segment_chain WHERE instead IS NOT NULL") == [
        (chain[-1].number, gone)
    ]
    numbers = set()
    for (article_id,) in rows(
        kept.root, "SELECT article_id FROM articles WHERE source IN ('chanetujuh', 'expresi')"
    ):
        file = tmp_path / f"{article_id}.wacz"
        assert scrapy("prove", article_id, file, DATA_DIR=kept.root).code == 0
        done = verified(file)
        assert done.code == 0, done.err
        numbers.add(int(done.out.split(" line ")[1].split(" ")[0]))
    assert min(numbers) < chain[-1].number


@pytest.mark.heavy
def test_a_chain_or_a_file_that_was_changed_proves_nothing(kept: DataDir, tmp_path: Path) -> None:
    """One line names which; the bundle is not written."""
    ((article_id, segment),) = rows(
        kept.root, f"SELECT article_id, segment FROM articles WHERE article_id = ({PAGE})"
    )
    file = tmp_path / "x.wacz"
    path = kept.segments / segment
    data = path.read_bytes()
    path.write_bytes(data + data[:200])
    scrapy("prove", article_id, file, DATA_DIR=kept.root).refused(2, "is not the file that was closed")
    path.write_bytes(data)
    chain = kept.segments / "chain.txt"
    whole = chain.read_text("ascii")
    chain.write_text(whole.replace("\t2026", "\t2025", 1).replace("\t202", "\t201", 1), "ascii")
    scrapy("prove", article_id, file, DATA_DIR=kept.root).refused(2, "was changed")
    forged: list[Link] = []
    for link in read_chain(kept.segments):  # the first line changed, and every later one made to fit
        forged.append(
            replace(link, previous=forged[-1].digest) if forged else replace(link, records="0" * 64)
        )
    chain.write_text("".join(link.line for link in forged), "ascii")
    assert broken(read_chain(kept.segments)) is None
    scrapy("prove", article_id, file, DATA_DIR=kept.root).refused(2, "is not the one that the database has")
    assert "broken\tchain" in scrapy("doctor", DATA_DIR=kept.root).out
    chain.write_text("x\n" + whole, "ascii")
    scrapy("prove", article_id, file, DATA_DIR=kept.root).refused(2, "damaged in line 1")
    assert not file.exists()
    chain.write_text(whole, "ascii")
    scrapy("prove", article_id, tmp_path / "no" / "x.wacz", DATA_DIR=kept.root).refused(2, "no/x.wacz")
    scrapy("prove", article_id, DATA_DIR=kept.root).refused(2, "takes one address")


@pytest.mark.heavy
def test_lines_that_are_lost_come_back(kept: DataDir, tmp_path: Path) -> None:
    """The end of the file, or all of it, from the database: not a line is dated anew, and the newest one is what `about` names."""
    chain = kept.segments / "chain.txt"
    whole = chain.read_bytes()
    (article_id,) = column(kept.root, PAGE)
    for left in (whole[: whole.rindex(b"\n", 0, -1) + 1], b""):
        chain.write_bytes(left)
        assert "broken\tchain" in scrapy("doctor", DATA_DIR=kept.root).out
        scrapy("prove", article_id, tmp_path / "x.wacz", DATA_DIR=kept.root)
        assert chain.read_bytes() == whole
    chain.unlink()
    crawl_replayed("expresi", kept.root, LATER).run().succeeded()
    assert chain.read_bytes().startswith(whole)
    newest = chain.read_bytes().splitlines(keepends=True)[-1]
    assert column(kept.root, "SELECT chain_head FROM about") == [hashlib.sha256(newest).hexdigest()]


def test_a_stamp_of_another_line_is_none(kept: DataDir, tmp_path: Path) -> None:
    """A bundle never has a stamp that does not hold."""
    (kept.root / "stamps").mkdir()
    (kept.root / "stamps" / f"{len(read_chain(kept.segments)):08}.tsr").write_bytes(
        b"0\x82 a stamp of something else"
    )
    (article_id,) = column(kept.root, PAGE)
    done = scrapy("prove", article_id, tmp_path / "x.wacz", DATA_DIR=kept.root)
    assert done.code == 0 and "no stamp yet" in done.err
    assert "not stamped" in verified(tmp_path / "x.wacz").out


@pytest.mark.heavy
def test_the_chain_grows_by_what_is_closed(tmp_path: Path) -> None:
    """A torn line is cut off, what is there stays, a quiet segment comes in once its day is over, and the database has the same."""
    data_dir = tmp_path / "data"
    crawl_replayed("chanetujuh", data_dir, SITES).run().succeeded()
    segments = data_dir / "segments"
    first = (segments / "chain.txt").read_bytes()
    with (segments / "chain.txt").open("ab") as file:
        file.write(b"2\tabc")
    quiet = segments / "chanetujuh" / "20241120Z-quiet-01.warc.gz"
    shutil.copyfile(next((segments / "chanetujuh").glob("*.warc.gz")), quiet)
    (before,) = extend(segments, datetime(2024, 11, 20, 23, tzinfo=UTC))
    assert [link.segment for link in extend(segments, datetime(2024, 11, 21, tzinfo=UTC))] == [
        before.segment,
        f"chanetujuh/{quiet.name}",
    ]
    assert (segments / "chain.txt").read_bytes().startswith(first)
    chain = read_chain(segments)
    assert (len(chain), broken(chain)) == (2, None)
    crawl_replayed("expresi", data_dir, SITES).run().succeeded()
    assert rows(data_dir, "SELECT number, sha256 FROM segment_chain ORDER BY 1") == [
        (link.number, link.sha256) for link in read_chain(segments)
    ]
    (segments / "chain.txt").write_bytes(b"\xff\n")
    with pytest.raises(ArchiveError):
        read_chain(segments)
    assert crawl_replayed("portalborneo", data_dir, SITES).run().code == 0
