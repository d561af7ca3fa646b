"""Every word that a digest says of its own, in one table a language, and how it writes days and times.

No other module of the digest has a word of a language in it. What outlets wrote stays as they wrote it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime

from crawler.digest.model import Change, DayGap, Digest, Hole, Item, Topic, Uncorrected
from crawler.web.language import LOCALES, Language
from crawler.web.names import incident_name
from storage.calendar import QUIET_DAYS, stages


@dataclass(frozen=True, slots=True)
class Words:
    """A language. In braces stands what is put in."""

    language: Language
    title: str
    time: str
    """Pattern of a time of the day, as babel has it."""
    span: str
    ad_hoc: str
    first: str
    stepped_back: str
    counts: str
    counts_all: str
    elsewhere: str
    no_names: str
    nothing: str
    nothing_on: str
    everything: str
    kinds: Mapping[str, str]
    """Of topics."""
    heading_new: str
    heading_changed: str
    heading_uncorrected: str
    heading_holes: str
    advertorial: str
    paid_by: str
    quiet_days: str
    late: str
    reserved: str
    heeded: str
    notices: Mapping[str, str]
    withdrawn: str
    copy_of: str
    also_one: str
    also: str
    as_under: str
    no_title: str
    no_date: str
    found: str
    edited: str
    edits: Mapping[str, str]
    """By `edit_kind`, and ""."""
    gone: str
    back: str
    before: str
    after: str
    added: str
    removed: str
    more: str
    uncorrected: str
    standing: str
    all_collected: str
    never: str
    unseen: str
    whole_span: str
    silent: str
    heading_gaps: str
    gap: str
    gap_left: str
    left: str
    days: str
    troubles: str
    machine: str
    since: str
    holes_short: str
    holes_none: str
    mark_edit: str
    mark_gone: str
    mark_back: str
    mark_uncorrected: str
    articles: str
    footer: str
    outlets: str


ID: Final = Words(
    language="id",
    title="Kliping",
    time="HH.mm",
    span="{since} sampai {until}",
    ad_hoc="Ditanyakan dengan --since: tidak menggeser batas kliping berikutnya.",
    first="Kliping pertama dari daftar ini.",
    stepped_back="Jam mesin dimundurkan sejak kliping sebelumnya; yang pernah disebut mungkin disebut lagi.",
    counts="{named} dari {collected} artikel baru menyebut nama dalam daftar ({outlets} media).",
    counts_all="{collected} artikel baru ({outlets} media).",
    elsewhere="{number} artikel baru dari media di luar pilihan tidak disebut.",
    no_names="Tidak ada daftar tokoh atau istilah, maka semua yang baru disebut. Buat daftar dengan scrapy actors FILE atau --terms FILE.",
    nothing="Tidak ada yang baru.",
    nothing_on="Tanpa berita baru",
    everything="Semua artikel baru",
    kinds={
        "person": "tokoh",
        "party": "partai",
        "office": "jabatan",
        "organisation": "organisasi",
        "term": "istilah",
        "all": "",
    },
    heading_new="Baru",
    heading_changed="Diubah dan ditarik",
    heading_uncorrected="Salinan yang belum dikoreksi",
    heading_holes="Yang tidak terkumpul",
    advertorial="ADVERTORIAL",
    paid_by="dibayar {sponsor}",
    quiet_days="terbit dalam masa tenang",
    late="baru ditemukan {at}",
    reserved="pemakaian dibatasi medianya",
    heeded="{number} artikel baru yang pemakaiannya dibatasi medianya tidak disebut (--heed-notices).",
    notices={"ralat": "ralat", "koreksi": "koreksi", "hak_jawab": "hak jawab", "pencabutan": "pencabutan"},
    withdrawn="ditarik, tidak ada lagi sejak {at}",
    copy_of="salinan dari {outlet}",
    also_one="juga di 1 media: {outlets}",
    also="juga di {number} media: {outlets}",
    as_under="Kutipan sama seperti pada {topic}.",
    no_title="(tanpa judul)",
    no_date="tanpa tanggal, ditemukan {at}",
    found="ditemukan {at}",
    edited="disunting: {what}",
    edits={
        "figure": "angka",
        "name": "nama",
        "quote": "kutipan",
        "title": "judul",
        "date": "tanggal terbit",
        "byline": "nama penulis",
        "wording": "kata-kata",
        "": "isi",
    },
    gone="hilang sejak {at}",
    back="muncul kembali",
    before="semula",
    after="menjadi",
    added="ditambah",
    removed="dihapus",
    more="dan {number} perubahan lain",
    uncorrected="masih memuat yang telah dikoreksi {original} pada {at}",
    standing="{number} salinan yang disebut sebelumnya masih belum dikoreksi.",
    all_collected="Semua media terlihat setiap hari, dan tidak ada artikel yang diketahui hilang.",
    never="Belum pernah dilihat",
    unseen="Tidak dilihat",
    whole_span="seluruh rentang",
    silent="Diam (dilihat, tanpa artikel)",
    heading_gaps="Tidak lengkap",
    gap="{day}: {stored} dari {published} artikel",
    gap_left="{day}: {left} alamat belum terbaca",
    left="{left} belum terbaca",
    days="{number} hari",
    troubles="Gangguan yang belum selesai",
    machine="mesin ini",
    since="sejak {day}",
    holes_short="Tidak lengkap: {number} dari {of} media",
    holes_none="Lengkap: {of} media",
    mark_edit="[Disunting] ",
    mark_gone="[Hilang] ",
    mark_back="[Kembali] ",
    mark_uncorrected="[Belum dikoreksi] ",
    articles="artikel",
    footer="Dibuat oleh Kabar dari news.duckdb. Kutipan adalah kata-kata media masing-masing.",
    outlets="media",
)

EN: Final = Words(
    language="en",
    title="Clipping",
    time="HH:mm",
    span="{since} to {until}",
    ad_hoc="Asked for with --since: the next clipping begins where it would have begun.",
    first="The first clipping of this list.",
    stepped_back="The clock was set back since the clipping before; what that told may be told again.",
    counts="{named} of {collected} new articles name somebody on the list ({outlets} outlets).",
    counts_all="{collected} new articles ({outlets} outlets).",
    elsewhere="{number} new articles of outlets that are not followed are left out.",
    no_names="No list of actors and no terms: everything new is told. scrapy actors FILE or --terms FILE gives names.",
    nothing="Nothing new.",
    nothing_on="Nothing new on",
    everything="All new articles",
    kinds={
        "person": "person",
        "party": "party",
        "office": "office",
        "organisation": "organisation",
        "term": "term",
        "all": "",
    },
    heading_new="New",
    heading_changed="Changed and withdrawn",
    heading_uncorrected="Uncorrected copies",
    heading_holes="What was not collected",
    advertorial="ADVERTORIAL",
    paid_by="paid by {sponsor}",
    quiet_days="published in the quiet days",
    late="found late, {at}",
    reserved="use reserved by the outlet",
    heeded="{number} new articles whose use the outlet reserves are not told (--heed-notices).",
    notices={
        "ralat": "erratum",
        "koreksi": "correction",
        "hak_jawab": "right of reply",
        "pencabutan": "retraction",
    },
    withdrawn="withdrawn since {at}",
    copy_of="a copy from {outlet}",
    also_one="also in 1 outlet: {outlets}",
    also="also in {number} outlets: {outlets}",
    as_under="The same excerpt as under {topic}.",
    no_title="(no title)",
    no_date="no date, found {at}",
    found="found {at}",
    edited="edited: {what}",
    edits={
        "figure": "a figure",
        "name": "a name",
        "quote": "a quotation",
        "title": "the title",
        "date": "the date of publication",
        "byline": "the byline",
        "wording": "wording",
        "": "the text",
    },
    gone="gone since {at}",
    back="back again",
    before="before",
    after="now",
    added="added",
    removed="removed",
    more="and {number} further changes",
    uncorrected="still carries what {original} corrected on {at}",
    standing="{number} copies told before are uncorrected still.",
    all_collected="Every outlet was looked at on every day, and no article is known to be missing.",
    never="Never looked at",
    unseen="Not looked at",
    whole_span="the whole span",
    silent="Silent (looked at, without an article)",
    heading_gaps="Incomplete",
    gap="{day}: {stored} of {published} articles",
    gap_left="{day}: {left} addresses not read yet",
    left="{left} not read yet",
    days="{number} days",
    troubles="Broken still",
    machine="this machine",
    since="since {day}",
    holes_short="Incomplete: {number} of {of} outlets",
    holes_none="Complete: {of} outlets",
    mark_edit="[Edited] ",
    mark_gone="[Gone] ",
    mark_back="[Back] ",
    mark_uncorrected="[Uncorrected] ",
    articles="articles",
    footer="Made by Kabar from news.duckdb. Excerpts are the words of the outlets.",
    outlets="outlets",
)

WORDS: Final[Mapping[str, Words]] = {"id": ID, "en": EN}
MOST_OF_NOTICE: Final = 40
"""Characters of a notice about use that is shown with its words, `noarchive, noai`; of a longer one it is said that it is."""
MOST_DAYS: Final = 7
"""Days of a hole that are named one by one."""


@dataclass(frozen=True)
class Speech:
    """The lines of one digest in one language, as plain text: what each format puts into its own form."""

    digest: Digest
    words: Words

    # --- days and times ----------------------------------------------------------------------------

    def day(self, day: date) -> str:
        """`20 Nov 2024`."""
        return format_date(day, "d MMM y", locale=LOCALES[self.words.language])

    def moment(self, at: datetime, zone: str) -> str:
        """`20 Nov 2024 09.15 WITA`."""
        there = at.astimezone(ZoneInfo(zone))
        shown = format_datetime(there, f"d MMM y {self.words.time}", locale=LOCALES[self.words.language])
        return f"{shown} {_zone_name(there)}"

    @property
    def span(self) -> str:
        """Both ends, with their weekdays."""
        since, until = (self._long(each) for each in (self.digest.since, self.digest.until))
        return self.words.span.format(since=since, until=until)

    def _long(self, at: datetime) -> str:
        there = at.astimezone(ZoneInfo(self.digest.zone))
        shown = format_datetime(
            there, f"EEEE, d MMMM y {self.words.time}", locale=LOCALES[self.words.language]
        )
        return f"{shown} {_zone_name(there)}"

    # --- the head ------------------------------------------------------------------------------------

    @property
    def title(self) -> str:
        """`Kliping, 20 Nov 2024`: of the day on which its span ends."""
        there = self.digest.until.astimezone(ZoneInfo(self.digest.zone))
        return f"{self.words.title}, {self.day(there.date())}"

    @property
    def counts(self) -> str:
        """How many are new, of how many outlets."""
        words = self.words.counts if self.digest.has_names else self.words.counts_all
        return words.format(
            named=self.digest.named, collected=self.digest.collected, outlets=len(self.digest.outlets)
        )

    @property
    def completeness(self) -> str:
        """How many outlets have a hole, of how many."""
        number, of = len(self.digest.holes), len(self.digest.outlets)
        return (self.words.holes_short if number else self.words.holes_none).format(number=number, of=of)

    @property
    def notes(self) -> list[str]:
        """What else is to be known of this digest."""
        digest, words = self.digest, self.words
        notes = []
        if digest.is_ad_hoc:
            notes.append(words.ad_hoc)
        if digest.is_first:
            notes.append(words.first)
        if digest.clock_stepped_back:
            notes.append(words.stepped_back)
        if not digest.has_names:
            notes.append(words.no_names)
        if digest.elsewhere:
            notes.append(words.elsewhere.format(number=digest.elsewhere))
        if digest.reserved:
            notes.append(words.heeded.format(number=digest.reserved))
        return notes

    def topic_name(self, topic: Topic) -> str:
        return self.words.everything if topic.kind == "all" else topic.name

    def topic_kind(self, topic: Topic) -> str:
        return self.words.kinds[topic.kind]

    # --- an item -----------------------------------------------------------------------------------------

    def outlet(self, source: str) -> str:
        return self.digest.title_of(source)

    def headline(self, title: str | None) -> str:
        return title or self.words.no_title

    def when(self, item: Item) -> str:
        """Its time, or its day, in the outlet's zone."""
        zone = self.digest.zone_of(item.source)
        if item.published_at is not None and item.has_time:
            return self.moment(item.published_at, zone)
        if item.published_on is not None:
            return self.day(item.published_on)
        return self.words.no_date.format(at=self.moment(item.found_at, zone))

    def marks(self, item: Item) -> list[str]:
        """What is to be known of an article before it is read: what warns, then that it was found late."""
        return [*self.warnings(item), *self.lateness(item)]

    def lateness(self, item: Item) -> list[str]:
        """That it was found late, where it was."""
        at = self.moment(item.found_at, self.digest.zone_of(item.source))
        return [self.words.late.format(at=at)] if item.is_late else []

    def warnings(self, item: Item) -> list[str]:
        """That it was paid for, corrects another, is not for every use, or was withdrawn."""
        words, zone = self.words, self.digest.zone_of(item.source)
        marks = []
        if item.is_advertorial:
            paid = f" ({words.paid_by.format(sponsor=item.sponsor)})" if item.sponsor else ""
            marks.append(words.advertorial + paid)
            if _is_of_quiet_days(item.published_on):
                marks.append(words.quiet_days)
        if item.notice:
            marks.append(words.notices.get(item.notice, item.notice))
        if item.usage_notice:
            short = len(item.usage_notice) <= MOST_OF_NOTICE
            marks.append(f"{words.reserved}: {item.usage_notice}" if short else words.reserved)
        if item.removed_at:
            marks.append(words.withdrawn.format(at=self.moment(item.removed_at, zone)))
        return marks

    def spread(self, item: Item) -> str | None:
        """Where it was taken from, and who else has it; null: it stands alone."""
        words, parts = self.words, []
        if item.copy_of:
            parts.append(words.copy_of.format(outlet=self.outlet(item.copy_of)))
        if item.also:
            outlets = ", ".join(map(self.outlet, item.also))
            form = words.also_one if len(item.also) == 1 else words.also
            parts.append(form.format(number=len(item.also), outlets=outlets))
        return "; ".join(parts) or None

    def said_before(self, topic: Topic, item: Item) -> str | None:
        """That these sentences stand under another topic above; null: they are to be shown here.

        Names that stand in one sentence, ten parties say, would else repeat it ten times.
        """
        first = self._first_told[item.article_id, item.excerpt.text]
        if first.topic_id == topic.topic_id or not item.excerpt.text:
            return None
        return self.words.as_under.format(topic=self.topic_name(first))

    @cached_property
    def _first_told(self) -> dict[tuple[str, str], Topic]:
        """Article and excerpt → the first topic that they stand under."""
        told: dict[tuple[str, str], Topic] = {}
        for topic in self.digest.topics:
            for item in topic.items:
                told.setdefault((item.article_id, item.excerpt.text), topic)
        return told

    # --- what was done -----------------------------------------------------------------------------------

    def deed(self, change: Change) -> str:
        """What was done to an article, and when it was found."""
        words, at = self.words, self.moment(change.at, self.digest.zone_of(change.source))
        if change.kind == "gone":
            return words.gone.format(at=at)
        found = words.found.format(at=at)
        if change.kind == "back":
            return f"{words.back}, {found}"
        what = words.edits.get(change.edit_kind or "", change.edit_kind or "")
        notice = f", {words.notices.get(change.notice, change.notice)}" if change.notice else ""
        return f"{words.edited.format(what=what)}{notice}, {found}"

    def more(self, change: Change) -> str | None:
        return self.words.more.format(number=change.more) if change.more else None

    def deed_of(self, copy: Uncorrected) -> str:
        """What a copy still carries."""
        day = copy.corrected_at.astimezone(ZoneInfo(self.digest.zone_of(copy.original_source))).date()
        return self.words.uncorrected.format(original=self.outlet(copy.original_source), at=self.day(day))

    @property
    def standing(self) -> str | None:
        number = self.digest.standing_uncorrected
        return self.words.standing.format(number=number) if number else None

    # --- what was not collected --------------------------------------------------------------------------------

    def holes(self) -> list[tuple[str, list[str]]]:
        """What was not collected, by kind: each with its outlets. Empty: all was."""
        words, holes = self.words, self.digest.holes
        whole = self._span_days()
        found = [
            (words.never, [self.outlet(each.source) for each in holes if each.last_look is None]),
            (words.unseen, [self._unseen(each, whole) for each in holes if each.last_look and each.unseen]),
            (words.silent, [self.outlet(each.source) for each in holes if each.is_silent]),
            (words.heading_gaps, [self._gaps(each) for each in holes if each.gaps]),
            (words.troubles, self._troubles()),
        ]
        return [(kind, outlets) for kind, outlets in found if outlets]

    def _span_days(self) -> int:
        zone = ZoneInfo(self.digest.zone)
        since, until = (each.astimezone(zone) for each in (self.digest.since, self.digest.until))
        return max(1, ((until - timedelta(microseconds=1)).date() - since.date()).days + 1)

    def _unseen(self, hole: Hole, whole: int) -> str:
        days = self.words.whole_span if len(hole.unseen) >= whole else self.day_list(hole.unseen)
        return f"{self.outlet(hole.source)} ({days})"

    def day_list(self, days: Sequence[date]) -> str:
        """Days one by one, or how many and between which."""
        if len(days) <= MOST_DAYS:
            return ", ".join(map(self.day, days))
        number = self.words.days.format(number=len(days))
        return f"{number}, {self.day(days[0])} – {self.day(days[-1])}"

    def _gaps(self, hole: Hole) -> str:
        shown = [self.gap(each) for each in hole.gaps[-MOST_DAYS:]]
        more = len(hole.gaps) - len(shown)
        days = f"; + {self.words.days.format(number=more)}" if more else ""
        return f"{self.outlet(hole.source)} ({'; '.join(shown)}{days})"

    def gap(self, gap: DayGap) -> str:
        """What is missing of a day."""
        if gap.published is None or gap.published <= gap.stored:
            return self.words.gap_left.format(day=self.day(gap.day), left=gap.left)
        said = self.words.gap.format(day=self.day(gap.day), stored=gap.stored, published=gap.published)
        return f"{said}, {self.words.left.format(left=gap.left)}" if gap.left else said

    def _troubles(self) -> list[str]:
        return [
            f"{self.outlet(each.source) if each.source else self.words.machine} "
            f"({incident_name(each.kind, self.words.language)} "
            f"{self.words.since.format(day=self.day(each.since.astimezone(ZoneInfo(self._zone(each.source))).date()))})"
            for each in self.digest.troubles
        ]

    def _zone(self, source: str | None) -> str:
        return self.digest.zone_of(source) if source else self.digest.zone


def _is_of_quiet_days(day: date | None) -> bool:
    """Whether it is one of the days before a vote on which nobody may campaign."""
    return day is not None and any(
        each.stage == QUIET_DAYS and each.first_day <= day <= each.last_day for each in stages()
    )


def _zone_name(there: datetime) -> str:
    """`WITA`; of a zone without a name its offset."""
    name = there.tzname() or ""
    return name if name.isalpha() else f"UTC{there:%z}"
