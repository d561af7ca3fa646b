"""Line rules: removes lines that are no part of the story, and keeps what they say as facts.

Works on blocks, whether they come from a page, a REST answer or a plain text. trafilatura and its
peers leave every one of these lines in; none of them has an Indonesian rule. A rule cuts a line of a
known form, or a known tail of a line; it never eats a sentence: a paragraph that merely mentions
"baca juga" stays. `pipelines.body.noise` has removed containers with known names before.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from pipelines.article import Notice
from pipelines.lines import bylines, dateline, junk
from pipelines.lines.bylines import Credits
from pipelines.page.blocks import Block
from pipelines.page.tree import fold, letters
from pipelines.rules import Rules


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The paragraphs of a story, and what the lines around it said. Null: no line said it."""

    paragraphs: tuple[str, ...]
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


def clean(
    blocks: Sequence[Block],
    rules: Rules,
    title: str | None = None,
    *,
    asides: Sequence[Block] = (),
    names: Sequence[str] = (),
    tags: Sequence[str] = (),
) -> Cleaned:
    """The story in the blocks.

    `title`: removed where it is repeated above the body. `asides`: lines removed with the page's furniture,
    read for bylines only. `names` (of people, of the section): removed where one stands alone above the
    story, or one of the authors below it. `tags`: removed where a list of them stands below it.
    """
    credits = Credits()
    for aside in asides:
        bylines.take(aside.text, credits)
    kept = _without_junk(_without_pointers(_without_ends(blocks)), rules, credits)
    kept = _without_last_headings(kept)
    paragraphs = _without_headings([block.text for block in kept], [title or "", *names])
    while paragraphs and _is_tag_list(paragraphs[-1], tags):
        del paragraphs[-1]
    paragraphs = _without_signature(_cut_marks(paragraphs, credits), names, credits)
    first = _first_of_story(paragraphs, {block.text for block in kept if block.kind == "lead"}, rules)
    above, paragraphs = paragraphs[:first], paragraphs[first:]
    opening = _opening(paragraphs, rules)
    if re.fullmatch(_PAID_WORDS, opening.place or "", re.IGNORECASE):  # "ADVERTORIAL \u2013 Warga \u2026"
        credits.is_advertorial, opening = True, replace(opening, place=None)
    paragraphs = [paragraph for paragraph in (*above, opening.text, *paragraphs[1:]) if paragraph]
    source = credits.source or opening.agency or _adapted_from(paragraphs)
    return Cleaned(
        paragraphs=tuple(paragraphs),
        authors=_persons(credits.authors, rules),
        editors=_persons(credits.editors, rules),
        dateline=opening.place,
        credited_source=None if source is None or _is_own(source, rules) else source,
        is_advertorial=credits.is_advertorial,
        sponsor=credits.sponsor,
        notice=notice_of(title) or notice_of(opening.text),
    )


_STORY = r"(?:berita|pemberitaan|artikel)"
_FORMS: tuple[tuple[Notice, str, str], ...] = (
    ("hak_jawab", r"(?:surat\s+)?hak\s+jawab\b", r"hak\s+jawab"),
    (
        "pencabutan",
        rf"(?:redaksi\s+)?(?:pencabutan|(?:men)?cabut)\s*:?\s+{_STORY}\b|{_STORY}\s+(?:ini\s+)?dicabut\b",
        rf"dicabut|pencabutan(?:\s+{_STORY})?",
    ),
    ("ralat", rf"ralat(?:\s*(?:[:,)\]\u2013\u2014-]|$)|\s+(?:atas|judul|foto|redaksi|{_STORY})\b)", "ralat"),
    (
        "koreksi",
        rf"hak\s+koreksi\b|koreksi(?:\s*(?:[:)\]]|$)|\s+(?:(?:atas\s+)?{_STORY}|redaksi|dan\s+permintaan\s+maaf)\b)",
        "koreksi",
    ),
)
"""Notice, how it opens, and how it stands in brackets at a title's end."""
_NOTICES = tuple(
    (name, re.compile(rf"\W*(?:{opens})|.*[(\[]\s*(?:{alone})\s*[)\]]\W*$", re.IGNORECASE))
    for name, opens, alone in _FORMS
)


def notice_of(text: str | None) -> Notice | None:
    """What kind of notice a title or an opening declares; null for a story."""
    return next((name for name, pattern in _NOTICES if pattern.match(text or "")), None)


_PHOTO_CREDIT = re.compile(
    r"\s*(?:\(?\b(?:ANTARA )?FOTO\s*[/:].{2,60}|[(\[]\s*(?:foto|dok(?:umentasi)?|ist(?:imewa)?|sumber)\b[^()]{0,60}[)\]])\s*\.?$"
)


def caption(captions: Sequence[str]) -> str:
    """The longest caption, which is the whole story of a photo page, without the photographer's credit."""
    longest = max(captions, key=len)
    return _PHOTO_CREDIT.sub("", longest) or longest


# --- whole lines ----------------------------------------------------------------------------------

MAX_TITLES_BELOW = 3
"""So many titles follow a lone "Baca Juga:"."""


def _without_pointers(blocks: Sequence[Block]) -> list[Block]:
    """The blocks less those that lead to other stories, with the titles that follow a bare pointer."""
    kept: list[Block] = []
    below = 0
    linked = False
    labels: list[int] = []
    """Where a label stands whose links have left."""
    for block in blocks:
        if junk.points_below(block.text):
            below, linked = MAX_TITLES_BELOW, False
            continue
        if junk.points_away(block.text, block.links):
            below = 0
            continue
        is_title = junk.is_headline(block.text)
        if block.links > 0.9 and (below or is_title or block.kind == "item" or _leads_away(block)):
            # A title that is a link and nothing else leads to another story, marked or not.
            below, linked = max(0, below - 1), True
            if kept and _is_label(kept[-1]):
                labels.append(len(kept) - 1)
            continue
        if below and is_title and not linked and block.kind != "heading":
            below -= 1
            continue
        below = 0
        kept.append(block.with_text(junk.cut_pointer(block.text)))
    listed = ("item", "row")
    left = {at for at in labels if at + 1 == len(kept) or kept[at + 1].kind not in listed}
    return [block for at, block in enumerate(kept) if at not in left]


def _leads_away(block: Block) -> bool:
    """Whether a paragraph that is one link is a title: of a title's length, and no sentence."""
    is_title = len(block.text) in TITLE_CHARS and not _ENDS_SENTENCE.search(block.text)
    return is_title and block.kind == "paragraph"


TITLE_CHARS = range(20, 161)


def _is_label(block: Block) -> bool:
    """Whether a line announces what follows: a few words and a colon or a question mark, whatever the language."""
    return len(block.text) <= MAX_LABEL_CHARS and block.text.endswith((":", "?"))


MAX_LABEL_CHARS = 50


def _without_last_headings(blocks: list[Block]) -> list[Block]:
    """The blocks up to the last that is told: a heading with nothing below it opens what has left."""
    tells = (at for at in range(len(blocks) - 1, -1, -1) if not _opens_nothing(blocks[at]))
    return blocks[: next(tells, len(blocks) - 1) + 1]


def _opens_nothing(block: Block) -> bool:
    is_heading = block.kind == "heading" and not _ENDS_SENTENCE.search(block.text)
    return is_heading or (len(block.text) <= MAX_LABEL_CHARS and block.text.endswith(":"))


def _without_ends(blocks: Sequence[Block]) -> Sequence[Block]:
    """The blocks up to the line that opens the page's furniture, and the bylines below it."""
    # What follows must look like furniture; a story does not go on in links and headlines.
    tells = (at for at in range(len(blocks) - 1, -1, -1) if not _may_be_furniture(blocks[at]))
    last = next(tells, -1)
    seen = 0
    for at, block in enumerate(blocks):
        if seen > 200 and at >= last and junk.opens_furniture(block.text):
            return [*blocks[:at], *(b for b in blocks[at + 1 :] if bylines.is_byline(b.text))]
        seen += len(block.text)
    return blocks


def _may_be_furniture(block: Block) -> bool:
    return block.links > 0.5 or len(block.text) < 160 or junk.is_headline(block.text)


# How the offices that buy stories are called: initials and surnames beside "ADV" may be anybody's.
_OFFICE = (
    r"dis(?:kominfo|pora|dik|dikbud|bud|par|hub|nak|perin)\w*|dinas|dprd|pem(?:kab|kot|prov|da|erintah)\w*|kominfo|kpu|bawaslu"
    r"|humas|setda|sekretariat|prokompim|adpim|bappeda|bapenda|bpbd|rsud|pdam|perumda|kecamatan|kelurahan|polres|pt"
)
# "(vyp/kna)" on a line of its own: who keyed the story in. It ends the story.
_KEYED_IN = re.compile(r"[(\[](?!\*)(?:[A-Za-z*]{1,7}\s*/\s*)+[A-Za-z*]{1,7}[)\]]\s*(?P<rest>.*)")
_ENDS_SENTENCE = re.compile(r"[.!?][\"'\u201d\u2019)]*$")
_PAID_LINE = re.compile(
    rf"\W*(?:adv|advertorial|pariwara|infotorial)\W*(?P<sponsor>(?:{_OFFICE})\b[^.]{{0,40}}?)?\W*",
    re.IGNORECASE,
)


def _without_junk(blocks: list[Block], rules: Rules, credits: Credits) -> list[Block]:
    dropped = [re.compile(pattern, re.IGNORECASE) for pattern in rules.drop_lines]
    kept: list[Block] = []
    is_above = True
    last = next((at for at in range(len(blocks) - 1, -1, -1) if _is_sentence(blocks[at])), -1)
    for at, block in enumerate(blocks):
        text = block.text
        if any(pattern.search(text) for pattern in dropped):
            continue
        if paid := _PAID_LINE.fullmatch(text):
            credits.is_advertorial = True
            credits.sponsor = credits.sponsor or _sponsor(paid["sponsor"])
            continue
        if at < len(blocks) - 1 and ((is_above and junk.is_caption(text)) or junk.is_credited_caption(text)):
            continue
        if bylines.is_byline(text):
            text = _cut_paid(text, _PAID_INSIDE, credits)
        if bylines.take(text, credits) or junk.is_junk(text):
            continue
        if (mark := _KEYED_IN.fullmatch(text)) and (not mark["rest"] or junk.is_junk(mark["rest"])):
            _cut_mark(f". {text[: mark.start('rest')].rstrip()}", credits)
            if at >= last:
                break
            continue
        kept.append(block.with_text(bylines.cut_glued(text, credits)))
        is_above = is_above and not _ENDS_SENTENCE.search(kept[-1].text)
    return _without_edge_days(kept)


def _is_sentence(block: Block) -> bool:
    return len(block.text) >= 100 or _ENDS_SENTENCE.search(block.text) is not None


MIN_PROSE_CHARS = 200


def _without_edge_days(blocks: list[Block]) -> list[Block]:
    """The blocks without the days above the first sentence and at the end: inside a story a day is a subhead."""
    prose = (
        at
        for at, block in enumerate(blocks)
        if _ENDS_SENTENCE.search(block.text) or len(block.text) > MIN_PROSE_CHARS
    )
    first = next(prose, len(blocks))
    last = max((at for at, block in enumerate(blocks) if not junk.is_day(block.text)), default=-1)
    return [b for at, b in enumerate(blocks[: last + 1]) if at >= first or not junk.is_day(b.text)]


LINES_ABOVE = 4
"""The title, a name or a section may be repeated within so many lines above the story."""


def _without_headings(paragraphs: list[str], known: Sequence[str]) -> list[str]:
    above = {letters(text) for text in known} - {""}
    return [text for at, text in enumerate(paragraphs) if at >= LINES_ABOVE or letters(text) not in above]


def _is_tag_list(line: str, tags: Sequence[str]) -> bool:
    """Whether a line is made of tags and nothing else."""
    rest = letters(line) if tags else line
    for tag in sorted({letters(tag) for tag in tags} - {""}, key=len, reverse=True):
        rest = rest.replace(tag, "")
    return not rest


# --- the end of the story -------------------------------------------------------------------------

_PAID_WORDS = r"adv|advertorial|advetorial|pariwara|infotorial"
_PAID = (
    r"\s*[(\[]\s*(?:[\w*.-]{{1,15}}\s*[/|]\s*){{0,2}}(?:{words})\d{{0,3}}\b[\s./|:\u2013-]*(?P<sponsor>[^()\[\]]{{0,60}}?)\s*[)\]]"
    r"(?:\s*/\s*\w{{1,8}})?\s*\.?$"
)
_PAID_INSIDE = re.compile(_PAID.format(words=_PAID_WORDS), re.IGNORECASE)
_PAID_AT_END = re.compile(_PAID.format(words=rf"{_PAID_WORDS}|iklan|kerja\s?sama|sponsored"), re.IGNORECASE)
# "(Diskominfo Kukar/Adv)"
_PAID_BEHIND = re.compile(
    rf"\s*[(\[]\s*(?P<sponsor>[^()\[\]/]{{2,50}}?)\s*/\s*(?:{_PAID_WORDS})\d{{0,3}}\s*[)\]]\s*\.?$",
    re.IGNORECASE,
)
_PAID_BARE = re.compile(
    r"(?<=[.!?\"\u201d])\s*(?:[-*/#]*\s*(?:ADV|ADVERTORIAL|Advertorial)|[-*/#]+\s*[Aa]dv)[-*]*$"
)
_AGENCY_AT_END = re.compile(
    r"\s*[(\[](?P<name>ANTARA|Antara|ANTARA News|Ant)(?:\s*/[^()]{0,30})?[)\]]\s*\.?$"
    r"|(?<=[.!?\"\u201d\u2019)])\s*[(\[](?:\w{1,8}\s*/\s*){0,2}(?i:antara|ant)(?:\s*/[^()]{0,30})?[)\]]\s*\.?$"
)
# "(*)", "(wal/boy)", "(ak/ko)", "(*/X-13)", "[E-2]", "(red)": who keyed it in. Never a year, never words.
# Behind an open sentence only stars and small letters: "(PDIP/PKB).", "(B3)" belong to it.
_FINISHED = r"(?<=[.!?\"'\u201d\u2019)])\s*[*#]{0,3}\s*"
_KEYED_MARKS = (
    re.compile(r"\s*[(\[]\s*(?:\*+|\*(?:\s*/\s*[\w-]{1,8}){1,4}|\*\s*/\s*[A-Za-z]-?\d{1,2})\s*[)\]]\s*\.?$"),
    re.compile(r"\s*[(\[]\s*[a-z]{1,4}(?:\s*[/&,+]\s*[a-z*]{1,4}){1,3}\s*[)\]]$"),
    re.compile(rf"{_FINISHED}[(\[]\s*[A-Za-z]{{1,8}}(?:\s*[/&,+]\s*[A-Za-z*]{{1,12}}){{1,3}}\s*[)\]]\s*\.?$"),
    re.compile(rf"{_FINISHED}[(\[]\s*[a-z]{{2,5}}(?:\d{{0,2}}|-[a-z]{{2,5}})\.?\s*[)\]]\s*\.?$"),
    re.compile(rf"{_FINISHED}[(\[]\s*[A-Za-z]{{1,3}}-?\d{{1,2}}\s*[)\]]\s*\.?$"),
    # A first name, or two capitals; what three or more stand for is a source: "(BPS)".
    re.compile(
        rf"{_FINISHED}[(\[]\s*(?!Bersambung|Selesai|Habis|Tamat)(?:[A-Z][a-z]{{1,9}}|[A-Z]{{2}}|RED|redaksi)\.?\s*[)\]]\s*\.?$"
    ),
    re.compile(r"(?<=[.!?\"\u201d\u2019])\s*(?:\*{0,3}//?|~|\||-{1,2})\s*[a-z]{2,4}-?$"),
    re.compile(rf"{_FINISHED}[(\[]\s*[A-Z][\w. ]{{2,30}}/\s*[a-z]{{2,5}}\s*[)\]]\s*\.?$"),
    re.compile(r"\s*[*#]{1,3}$"),
)
# A whole name on a line of its own: "(Rudi Hartono)", "[Rudi Hartono]", "*(Rudi Hartono)", "(*/Rudi Hartono)".
_SIGNED_AT_END = re.compile(
    r"[*#]{0,3}[(\[]\s*(?:\*+\s*/\s*)?(?P<name>[A-Z][\w.'\u2019]*(?: [A-Z][\w.'\u2019]*){1,3})\s*[)\]]\W*"
)
# The same on a line of its own, where nothing else can be meant: "(Andi)", "[RED]", "(KN-01)", "-rd-".
_NAME_AT_END = re.compile(
    rf"{_SIGNED_AT_END.pattern}"
    r"|[*#]{0,3}[(\[]\s*(?![\d\s]*[)\]])[\w*.-]{1,12}(?:\s*[/&,+|]\s*[\w*.-]{1,12}){0,3}\s*[)\]][\W_]*"
    r"|[(\[][\w. ]{2,30}/\s*\w{1,12}[)\]]|[-/~]{1,2}\s*(?:[a-z]{2,4}|Red|RED)\s*-?"
    r"|\*{1,3}\s*/\s*[A-Za-z]{1,8}|[A-Za-z]{1,8}\s*/\*{0,3}|(?i:(?:tim )?redaksi|red)"
)
_STAR_INSIDE = re.compile(r"\s*\(\*+\)$")


MAX_MARKS = 50
"""So many marks at most stand at the end of a story, on lines of their own or not."""


def _cut_marks(paragraphs: list[str], credits: Credits) -> list[str]:
    """Cuts marks off the last paragraph, as often as there are some: "... (ANTARA) (ADV) (*)"."""
    for _ in range(MAX_MARKS):
        if not paragraphs:
            break
        last = paragraphs[-1]
        cut = _cut_mark(last if len(paragraphs) == 1 or not _is_mark(last) else f". {last}", credits)
        cut = "" if cut == "." else cut.removeprefix(". ")
        if len(paragraphs) > 1 and _NAME_AT_END.fullmatch(cut):
            _take_name(cut, credits)
            cut = ""
        if cut == last:
            break
        paragraphs = [*paragraphs[:-1], cut] if re.search(r"\w", cut) else paragraphs[:-1]
    # Two stories pasted into one: the mark of the first stands inside.
    return [_STAR_INSIDE.sub("", _cut_paid(paragraph, _PAID_INSIDE, credits)) for paragraph in paragraphs]


def _take_name(line: str, credits: Credits) -> None:
    """Take the person who signs below a story; an office or an outlet in brackets is none."""
    signed = _SIGNED_AT_END.fullmatch(line)
    if credits.authors or signed is None:
        return
    name = signed["name"]
    if dateline.may_be_person(name.upper()) and not re.match(rf"(?:{_OFFICE})\b", name, re.IGNORECASE):
        credits.authors.extend(bylines.people(name.title() if name.isupper() else name))


def _is_mark(line: str) -> bool:
    return len(line) < 80 and re.match(r"[(\[*/]", line) is not None


def _cut_mark(paragraph: str, credits: Credits) -> str:
    """The paragraph without the mark at its end, whose meaning goes into `credits`; unchanged where there is no mark."""
    cut = paragraph
    for pattern in (_PAID_AT_END, _PAID_BEHIND, _PAID_BARE):
        if cut == paragraph:
            cut = _cut_paid(paragraph, pattern, credits)
    if cut == paragraph and (agency := _AGENCY_AT_END.search(paragraph, _tail(paragraph))):
        credits.source = credits.source or "ANTARA"
        cut = paragraph[: agency.start()]
    for pattern in _KEYED_MARKS:
        if cut == paragraph and (mark := pattern.search(paragraph, _tail(paragraph))):
            cut = paragraph[: mark.start()]
    return cut.rstrip()


MAX_MARK_CHARS = 250


def _tail(paragraph: str) -> int:
    """Where the end of a paragraph begins that may be a mark."""
    return max(0, len(paragraph) - MAX_MARK_CHARS)


def _cut_paid(paragraph: str, pattern: re.Pattern[str], credits: Credits) -> str:
    match = pattern.search(paragraph, _tail(paragraph))
    if match is None:
        return paragraph
    credits.is_advertorial = True
    sponsor = match.groupdict().get("sponsor")
    if pattern is not _PAID_BEHIND or re.match(rf"(?:{_OFFICE})\b", sponsor or "", re.IGNORECASE):
        credits.sponsor = credits.sponsor or _sponsor(sponsor)
    return paragraph[: match.start()].rstrip()


def _sponsor(text: str | None) -> str | None:
    """Who paid; null for up to three letters, which may be anybody's initials. A number before the name numbers the order."""
    names = [fold(piece).strip(" .*-") for piece in (text or "").split("/")]
    name = next((name for name in names if name and not name.isdigit()), "")
    return name if len(name) > 3 else None


_CAPITALS = re.compile(r"[A-Z][A-Z'\u2019]+(?: [A-Z][A-Z'\u2019.]*){1,3}")


def _without_signature(paragraphs: list[str], names: Sequence[str], credits: Credits) -> list[str]:
    """The paragraphs without the author's name that stands alone on the last line: in capitals, or known otherwise."""
    if len(paragraphs) < 2 or not _ENDS_SENTENCE.search(paragraphs[-2]):
        return paragraphs
    line = paragraphs[-1].strip(" .*-\u2013\u2014")
    if letters(line) in {letters(name) for name in names} - {""}:
        return paragraphs[:-1]
    if not _CAPITALS.fullmatch(line) or not dateline.may_be_person(line):
        return paragraphs
    credits.authors.extend(bylines.people(line.title()))
    return paragraphs[:-1]


# --- the beginning --------------------------------------------------------------------------------

_ADAPTED = re.compile(
    r"\bdisadur dari\s+(?P<name>[\w.-]+?\w)\s*(?:--|[\u2013\u2014])\s*Jaringan Suara\.com", re.IGNORECASE
)


def _first_of_story(paragraphs: Sequence[str], leads: Collection[str], rules: Rules) -> int:
    """Where the paragraph stands that may open with a dateline: a lead that does, else the first below the leads."""
    for at, paragraph in enumerate(paragraphs):
        if paragraph not in leads or dateline.part(paragraph, rules.brands).place:
            return at
    return 0


CAPTIONS_ABOVE = 2
MAX_CAPTION_CHARS = 250
"""So many lines at most, each so long at most, are a picture's when they stand above an outlet's dateline."""


def _opening(paragraphs: list[str], rules: Rules) -> dateline.Opening:
    """The first paragraph without its dateline, which may stand on a line of its own above it."""
    if not paragraphs:
        return dateline.Opening("")
    del paragraphs[: _captions_above(paragraphs, rules)]
    if len(paragraphs) > 1 and dateline.is_lone(paragraphs[0]):
        joined = dateline.part(f"{paragraphs[0]} {paragraphs[1]}", rules.brands)
        if joined.text == paragraphs[1]:
            del paragraphs[0]
            return joined
    if len(paragraphs) > 1 and len(paragraphs[0]) <= MAX_LABEL_CHARS:
        # "KABARKU.CO, BONTANG" without a sign: the break of the line is one.
        joined = dateline.part(f"{paragraphs[0]} \u2013 {paragraphs[1]}", rules.brands)
        if joined.text == paragraphs[1] and joined.place and joined.is_signed:
            del paragraphs[0]
            return joined
    return dateline.part(paragraphs[0], rules.brands)


def _captions_above(paragraphs: Sequence[str], rules: Rules) -> int:
    """How many lines stand above the only one of the first that an outlet signs, each no longer than a picture's."""
    if len(paragraphs[0]) > MAX_CAPTION_CHARS:
        return 0
    signed = [dateline.part(line, rules.brands).is_signed for line in paragraphs[: CAPTIONS_ABOVE + 1]]
    above = signed.index(True) if signed.count(True) == 1 else 0
    return above if all(len(line) <= MAX_CAPTION_CHARS for line in paragraphs[:above]) else 0


def _adapted_from(paragraphs: Sequence[str]) -> str | None:
    """The outlet that a sentence of the story says it was adapted from."""
    return next((match["name"] for text in paragraphs if (match := _ADAPTED.search(text))), None)


def _persons(names: Sequence[str], rules: Rules) -> tuple[str, ...]:
    """The names without the outlet's own."""
    own = {letters(brand) for brand in (*rules.brands, rules.source)}
    return tuple(dict.fromkeys(name for name in names if letters(name) not in own))


def _is_own(source: str, rules: Rules) -> bool:
    """Whether a credit names the outlet itself."""
    name = letters(source)
    own = [letters(brand) for brand in (*rules.brands, rules.source)]
    return any(name and brand and (name in brand or brand in name) for brand in own)
