"""A record for the tests of exports: outlets, months, copies, an edit, hostile titles, texts that are too long."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from pipelines.article import Rejected
from pipelines.names.actors import Actor
from storage import actors, health
from storage.batch import Batch, Fetch
from storage.data_dir import DataDir
from storage.export.files import Format
from storage.export.run import Exported, ExportOptions, export
from storage.health import IncidentRow
from storage.merge import merge
from storage.rows import append
from storage.store import open_store
from tests.kit.factories import FORGOTTEN, LINK, MORNING, STORY, article, prose, run_row

DAY = timedelta(days=1)
EDITED = STORY.replace("48 perahu", "84 perahu")
PIER = "https://wartapesisir.example/dermaga/"
LONG = 40_000
"""Characters and more of the longest text."""
TITLES = {
    1: '=HYPERLINK("https://wartapesisir.example","klik")',
    2: "+62 811 rusak",
    3: "-5",
    4: "@redaksi",
    5: "\t=1+1",
    6: 'Kata "dikutip", koma;\nbaris',
    7: "＝1+1",
    8: "-5 derajat",
}
"""By number of the article: what a spreadsheet would take for a formula, and what is a number."""
VERSION = "9.9.9"


def numbered(number: int) -> str:
    """The address of the article of that number."""
    return f"https://wartapesisir.example/{number}/"


OUTLETS = [
    {
        "source": source,
        "title": title,
        "home": f"https://{source.replace('_', '')}.example/",
        "timezone": "Asia/Makassar",
        "platform": "wordpress",
        "status": "seed",
        "enabled": True,
    }
    for source, title in (("warta_pesisir", "Warta Pesisir"), ("kabar_teluk", "Kabar Teluk"))
]
RUN = run_row(date(2024, 11, 18), date(2024, 11, 20))


REFUSED = IncidentRow("warta_pesisir", "refused", MORNING, None, "HTTP 403")


def fill(data_dir: DataDir) -> DataDir:
    """Nothing in it is empty: three months and no month, two outlets and a host without one, a copy, a removal."""
    articles = [
        article(published=MORNING),
        article(
            "https://kabarteluk.example/dermaga/",
            STORY,
            source="kabar_teluk",
            published=MORNING - timedelta(hours=2),
        ),
        article("https://host.example:8080/x/", prose(90), source="host.example:8080", title=None),
        article("https://wartapesisir.example/panjang/", prose(91, LONG // 6), published=MORNING),
        *(
            article(numbered(at), prose(at), title=title, published=MORNING - 30 * at * DAY)
            for at, title in TITLES.items()
        ),
        replace(
            article("https://wartapesisir.example/tanpa-hari/", prose(92), title="Tanpa Hari"),
            dateline="Bontang",
        ),
    ]
    gone = [
        Fetch("https://kabarteluk.example/dermaga/", "kabar_teluk", MORNING + days * DAY, 404, 0, "gone")
        for days in (1, 2)
    ]
    rejected = Rejected("https://wartapesisir.example/video/", "warta_pesisir", MORNING, "too_short")
    with open_store(data_dir, wait_s=5) as store:
        actors.put(store, [Actor("hamzah", "Hamzah", "person")], None)
        with store.transaction():
            append(store, "sources", OUTLETS)
            append(store, "crawls", [RUN])
            append(store, "forgotten", [FORGOTTEN])
            append(store, "chain", [LINK])
            health.note_incidents(store, [REFUSED])
        merge(store, Batch("warta_pesisir/1.warc.gz", tuple(articles), (rejected,), tuple(gone)), MORNING)
        merge(
            store,
            Batch("warta_pesisir/2.warc.gz", (article(text=EDITED, at=MORNING + DAY, published=MORNING),)),
            MORNING + DAY,
        )
    return data_dir


def exported(
    data_dir: DataDir,
    folder: Path,
    form: Format = "parquet",
    since: str | None = None,
    with_text: bool = True,
) -> Exported | None:
    """What `scrapy export` does."""
    day = date.fromisoformat(since) if since else None
    return export(data_dir, folder, ExportOptions(form, day, with_text), VERSION, MORNING)
