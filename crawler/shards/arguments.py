"""What the command line says of parts: which one is read, where to, or on what engine all of them are."""

from __future__ import annotations

import argparse
from pathlib import Path

from crawler.errors import ArgumentError
from crawler.shards.split import Shard


def add_shard_options(parser: argparse.ArgumentParser) -> None:
    """`--shard`, `--to` and `--executor`."""
    parser.add_argument(
        "--shard", metavar="I/N", help="only read the I-th of N parts, into files (I from 1; needs --to)"
    )
    parser.add_argument(
        "--to",
        metavar="DIR",
        help="the folder where parts lie, for scrapy merge DIR; others may read into it",
    )
    parser.add_argument(
        "--executor",
        metavar="KIND:ADDRESS",
        help="read all parts on dask:tcp://HOST:PORT or processes:N, and merge them here",
    )


def shard_and_folder(opts: argparse.Namespace) -> tuple[Shard, Path] | None:
    """The part that is to be read and its folder; null: none is. `ArgumentError` where they do not fit together."""
    if opts.executor and opts.shard:
        raise ArgumentError("--executor reads all parts itself: leave --shard out")
    if opts.shard and not opts.to:
        raise ArgumentError(f"--shard {opts.shard} needs --to DIR, the folder that takes the part")
    if opts.to and not (opts.shard or opts.executor):
        raise ArgumentError(f"--to {opts.to} needs --shard I/N: which part is to be read into it")
    if not opts.shard:
        return None
    return Shard.parsed(opts.shard), folder_of(opts.to)


def folder_of(named: str) -> Path:
    """A folder of parts, absolute; `ArgumentError` for a name that DuckDB would read as another."""
    path = Path(named).expanduser().absolute()
    if "\\" in str(path):
        raise ArgumentError(f"{named}: a backslash is no part of a name for DuckDB; choose another")
    try:
        str(path).encode()
    except UnicodeError as error:
        raise ArgumentError(f"{named!r}: the name is no UTF-8 text") from error
    return path
