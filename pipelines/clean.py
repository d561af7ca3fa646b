"""Line rules: what is no part of the story leaves, and what it says is kept as a fact.

Works on blocks, whether they come from a page, a REST answer or a plain text. trafilatura and its
peers leave every one of these lines in; none of them has an Indonesian rule. A rule cuts a line of a
known form, or a known tail of a line; it never eats a sentence: a paragraph that merely mentions
"baca juga" stays. Containers with known names have left before (`extract.prune`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipelines import places
from pipelines.article import Notice
from pipelines.blocks import Block
from pipelines.rules import Rules
from pipelines.tree import fold


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The paragraphs of a story, and what the lines around it said. Null: no line said it."""

    paragraphs: tuple[str, ...]
    title: str | None = None
    """The title line of a plain text."""
    authors: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()
    dateline: str | None = None
    credited_source: str | None = None
    is_advertorial: bool = False
    sponsor: str | None = None
    notice: Notice | None = None

    @property
    def text(self) -> str:
        return "\n".join(self.paragraphs)


# --- lines that are junk as a whole ---------------------------------------------------------------

_READ_ALSO = r"(?:baca|simak|lihat|tonton)\s*(?:juga|selengkapnya|pula)|baca\s+berita\s+(?:lain\w*|selengkapnya)|berita\s+terkait|artikel\s+terkait"
_READ_ALSO_ALONE = re.compile(rf"\W*(?:{_READ_ALSO})\s*\W*$", re.IGNORECASE)
_READ_ALSO_MARKED = re.compile(rf"\W{{0,3}}(?:{_READ_ALSO}|baca)\s*:\s*\S", re.IGNORECASE)
_READ_ALSO_OPEN = re.compile(
    rf"\W{{0,3}}(?:{_READ_ALSO})\b[\s>\u00bb\u2013\u2014-]*(?P<rest>\S.*)", re.IGNORECASE
)
# Glued to a paragraph's end: only with a colon, behind a finished sentence, with a capital.
_READ_ALSO_TAIL = re.compile(
    r"""(?<=[.!?"'\u201d\u2019)])\s*[(\[]?\s*(?:B(?:aca|ACA)\s*[Jj](?:uga|UGA)|BACA JUGA|Simak [Jj]uga|Lihat [Jj]uga|Baca [Ss]elengkapnya)\s*:\s*(?P<rest>[^.!?]{3,200})[)\]]?$"""
)

_WHOLE_LINES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # share rows and buttons
        r"\W*(?:share|bagikan|sebarkan|komentar|komentari|x|facebook|fb|twitter|tweet|whats\s?app|wa|telegram|line|linkedin|pinterest|instagram|tiktok|"
        r"youtube|threads|e-?mail|surel|copy link|salin tautan|salin link|print|cetak|simpan|like|suka|ikuti kami|follow us)\W*",
        r"(?:share|bagikan|sebarkan)(?:\s+(?:this|on|to|via|ke|di|artikel|berita|ini|tulisan|with|:|facebook|twitter|x|whatsapp|telegram|\W))*",
        r"\d+\s*(?:comments?|komentar|shares?|kali dibaca|views?|dibaca|dilihat)",
        r"(?:dibaca|dilihat|views?)\s*:?\s*[\d.,]+\s*(?:kali|x)?",
        # comment forms
        r"tinggalkan\s+(?:balasan|komentar)\b.{0,60}|leave a (?:reply|comment)\b.{0,60}|batalkan balasan|cancel reply|(?:kirim|tulis) komentar.{0,20}|login untuk.{0,40}komentar.*",
        r"alamat (?:email|surel) anda tidak akan dipublikasikan\b.*|your email address will not be published\b.*|ruas yang wajib ditandai.*",
        r"simpan nama, email, dan situs web saya.*|save my name, email.*|isi komentar sepenuhnya.*|komentar (?:anda )?(?:menjadi|adalah) tanggung jawab.*",
        # follow us
        r"(?:\W*)(?:ikuti|dapatkan|simak|baca|cek|temukan|gabung|follow|update|nikmati)\b.{0,120}\b(?:google\s*news|whats\s?app|saluran|channel|telegram|facebook|instagram|tiktok|youtube|twitter)\b.{0,120}",
        r"(?:ikuti|dapatkan) (?:berita|update|informasi|kabar)\b.{0,140}\b(?:di sini|disini|berikut ini|klik)\b.{0,40}|dapatkan update berita pilihan\b.*",
        r"add as a preferred source on google.*|jadikan .{0,60} sumber (?:pilihan|favorit|utama).{0,30}google.*",
        # paging
        r"halaman\s*:?\s*(?:\d+|/|dari|of|selanjutnya|berikutnya|sebelumnya|semua|next|prev|all|\W)+|(?:pages?|laman)\s*:\s*[\d\s\W]+",
        r"(?:selanjutnya|berikutnya|sebelumnya|next|previous|prev|next page|tampilkan semua|show all|lanjut ke halaman.*|baca halaman.*)\W*",
        r"pos (?:sebelumnya|berikutnya)\b.{0,160}|(?:previous|next) post\b.{0,160}|berita (?:sebelumnya|selanjutnya|berikutnya)\W*",
        # lists of other stories, tags
        r"(?:berita|artikel|topik|konten)\s+(?:terkait|lainnya|terpopuler|populer|terbaru|terkini|pilihan|rekomendasi)\W*|terpopuler\W*|terkait\W*|terkini\W*|trending\W*|rekomendasi(?: untuk anda)?\W*|"
        r"related (?:posts?|news|articles?|stories)\W*|read (?:also|more|next)\W*.{0,140}|populer\W*|pilihan editor\W*.{0,160}|video pilihan\W*",
        r"(?:tags?|topik|tagar|label|kata kunci)\s*:.{0,300}|tags?\W*|(?:#\w+[\s,]*){1,20}|(?:# ?[\w .'-]{2,40}){2,20}",
        # advertisements and players
        r"advertisement\W*|iklan\W*|sponsored\W*|\W*(?:scroll (?:to|untuk|ke bawah) (?:continue|resume|untuk|melanjutkan|lanjut|baca|membaca)|gulir untuk).{0,60}",
        r"\[?\s*gambas\s*:.{0,60}|(?:spot_img)+|html code here!.*|\(adsbygoogle.*|loading\W*|memuat\W*",
        r"(?:putar|tonton|lihat|saksikan|watch) (?:video|live)\b.{0,120}[^.!?\"\u201d]",
        # rights
        r"\W*(?:copyright|hak cipta)\b.{0,160}|\(c\)\s.{0,120}|\u00a9.{0,160}|all rights reserved.*",
        r"dilarang keras (?:mengambil|menyalin|mengutip|melakukan|memperbanyak)\b.*|dilarang (?:mengutip|menyalin|memperbanyak|menggandakan)\b.{0,60}(?:tanpa|izin).*",
        r"cek berita dan artikel.{0,80}|simak breaking news.{0,120}|download aplikasi\b.{0,120}|unduh aplikasi\b.{0,120}",
        r"\W*(?:yuk,?\s*)?(?:simak|tonton|lihat|saksikan)(?: juga)? video\b.{0,160}|video\W*|foto\W*|headline\W*|caption\W*",
        r"konten premium\W*|berlangganan untuk membaca.{0,60}|https?://\S+",
        r"ringkasan berita\W*|baca \d+ detik\W*|daftar isi\W*|table of contents\W*",
        r"(?:dengarkan|listen to) (?:artikel|berita|this).{0,40}",
        r"estimated reading time.*|waktu baca\b.{0,30}|\d+ (?:menit baca|min read)\W*",
    )
)

# A lone line that opens the furniture below an article: nothing after it belongs to the story.
_END_MARKS = re.compile(
    r"(?:tinggalkan (?:balasan|komentar)|leave a (?:reply|comment)|berita (?:terkait|lainnya|terpopuler|populer|terbaru|terkini)|artikel (?:terkait|lainnya)|"
    r"terpopuler|related (?:posts|news|articles)|komentar|comments?)\b\W*.{0,30}",
    re.IGNORECASE,
)

# --- lines that say something ---------------------------------------------------------------------

_AUTHOR_LABELS = r"pewarta|penulis|reporter|wartawan|jurnalis|kontributor|laporan|writer|oleh|teks|foto/teks|naskah|ditulis oleh|by"
_EDITOR_LABELS = r"editor|redaktur|penyunting|uploader|penyelia|publisher"
_OTHER_LABELS = r"penerjemah|sumber berita|sumber|source news|source|fotografer|foto|photo|copyright|hak cipta|tags?|tayang|publikasi|verifikator"
_LABEL = re.compile(
    rf"(?P<author>{_AUTHOR_LABELS})\s*:|(?P<editor>{_EDITOR_LABELS})\s*:|(?P<other>{_OTHER_LABELS})\s*(?::|(?=\s*\(?c\)|\s*\u00a9|\s*\)))",
    re.IGNORECASE,
)
_LABELLED = re.compile(
    rf"\W*(?:{_AUTHOR_LABELS}|{_EDITOR_LABELS}|penerjemah|sumber berita|sumber|source news|source|fotografer)\s*:",
    re.IGNORECASE,
)
# "Pewarta: A" glued to the last sentence; capitals and a finished sentence before it.
_BYLINE_TAIL = re.compile(
    r"(?<=[.!?\"'\u201d\u2019)])\s*(?:Pewarta|Penulis|Reporter|Editor|PEWARTA|PENULIS|REPORTER|EDITOR)\s*:\s*[A-Z].{1,160}$"
)
_PERSON = re.compile(r"[^\W\d_][\w.'\u2019\u2018 -]{1,60}")
_NAME_SEPARATOR = re.compile(r"\s*(?:[,;/|&]|\bdan\b|\band\b)\s*")
_TITLES = re.compile(r"(?:S|M|Dr|Drs|Dra|Ir|Hj?|Prof)\.?[A-Z]?[a-z]{0,3}\.?(?:[A-Z][a-z]{0,3}\.?)?$")

_ADVERTORIAL = re.compile(
    r"\s*[(\[]\s*(?:[\w*.-]{1,15}\s*/\s*){0,2}(?:adv|adv\.|advertorial|pariwara|infotorial|advetorial|iklan|kerja\s?sama)\b[\s/:\u2013-]*(?P<sponsor>[^()\[\]]{0,60}?)\s*[)\]]\s*\.?$",
    re.IGNORECASE,
)
_ADVERTORIAL_LINE = re.compile(r"\W*(?:adv|advertorial|pariwara|infotorial)\W*", re.IGNORECASE)
# "(*)", "(wal/boy)", "(ak/ko)", "(*/X-13)", "[E-2]", "(red)": who keyed it in. Never a year, never words.
_INITIALS = re.compile(
    r"\s*[(\[]\s*(?:\*+|(?:\*\s*/\s*)?[A-Za-z]{1,7}(?:\s*[/&,+]\s*[A-Za-z*]{1,7}){1,3}|(?:\*\s*/\s*)?[A-Za-z]-?\d{1,2}|\*\s*/\s*[\w-]{1,8}|"
    r"(?:red|ant|rls|hms|adm|net|int|han|din|tim|dbs|mad|rdk|ber|bkg)\.?)\s*[)\]]\s*\.?$"
)
_STARS = re.compile(r"\s*[*#]{1,3}$")
_NAMED_END = re.compile(r"\([A-Z][\w.'\u2019]*(?: [A-Z][\w.'\u2019]*){1,3}\)")
_DAY_LINE = re.compile(
    r"(?:(?:senin|selasa|rabu|kamis|jum.?at|sabtu|minggu|ahad)\s*,?\s*)?\d{1,2}[\s/-]+(?:\d{1,2}|[a-z]{3,9})[\s/-]+20\d\d"
    r"(?:[\s,|-]*\d{1,2}[:.]\d\d(?:[:.]\d\d)?)?\s*(?:wib|wita|wit)?(?:\W*(?:waktu baca|\d+ menit).{0,20})?",
    re.IGNORECASE,
)

_AGENCY = re.compile(r"ANTARA(?: News)?|Antaranews", re.IGNORECASE)
_AGENCY_END = re.compile(r"\s*[(\[](?P<name>ANTARA|Antara|ANTARA News|Ant)(?:\s*/[^()]{0,30})?[)\]]\s*\.?$")
_CREDIT_LINE = re.compile(
    r"\W*(?:sumber(?: berita)?|source(?: news)?)\s*:\s*(?P<name>[\w .&'/-]{2,60}?)\W*$", re.IGNORECASE
)
_ADAPTED = re.compile(
    r"\bdisadur dari\s+(?P<name>[\w.-]+?\w)\s*(?:--|[\u2013\u2014])\s*Jaringan Suara\.com", re.IGNORECASE
)
_APPEARED = re.compile(
    r"\W*artikel ini (?:telah|sudah|pernah) (?:tayang|terbit)\b.{0,20}\bdi\s+(?P<name>[\w.-]*\w)?.*",
    re.IGNORECASE,
)

_NOTICES: tuple[tuple[Notice, re.Pattern[str]], ...] = (
    ("hak_jawab", re.compile(r"^\W*hak\s+jawab\b", re.IGNORECASE)),
    ("pencabutan", re.compile(r"^\W*(?:pencabutan|berita\s+dicabut|cabut\s+berita)\b", re.IGNORECASE)),
    ("ralat", re.compile(r"^\W*ralat\b", re.IGNORECASE)),
    ("koreksi", re.compile(r"^\W*koreksi(?:\s+berita|\s*:|\s+redaksi)", re.IGNORECASE)),
)


def clean(
    blocks: Sequence[Block],
    rules: Rules,
    title: str | None = None,
    asides: Sequence[Block] = (),
    tags: Sequence[str] = (),
) -> Cleaned:
    """The story in the blocks.

    `title` is the title known from elsewhere: repeated above the body, it leaves. `asides` are lines that
    left with the page's furniture: read for bylines, never part of the text. `tags` are known: a list of
    them below the story leaves.
    """
    credits = _Credits()
    for aside in asides:
        _take_byline(aside.text, credits)
    kept = _without_ends(_without_read_also(blocks), credits)
    kept = _without_junk(kept, rules, credits)
    paragraphs = [block.text for block in kept]
    if title:
        paragraphs = [p for at, p in enumerate(paragraphs) if at > 3 or not _same_words(p, title)]
    while paragraphs and tags and _is_tag_list(paragraphs[-1], tags):
        del paragraphs[-1]
    paragraphs = _cut_tail(paragraphs, rules, credits)
    dateline = None
    if paragraphs:
        if len(paragraphs) > 1 and len(paragraphs[0]) < 50 and _DASH_END.search(paragraphs[0]):
            paragraphs[:2] = [f"{paragraphs[0]} {paragraphs[1]}"]  # the dateline on a line of its own
        dateline, paragraphs[0], agency = cut_dateline(paragraphs[0], rules)
        if agency:
            credits.source = credits.source or agency
    paragraphs = [paragraph for paragraph in paragraphs if paragraph]
    if credits.source is None:
        credits.source = next((m["name"] for p in paragraphs if (m := _ADAPTED.search(p))), None)
    if credits.source and _is_own(credits.source, rules):
        credits.source = None
    return Cleaned(
        paragraphs=tuple(paragraphs),
        authors=tuple(dict.fromkeys(credits.authors)),
        editors=tuple(dict.fromkeys(credits.editors)),
        dateline=dateline,
        credited_source=credits.source,
        is_advertorial=credits.is_advertorial,
        sponsor=credits.sponsor,
        notice=notice_of(title) or (notice_of(paragraphs[0]) if paragraphs else None),
    )


class _Credits:
    """What the lines that leave said; filled while they are cut."""

    def __init__(self) -> None:
        self.authors: list[str] = []
        self.editors: list[str] = []
        self.source: str | None = None
        self.is_advertorial = False
        self.sponsor: str | None = None


def notice_of(text: str | None) -> Notice | None:
    """What kind of notice a title or an opening declares; null for a story."""
    return next((name for name, pattern in _NOTICES if pattern.search(text or "")), None)


# --- "baca juga" ----------------------------------------------------------------------------------


def _without_read_also(blocks: Sequence[Block]) -> list[Block]:
    """The blocks less those that point to other stories, with the titles that follow a bare pointer."""
    kept: list[Block] = []
    pointing = 0
    for block in blocks:
        text = block.text
        if _READ_ALSO_ALONE.match(text):
            pointing = 3
            continue
        if _READ_ALSO_MARKED.match(text) and (block.links > 0 or not _is_prose(text)):
            # The marker alone is linked to nothing: its titles may follow as links.
            pointing = 0
            continue
        if (opened := _READ_ALSO_OPEN.match(text)) and (block.links > 0.5 or is_headline(opened["rest"])):
            continue
        if pointing and (
            block.links > 0.8 or (block.kind in ("item", "heading", "paragraph") and is_headline(text))
        ):
            pointing -= 1
            continue
        if block.links > 0.9 and (block.kind == "item" or is_headline(text)):
            continue  # a title that is a link and nothing else leads to another story
        pointing = 0
        if tail := _READ_ALSO_TAIL.search(text):
            text = text[: tail.start()].rstrip()
        kept.append(Block(text, block.kind, block.links))
    return kept


_SMALL_WORDS = frozenset(
    [
        "di",
        "ke",
        "dari",
        "dan",
        "yang",
        "untuk",
        "dengan",
        "pada",
        "atau",
        "dalam",
        "oleh",
        "tak",
        "tidak",
        "bagi",
        "ini",
        "itu",
        "akan",
        "the",
        "of",
        "a",
        "in",
        "to",
        "and",
        "for",
    ]
)


def is_headline(text: str) -> bool:
    """Whether a line is set like a headline: short, no full stop, its words capitalised."""
    if len(text) > 160 or re.search(r"[.!?:;]\W*$", text.rstrip("?!")) or len(text) < 12:
        return False
    found = [word for word in re.findall(r"[^\W\d_][\w'\u2019-]*", text) if word.lower() not in _SMALL_WORDS]
    return len(found) >= 3 and sum(word[0].isupper() for word in found) >= 0.75 * len(found)


def _is_prose(text: str) -> bool:
    """Whether a line goes on as sentences do, beyond one title: a title has no full stop inside."""
    return bool(re.search(r"[a-z\u201d\"')]{2}\.(?:\s|$)", text))


# --- junk -----------------------------------------------------------------------------------------


def _without_ends(blocks: list[Block], credits: _Credits) -> list[Block]:
    """The blocks up to the mark where the page's furniture begins."""
    seen = 0
    for at, block in enumerate(blocks):
        if seen > 200 and _END_MARKS.fullmatch(block.text):
            rest = blocks[at + 1 :]
            # What follows must look like furniture; a story does not go on in links and headlines.
            if all(b.links > 0.5 or len(b.text) < 160 or is_headline(b.text) for b in rest):
                bylines = [b for b in rest if _LABELLED.match(b.text)]
                return blocks[:at] + bylines
        seen += len(block.text)
    return blocks


def _without_junk(blocks: list[Block], rules: Rules, credits: _Credits) -> list[Block]:
    dropped = [re.compile(pattern, re.IGNORECASE) for pattern in rules.drop_lines]
    kept: list[Block] = []
    for at, block in enumerate(blocks):
        text = block.text
        if any(pattern.search(text) for pattern in dropped):
            continue
        if _take_byline(text, credits) or _take_credit(text, credits, rules):
            continue
        if _is_junk(text):
            continue
        if (mark := _INITIALS_LINE.match(text)) and (not mark["rest"] or _is_junk(mark["rest"])):
            # Who keyed it in stands below the story: what comes after is furniture, if it looks so.
            if all(len(b.text) < 100 and not _SENTENCE.search(b.text) for b in blocks[at + 1 :]):
                break
            continue
        if tail := _BYLINE_TAIL.search(text):
            _take_byline(text[tail.start() :].strip(), credits)
            text = text[: tail.start()].rstrip()
        kept.append(Block(text, block.kind, block.links))
    return kept


_INITIALS_LINE = re.compile(r"[(\[](?!\*)(?:[A-Za-z*]{1,7}\s*/\s*)+[A-Za-z*]{1,7}[)\]]\s*(?P<rest>.*)")
_SENTENCE = re.compile(r"""[.!?]["'\u201d\u2019)]*$""")


def _is_junk(text: str) -> bool:
    """Whether a line is junk as a whole."""
    if not re.search(r"\w", text) or _DAY_LINE.fullmatch(text):
        return True
    return any(pattern.fullmatch(text) for pattern in _WHOLE_LINES)


def _take_byline(text: str, credits: _Credits) -> bool:
    """Reads "Pewarta: A", "Penulis: A | Editor: B", "Pewarta: AEditor: B Copyright …"; false for other lines."""
    if len(text) > 240 or not _LABELLED.match(text):
        return False
    labels = list(_LABEL.finditer(text))
    if not labels:
        return False
    found: list[tuple[str, tuple[str, ...]]] = []
    for label, following in zip(labels, [*labels[1:], None], strict=True):
        value = text[label.end() : following.start() if following else len(text)]
        if label["other"]:
            if label["other"].lower().startswith(("sumber", "source")):
                found.append(("source", (fold(value).strip(" |/,.-"),)))
            continue
        names = people(value)
        if not names and fold(value).strip(" |/.-"):
            return False  # "Oleh: karena itu ...": a sentence after all
        found.append(("author" if label["author"] else "editor", names))
    for role, names in found:
        if role == "source":
            if len(names[0].split()) > 5:
                return False
            credits.source = credits.source or _credit(names[0])
        else:
            (credits.authors if role == "author" else credits.editors).extend(names)
    return True


def _take_credit(text: str, credits: _Credits, rules: Rules) -> bool:
    """Reads "Sumber: ANTARA", "(ANTARA)", "Artikel ini telah tayang di X", "(ADV)" on a line of its own."""
    if match := _CREDIT_LINE.fullmatch(text):
        credits.source = credits.source or _credit(match["name"])
        return True
    if match := _APPEARED.fullmatch(text):
        if match["name"] and "." in match["name"]:
            credits.source = credits.source or match["name"]
        return True
    if _ADVERTORIAL_LINE.fullmatch(text):
        credits.is_advertorial = True
        return True
    return False


_NO_CREDIT = re.compile(
    r"(?:liputan|redaksi|tim|humas|istimewa|ist|wawancara|dokumentasi|dok|internet|rilis|berbagai sumber|diolah)\b",
    re.IGNORECASE,
)


def _credit(name: str) -> str | None:
    """The source that a credit names; null for what names none ("Liputan", "Berbagai sumber")."""
    name = name.strip(" .|/-")
    return (
        None
        if not name or _NO_CREDIT.match(name)
        else "ANTARA"
        if name.lower() in ("antara", "antaranews")
        else name
    )


_TEAMS = re.compile(r"(?:tim|redaksi|humas|diskominfo|dinas|kantor|antara|biro|sekretariat)\b", re.IGNORECASE)
_ACCOUNTS = frozenset(
    [
        "admin",
        "administrator",
        "superadmin",
        "author",
        "penulis",
        "root",
        "user",
        "webmaster",
        "editor",
        "wartawan",
        "reporter",
        "redaktur",
        "uploader",
    ]
)


def people(value: str) -> tuple[str, ...]:
    """The names in a byline's value; empty where it holds none or a sentence.

    Accounts ("admin") are no names; teams ("Tim Redaksi") and agencies are.
    """
    names: list[str] = []
    for piece in _NAME_SEPARATOR.split(fold(value).strip(" .|/-\u2013")):
        name = re.sub(
            r"^(?:oleh|by|penulis|editor|reporter|pewarta)\s*:?\s+",
            "",
            piece.strip(" .|-\u2013()*"),
            flags=re.IGNORECASE,
        )
        if not name or name.lower() in _ACCOUNTS or name.lower().startswith("admin "):
            continue
        if names and _TITLES.fullmatch(piece.strip()):
            continue  # a degree behind the comma
        if not _PERSON.fullmatch(name) or len(name.split()) > 6:
            return ()
        if (
            len(name.split()) > 2
            and not _TEAMS.match(name)
            and not any(word[0].isupper() for word in name.split()[1:])
        ):
            return ()
        names.append(name)
    return tuple(dict.fromkeys(names))


# --- the end of the story -------------------------------------------------------------------------


def _cut_tail(paragraphs: list[str], rules: Rules, credits: _Credits) -> list[str]:
    """Cuts marks off the last paragraph, as often as there are some: "... (ANTARA) (ADV) (*)"."""
    paragraphs = list(paragraphs)
    while paragraphs:
        last = paragraphs[-1]
        cut = last
        if match := _ADVERTORIAL.search(last):
            credits.is_advertorial = True
            credits.sponsor = credits.sponsor or _sponsor(match["sponsor"])
            cut = last[: match.start()]
        elif match := _AGENCY_END.search(last):
            credits.source = credits.source or (
                "ANTARA" if match["name"].lower().startswith("ant") else match["name"]
            )
            cut = last[: match.start()]
        elif match := _INITIALS.search(last) or _STARS.search(last):
            cut = last[: match.start()]
        elif len(paragraphs) > 1 and _NAMED_END.fullmatch(last):
            cut = ""
        if cut == last:
            break
        paragraphs[-1] = cut.rstrip()
        if not re.search(r"\w", paragraphs[-1]):
            del paragraphs[-1]
    # Two stories pasted into one: the mark of the first stands inside.
    for at, paragraph in enumerate(paragraphs):
        if match := _ADVERTORIAL.search(paragraph):
            credits.is_advertorial = True
            credits.sponsor = credits.sponsor or _sponsor(match["sponsor"])
            paragraphs[at] = paragraph[: match.start()].rstrip()
        elif match := re.search(r"\s*\(\*+\)$", paragraph):
            paragraphs[at] = paragraph[: match.start()].rstrip()
    return paragraphs


def _is_tag_list(line: str, tags: Sequence[str]) -> bool:
    """Whether a line is made of tags and nothing else."""
    rest = _plain(line)
    for tag in sorted({_plain(tag) for tag in tags} - {""}, key=len, reverse=True):
        rest = rest.replace(tag, "")
    return not rest


def _sponsor(text: str | None) -> str | None:
    """Who paid; null for initials: up to three letters may be anybody's."""
    name = fold((text or "").split("/")[0]).strip(" .*-")
    return name if len(name) > 3 and not name.isdigit() else None


# --- the dateline ---------------------------------------------------------------------------------

_BRAND_SHAPE = r"[A-Za-z][\w-]*(?:\.[A-Za-z][\w-]*)*\.(?:com|co|id|net|news|org|info|tv|asia|media)(?:\.id)?|detikcom|VIVA|JPNN|GATRA"
_DASH = r"\s*(?P<dash>-{1,2}|[\u2013\u2014\u2015:|])\s*"
_DASH_END = re.compile(r"[-\u2013\u2014]$")
_PLACE = r"[A-Z][\w.'\u2019/]*(?:[ -][A-Z(][\w.'\u2019/)]*){0,4}"
_DATE_IN_DATELINE = r"(?:\s*,?\s*\(?\d{1,2}[ /]\w+[ /]?\d{0,4}\)?)?"


def cut_dateline(paragraph: str, rules: Rules) -> tuple[str | None, str, str | None]:
    """The place a paragraph opens with, the paragraph without its dateline, and the agency it names.

    The place is in title case. (null, paragraph, null) where there is no dateline.
    """
    brands = "|".join(
        [*(re.escape(brand) for brand in sorted(rules.brands, key=len, reverse=True)), _BRAND_SHAPE]
    )
    brand = rf"(?P<{{name}}>(?i:{brands}))"
    agency = r"(?:\s*[(\[](?P<agency>ANTARA(?:\s?News)?(?:[ /][^()]{0,30})?|Antara)[)\]])"
    forms = (
        # BRAND, PLACE - | BRAND - | BRAND | PLACE -
        rf"\W{{0,2}}{brand.format(name='brand')}(?:\s*[,|\u2013-]?\s*(?P<place>{_PLACE}){_DATE_IN_DATELINE})?{agency}?{_DASH}",
        # PLACE, BRAND - | PLACE (ANTARA) - | PLACE (BRAND) -
        rf"(?P<place>{_PLACE})(?:\s*[,|]\s*|\s+|\s*\()(?:{brand.format(name='brand')})\)?{_DASH}",
        rf"(?P<place>{_PLACE})?{_DATE_IN_DATELINE}{agency}{_DASH}",
        # PLACE, Some Outlet -
        rf"(?P<place>{_PLACE}),\s*(?P<outlet>[A-Z]\w+(?: [A-Z]\w+){{0,2}}){_DASH}",
        # PLACE -
        rf"(?P<place>{_PLACE}){_DATE_IN_DATELINE}{_DASH}",
    )
    for number, form in enumerate(forms):
        match = re.match(form, paragraph)
        if match is None:
            continue
        parts = match.groupdict()
        rest = paragraph[match.end() :]
        place, dash = parts.get("place"), parts["dash"]
        glued = not match[0][-1:].isspace()
        if number < 3:
            if not rest or (dash in ":|" and number == 0 and place is None and not parts["brand"]):
                continue
            if glued and dash == "-" and not parts.get("agency") and place is None:
                continue
            name = _agency_name(parts.get("agency"))
            return _title_case(place), rest, name
        if glued and dash == "-" and not (place or "").isupper():
            continue
        if parts.get("outlet"):
            if place and places.is_place(place) and not places.is_place(parts["outlet"]) and dash not in ":|":
                return _title_case(place), rest, None
            continue
        if place and rest and _AGENCY.fullmatch(place):
            return None, rest, "ANTARA"
        if place and rest and _is_dateline(place, dash, rest):
            return _title_case(place), rest, None
    return None, paragraph, None


def _is_dateline(place: str, dash: str, rest: str) -> bool:
    """Whether words before a dash are where the story was filed, and not how its first sentence begins."""
    words = place.split()
    known = places.is_place(place)
    if dash in ":|":
        return known and (place.isupper() or dash == "|")
    if places.is_place(re.split(r"[\s,.]", rest, maxsplit=1)[0]) and not place.isupper():
        return False  # "Balikpapan - Samarinda": a road
    if known:
        return True
    if not rest[:1].isupper() and rest[:1] not in "\u201c\"'\u2018":
        return False
    # An unknown name in capitals is a place where it reads like one: "DPRD" and "BUMN" do not.
    return place.isupper() and len(words) <= 3 and len(place) > 4 and len(re.findall("[AEIOU]", place)) > 1


def _agency_name(text: str | None) -> str | None:
    return None if text is None else "ANTARA" if text.lower().startswith("antara") else fold(text)


_UPPER_PLACES = frozenset({"DKI", "DIY", "IKN", "NTT", "NTB"})


def _title_case(place: str | None) -> str | None:
    """The place as one writes it: `Bontang`, `Tanjung Redeb`, `IKN`; null where there is none."""
    if not place:
        return None
    return " ".join(
        word
        if word.upper() in _UPPER_PLACES and word.isupper()
        else "-".join(part[:1].upper() + part[1:].lower() for part in word.split("-"))
        for word in fold(place).strip(" ,.-").split()
    )


def _is_own(source: str, rules: Rules) -> bool:
    """Whether a credit names the outlet itself."""
    name = _plain(source)
    return any(
        name and (name in _plain(brand) or _plain(brand) in name) for brand in (*rules.brands, rules.source)
    )


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower()


def _same_words(a: str, b: str) -> bool:
    return _plain(a) == _plain(b) != ""
