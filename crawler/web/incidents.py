"""What each kind of incident is called where people read: one table for the pages and the clipping."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

INCIDENTS: Final[Mapping[str, tuple[str, str]]] = {
    "silent": ("diam", "silent"),
    "fewer_articles": ("artikel lebih sedikit dari biasanya", "fewer articles than usual"),
    "field_gone": ("keterangan artikel hilang", "a field is gone"),
    "layout_changed": ("tata letak berubah", "the layout changed"),
    "refused": ("ditolak situs", "refused by the site"),
    "certificate": ("sertifikat bermasalah", "certificate"),
    "moved_host": ("situs pindah", "the site moved"),
    "clock": ("jam salah", "wrong clock"),
    "disk_filling": ("disk hampir penuh", "disk filling up"),
    "no_network": ("tanpa jaringan", "no network"),
    "store_stuck": ("basis data tertahan", "database held up"),
    "failed": ("perayapan gagal", "crawl failed"),
}
"""Kind → its name in Indonesian and in English."""


def incident_name(kind: str, lang: Literal["id", "en"]) -> str:
    """The name of a kind; of one that a newer Kabar wrote, the kind itself."""
    names = INCIDENTS.get(kind)
    return kind.replace("_", " ") if names is None else names[lang == "en"]
