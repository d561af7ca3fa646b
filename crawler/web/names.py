"""What incidents and reasons of rejection are called where people read: one table each, for the pages and the clipping."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from crawler.web.language import Language

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


REJECTIONS: Final[Mapping[str, tuple[str, str]]] = {
    "not_html": ("bukan HTML", "not HTML"),
    "http_error": ("galat HTTP", "HTTP error"),
    "too_large": ("terlalu besar", "too large"),
    "empty": ("kosong", "empty"),
    "too_short": ("terlalu pendek", "too short"),
    "listing_page": ("halaman daftar", "listing page"),
    "not_an_article": ("bukan artikel", "not an article"),
    "wrong_language": ("bahasa lain", "another language"),
    "undecodable": ("aksara tidak terbaca", "undecodable"),
    "parser_error": ("gagal diurai", "a parser failed"),
    "soft_404": ("halaman kosong tanpa galat (404 semu)", "soft 404"),
    "off_site": ("di luar situs", "off the site"),
    "forgotten": ("dihapus dengan scrapy forget", "forgotten"),
    "out_of_window": ("di luar hari yang diminta", "outside the days asked for"),
}
"""Reason → its name in Indonesian and in English."""


def incident_name(kind: str, lang: Language) -> str:
    """The name of a kind; of one that a newer Kabar wrote, the kind itself."""
    return _name(INCIDENTS, kind, lang)


def rejection_name(reason: str, lang: Language) -> str:
    """The name of a reason, likewise."""
    return _name(REJECTIONS, reason, lang)


def _name(names: Mapping[str, tuple[str, str]], value: str, lang: Language) -> str:
    found = names.get(value)
    return value.replace("_", " ") if found is None else found[lang == "en"]
