"""Bylines and credits: lines around a story that name who wrote it, who edited it and where it is from."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from pipelines.page.tree import fold


@dataclass(slots=True)
class Credits:
    """What the lines removed from a text say of people and source; filled while they are cut."""

    authors: list[str] = field(default_factory=list)
    editors: list[str] = field(default_factory=list)
    source: str | None = None
    is_advertorial: bool = False
    sponsor: str | None = None


_AUTHOR = (
    r"pewarta|penulis|reporter|\brep|wartawan|jurnalis|kontributor(?-i:(?:\s+[A-Z]\w+){0,3})|\blaporan|writer|\b(?:ditulis )?oleh|\bteks"
    r"|foto/teks|naskah|\btulisan|\b(?:written )?by"
)
_EDITOR = r"editor(?: by)?|\bed|redaktur|\bred|penyunting|uploader|penyelia|publisher"
# One person for both: "Penulis/Editor: …", "Redaktur & Reporter : …".
_BOTH = (
    r"(?:penulis|reporter|rep|pewarta|wartawan)\s*(?:/|&|dan)\s*(?:editor|ed|redaktur|red)"
    r"|(?:editor|redaktur)\s*(?:/|&|dan)\s*(?:penulis|reporter|pewarta|wartawan)"
)
_SOURCE = r"\bsumber(?: berita)?|\bsource(?: news)?"
_OTHER = r"penerjemah|fotografer|\bfoto|\bphoto|\btags?|\btayang|\bpublikasi|verifikator"
# "Pewarta: AEditor : B Copyright (c) ANTARA": the next label ends the value, whatever stands between.
_LABEL = re.compile(
    rf"(?P<both>{_BOTH})\s*:|(?P<author>{_AUTHOR})\s*:|(?P<editor>{_EDITOR})\s*:|(?P<source>{_SOURCE})\s*:"
    rf"|(?P<other>{_OTHER})\s*:|(?P<end>copyright|hak cipta)\b.*",
    re.IGNORECASE,
)
_OPENS = re.compile(rf"\W*(?:{_BOTH}|{_AUTHOR}|{_EDITOR}|{_SOURCE}|penerjemah|fotografer)\s*:", re.IGNORECASE)
# Glued to the last sentence: capitals, and a finished sentence before it.
_GLUED = re.compile(
    r"(?<=[.!?\"'\u201d\u2019)])\s*[(\[]?(?:Pewarta|Penulis|Reporter|Editor|PEWARTA|PENULIS|REPORTER|EDITOR)\s*:"
    r"\s*[A-Z].{1,160}$"
)
# Without a colon, and nothing else on the line: "Oleh Rudi Hartono", "Editor – Yayan", "Laporan Wartawan X.co, Rudi",
# "Ditulis oleh Rudi Hartono pada 3 Maret 2025", "By Rudi Hartono".
_NAME = r"[A-Z][\w.'\u2019]*(?: [A-Z][\w.'\u2019]*){0,3}"
_SIGNED = re.compile(
    r"\W*(?:(?i:laporan\s+(?:wartawan|reporter|jurnalis|kontributor))\s+[A-Z][\w.]*(?: [A-Z][\w.]*){0,2}\s*,\s*"
    r"|(?:(?i:ditulis\s+oleh)|Oleh|OLEH|By|BY)\s+(?=\w+ \w)|(?i:penulis|reporter|pewarta)\s*[\u2013-]\s*|(?i:(?P<editor>editor))\s*[\u2013-]\s*)"
    rf"(?P<name>{_NAME})"
)
_NO_NAME = re.compile(r"(?:karena|sebab|pemerintah|para|pihak)\b", re.IGNORECASE)
# "Penulis: Rudi - Senin, 10 Maret 2025": the page's date behind a name.
_DAY_BEHIND = re.compile(
    r"\s*[|,(\u2013-]*\s*(?:(?:senin|selasa|rabu|kamis|jum.?at|sabtu|minggu|ahad)\s*,?\s*)?"
    r"\b\d{1,2}[\s/-]+(?:\d{1,2}|[a-z]{3,9})[\s/-]+(?:20)?\d\d\b.*$",
    re.IGNORECASE,
)
_SHORT = re.compile(r"(?:rep|red|ed)\s*:", re.IGNORECASE)
MAX_BYLINE_CHARS = 240
_APPEARED = re.compile(
    r"\W*artikel ini (?:telah|sudah|pernah) (?:tayang|terbit)\b.{0,20}\bdi\s+(?P<name>[\w.-]*\w)?.*",
    re.IGNORECASE,
)


def is_byline(line: str) -> bool:
    """Whether a line opens with a label such as "Pewarta:" or "Editor :"."""
    return len(line) <= MAX_BYLINE_CHARS and (_OPENS.match(line) is not None or _signed(line) is not None)


def _signed(line: str) -> re.Match[str] | None:
    # Asked first, or every line would be looked through for a day.
    if len(line) > MAX_BYLINE_CHARS or _SIGNED.match(line) is None:
        return None
    match = _SIGNED.fullmatch(_DAY_BEHIND.sub("", line).removesuffix(" pada"))
    return None if match is None or _NO_NAME.match(match["name"]) else match


def take(line: str, credits: Credits) -> bool:
    """Take what a line of labels and names, or of first publication, says into `credits`; false for any other line."""
    if match := _APPEARED.fullmatch(line):
        if match["name"] and "." in match["name"]:
            credits.source = credits.source or match["name"]
        return True
    if signed := _signed(line):
        (credits.editors if signed["editor"] else credits.authors).extend(people(signed["name"]))
        return True
    if not is_byline(line):
        return False
    labels = list(_LABEL.finditer(line))
    found = Credits()
    for label, following in zip(labels, [*labels[1:], None], strict=True):
        value = fold(line[label.end() : following.start() if following else len(line)])
        value = _INITIALS.sub("", value).strip(" |/.,-\u2013()[]")
        if label["source"]:
            value = value.split("|")[0].strip()  # a row of cells: "Sumber: A | Redaksi | Jumat, 15 Mei"
            if len(value.split()) > 5:
                return False
            found.source = credit(value)
        elif label["both"] or label["author"] or label["editor"]:
            value = _DAY_BEHIND.sub("", value)
            names = people(value)
            if value and not names and value.lower() not in _ACCOUNTS:
                return False  # "Oleh: karena itu ...": a sentence after all
            if _SHORT.match(label[0]) and not all(name[0].isupper() for name in names):
                return False  # "Red: nama samaran": the editor's note
            if not label["editor"]:
                found.authors += names
            if not label["author"]:
                found.editors += names
    credits.authors += found.authors
    credits.editors += found.editors
    credits.source = credits.source or found.source
    return True


def cut_glued(paragraph: str, credits: Credits) -> str:
    """The paragraph without a byline that is glued to its last sentence."""
    tail = _GLUED.search(paragraph)
    if tail is None or not take(tail[0].strip(), credits):
        return paragraph
    return paragraph[: tail.start()].rstrip()


_NO_CREDIT = re.compile(
    r"(?:liputan|redaksi|tim|humas|istimewa|ist|wawancara|dokumentasi|dok|internet|rilis|berbagai sumber|diolah)\b",
    re.IGNORECASE,
)


def credit(name: str) -> str | None:
    """The source that a credit names; null for what names none ("Liputan", "Berbagai sumber")."""
    name = name.strip(" .|/-()")
    if not name or _NO_CREDIT.match(name):
        return None
    return "ANTARA" if name.lower() in ("antara", "antaranews", "antaranews.com") else name


_PERSON = re.compile(r"[^\W\d_][\w.'\u2019\u2018 -]{0,60}")
_SEPARATOR = re.compile(r"\s*(?:[,;/|&]|\b(?:dan|and|und|og|och)\b)\s*")
_INITIALS = re.compile(r"(?<=\w)\s*\([^()]{1,30}\)")
_DEGREE = re.compile(
    r"(?:[SM]\.?|Dr|Drs|Dra|Ir|Hj?|Prof|A\.?Md)\.?[A-Z]?[a-z]{0,3}\.?(?:[A-Z][a-z]{0,3}\.?)?"
)
_TEAM = re.compile(r"(?:tim|redaksi|humas|diskominfo|dinas|kantor|antara|biro|sekretariat)\b", re.IGNORECASE)
# "Oleh: Rudi Hartono, Dosen Universitas Mulawarman": who the author is, behind the comma.
_OFFICE = re.compile(
    r"(?:(?:wakil|mantan|pj|plt|tenaga|staf|calon)\s+)?(?:dosen|guru|mahasiswa\w*|siswa|alumn\w+|peneliti|pengamat|pemerhati|pegiat|penggiat"
    r"|aktivis|praktisi|akademisi|pengajar|advokat|pengacara|ketua|sekretaris|bendahara|anggota|kepala|direktur|manajer|rektor|dekan"
    r"|bupati|wali ?kota|gubernur|camat|lurah|wartawan|jurnalis|penulis|redaktur|pemimpin|warga|tokoh|pendiri|koordinator|staf)\b",
    re.IGNORECASE,
)
_LABEL_WITHIN = re.compile(r"^(?:oleh|by|penulis|editor|reporter|pewarta)\s*:?\s+", re.IGNORECASE)
_ACCOUNT_NAMES = """
    admin administrator superadmin author penulis root user webmaster editor wartawan reporter redaktur
    uploader
"""
_ACCOUNTS = frozenset([*_ACCOUNT_NAMES.split(), "super user", "super admin", "tim admin"])


def people(value: str) -> tuple[str, ...]:
    """The names in a byline's value; empty where it holds none, or a sentence.

    Accounts ("admin") and initials behind a name ("Rudi Hartono (rh)") are no names; teams ("Tim Redaksi") and
    agencies are.
    """
    names: list[str] = []
    for piece in _SEPARATOR.split(_INITIALS.sub("", fold(value)).strip(" .|/-\u2013")):
        name = _LABEL_WITHIN.sub("", piece.strip(" .|-\u2013()*"))
        if not name or name.lower() in _ACCOUNTS or name.lower().startswith("admin "):
            continue
        if names and (_DEGREE.fullmatch(piece.strip()) or _OFFICE.match(name)):
            continue  # "S.Pd" behind the comma
        words = name.split()
        if not _PERSON.fullmatch(name) or len(words) > 6:
            return ()
        if len(words) > 2 and not _TEAM.match(name) and not any(word[0].isupper() for word in words[1:]):
            return ()
        names.append(name)
    return tuple(dict.fromkeys(names))
