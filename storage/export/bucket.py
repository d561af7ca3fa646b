"""An export in an object store: new files first, `datapackage.json` last, and then what is obsolete goes.

Whoever reads the files that `datapackage.json` names meets one state: a file of the articles is named by what is in it and never changed, and one
that the new state lacks stays until the export after, for those who still read by the manifest before. Where an article was erased meanwhile, it goes
at once. What a kill leaves is named by no manifest; the next export writes it again, or takes it away.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from storage.data_dir import DataDir
from storage.disk import remove
from storage.export.folder import CRATE, MANIFEST, PARTITIONED, ExportRefused, held_alone, places_of

SCHEME: Final = "s3://"
_PARTITION: Final = re.compile(
    rf"{PARTITIONED}/source=[^/]+/month=(?:\d{{4,}}-\d\d|undated)/[0-9a-f]{{16}}\.parquet"
)
_EMPTY: Final = {"name": "kabar-export", "kabar": {"arguments": {}}, "resources": []}
"""Stands in a new place before anything else: what is put there is ours from then on, and no reader finds half of it."""


class ExportBucket:
    """An open place of an export in a store. `manifest`: of the export that stands there; null: none does."""

    def __init__(self, root: str, files: Any, stage: Path, names: Collection[str]) -> None:
        """`names`: of all files that an export may have beside its partitions."""
        self.root = root
        self._names = {*names, MANIFEST, CRATE}
        self._files = files
        self._stage = stage
        with _explained(root):
            found: Mapping[str, Mapping[str, Any]] = files.find(self._at(""), detail=True)
        start = len(self._at(""))
        self._sizes = {path[start:]: int(facts["size"]) for path, facts in found.items() if path[start:]}
        self.manifest = self._manifest()

    def begin(self, is_parted: bool) -> None:
        """Make room on this machine for what is new."""
        for each in list(self._stage.iterdir()):
            remove(each)

    @property
    def spill(self) -> Path:
        """What does not fit into the memory meanwhile."""
        return self._stage / "spill"

    def new(self, place: str) -> Path:
        """Where the file is made that is to stand at that place."""
        path = self._stage / "new" / place
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def keep(self, place: str) -> None:
        """A file of the export that stands there stays where it is."""

    def has(self, place: str) -> bool:
        """Whether anything stands there that is not ours: nothing does, or the place had been refused."""
        return False

    def is_intact(self, place: str, size_bytes: int, digest: str, is_read: bool) -> bool:
        """Whether the file stands there as the manifest has it. Its bytes are not fetched: an object is put whole or not at all."""
        return self._sizes.get(place) == size_bytes

    def commit(self, places: Iterable[str], obsolete: Iterable[str], is_erased: bool) -> None:
        """Put what is made in its place, then take away what is obsolete; of an erased article nothing stays."""
        named = set(places)
        before = set() if is_erased or self.manifest is None else set(places_of(self.manifest))
        made = sorted(
            (
                path.relative_to(self._stage / "new").as_posix()
                for path in (self._stage / "new").rglob("*")
                if path.is_file()
            ),
            key=lambda place: (place == MANIFEST, not place.startswith(f"{PARTITIONED}/"), place),
        )
        with _explained(self.root):
            if self.manifest is None:
                self._files.pipe_file(self._at(MANIFEST), json.dumps(_EMPTY).encode())
            for place in made:
                self._files.put_file(str(self._stage / "new" / place), self._at(place))
            for place in sorted(self._sizes.keys() - named - before):
                self._files.rm_file(self._at(place))

    def close(self) -> None:
        """Take away what was made on this machine."""
        for each in list(self._stage.iterdir()):
            remove(each)

    def _at(self, place: str) -> str:
        return f"{self.root.removeprefix(SCHEME)}/{place}"

    def _manifest(self) -> Mapping[str, Any] | None:
        is_ours = MANIFEST in self._sizes
        strange = [
            place
            for place in sorted(self._sizes)
            if not is_ours or not (place in self._names or _PARTITION.fullmatch(place))
        ]
        if strange:
            raise ExportRefused(
                f"{self.root} holds something else than an export of Kabar's ({strange[0]}): name another place"
            )
        if not is_ours:
            return None
        with _explained(self.root):
            text = self._files.cat_file(self._at(MANIFEST))
        try:
            manifest: dict[str, Any] = json.loads(text)
            if isinstance(manifest["kabar"]["arguments"], dict):
                return manifest if manifest["resources"] else None
        except (ValueError, KeyError, TypeError):
            pass
        raise ExportRefused(f"{self.root}/{MANIFEST} is none of Kabar's: name another place")


@contextmanager
def open_bucket(address: str, data_dir: DataDir, names: Collection[str]) -> Iterator[ExportBucket]:
    """The place in a store, for this process alone as far as this DATA_DIR goes; what is made is staged below it.

    Credentials and the store's own address are those of the environment, as every client of S3 takes them. Raises `ExportRefused` for
    an address without a bucket, where the store refuses, and where something else stands there; `ExportBusy`.
    """
    root = SCHEME + address.removeprefix(SCHEME).strip("/")
    if root == SCHEME:
        raise ExportRefused(f"{address} names no bucket: s3://BUCKET/FOLDER")
    try:
        import s3fs
    except ImportError as error:
        raise ExportRefused(
            f'{address}: pip install "kabar[s3]" brings what speaks to object stores'
        ) from error
    stage = data_dir.scratch / f"export-{sha256(root.encode()).hexdigest()[:16]}"
    stage.mkdir(parents=True, exist_ok=True)
    with held_alone(stage, root):
        with _explained(root):
            files = s3fs.S3FileSystem(use_listings_cache=False, skip_instance_cache=True)
        with closing(ExportBucket(root, files, stage, names)) as bucket:
            yield bucket


@contextmanager
def _explained(root: str) -> Iterator[None]:
    """Raise what the store's client says in one line: it has errors of four libraries."""
    try:
        yield
    except Exception as error:
        line = str(error).strip().partition("\n")[0] or type(error).__name__
        raise ExportRefused(f"{root}: {line}") from error
