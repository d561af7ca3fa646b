"""Junk lines: every form in which Indonesian pages put furniture into the text.

Tables of patterns and the predicates over them; `pipelines.body.clean` decides what becomes of a line. A
pattern names a whole line. Patterns that could fit a sentence too stand in `_LOOSE`: they spare a line that
reads as a sentence, with a quotation or a verb of speaking.
"""

from __future__ import annotations

import re

from pipelines.lines import bylines
from pipelines.page.tree import fold

# Each entry is one line of the table; `_` joins what is too long for a line of source.
_STRICT = (
    # share rows and buttons
    r"\W*(?:share|bagikan|sebarkan|komentar|komentari|x|facebook|fb|twitter|tweet|whats\s?app|wa|telegram|line|linkedin"
    r"|pinterest|instagram|tiktok|youtube|threads|e-?mail|surel|copy(?: link)?|copied|salin (?:tautan|link)|print|cetak"
    r"|simpan|like|suka|ikuti(?: kami(?: di)?)?|follow(?: us(?: on)?)?|gabung|close|tutup|dengarkan|play|perbesar|lihat foto)\W*",
    r"(?:facebook|twitter|x|whats\s?app|telegram|line|email|pinterest|linkedin)"
    r"(?:\W+(?:facebook|twitter|x|whats\s?app|telegram|line|email|pinterest|linkedin))+",
    r"(?:share|bagikan|sebarkan)(?:\W+(?:this|on|to|via|ke|di|artikel|berita|ini|tulisan|with|facebook|twitter|x|whatsapp"
    r"|telegram)\b)*\W*",
    # invitations to a group
    r"(?:ikuti|follow) (?:kami|us)(?: juga)? (?:di|on)\W*",
    r"(?:join|(?:ber)?gabung(?:lah)?(?: di| ke)?) (?:grup|group|channel|saluran) (?:telegram|whats\s?app|wa)\b.{0,400}",
    r"(?:dapatkan|ikuti|nikmati|simak|baca|mari|ayo|yuk)\b.{0,200}\b(?:grup|group|channel|kanal|saluran)\b.{0,200}"
    r"(?:\bt\.me/|\bbit\.ly/|\bs\.id/|\bklik (?:link|tautan|di sini)|\bchannel/|\bjoin\b).{0,300}",
    r"(?:print|cetak|kirim) (?:berita|artikel|halaman)(?: ini)?\W*|kirim ke teman\W*",
    r"(?:berita|artikel|tulisan) ini (?:sudah |telah )?(?:(?:dibaca|dilihat)\s*:?\s*)?[\d.,]+ (?:kali|x|orang)(?: (?:dibaca|dilihat|pembaca))?\W*",
    r"(?:klik|click)\b.{0,80}\((?:membuka di jendela yang baru|opens in new window)\).{0,30}|(?:suka|like) (?:memuat|loading)\W*",
    r"(?:like this|menyukai ini)\s*:.{0,30}|print friendly.{0,20}|klik untuk memperbesar|ukuran huruf|(?:a\W*){2,3}",
    r"\d+\s*(?:comments?|komentar|shares?|kali dibaca|views?|dibaca|dilihat)",
    r"\W*(?:visited )?[\d.,]+\s*(?:kali|x|times|(?:total )?views?)(?: (?:dilihat|dibaca))?\s*,\s*[\d.,]+ .{0,20}\b(?:hari ini|today)\W*",
    r"(?:dibaca|dilihat|(?:(?:total|post|page)\s+)?views?|jumlah (?:pembaca|dibaca))\s*:?\s*[\d.,]+\s*(?:kali|x)?",
    # what an embedded post leaves behind
    r"view this post on \w+|lihat (?:postingan|kiriman|foto) ini di \w+",
    r"(?:sebuah (?:kiriman|postingan) dibagikan oleh|a post shared by)\b.{0,120}",
    r"[\u2014\u2013-]{1,2}\s*[^@]{1,60}\(@\w+\)\s+\w+ \d{1,2}, \d{4}",
    r"\[/?(?:irp|ads?|embed|gallery|adrotate|quads|video|audio)\b[^\]]{0,80}\](?:[^\[]{0,120}\[/\w+\])?",
    # comment forms
    r"tinggalkan\s+(?:balasan|komentar)\b.{0,60}|leave a (?:reply|comment)\b.{0,60}|batalkan balasan|cancel reply",
    r"(?:kirim|tulis) komentar.{0,20}|login untuk.{0,40}komentar.{0,40}",
    r"alamat (?:email|surel) anda tidak akan dipublikasikan\b.*|your email address will not be published\b.*",
    r"ruas yang wajib ditandai.*|simpan nama, email, dan situs web saya.*|save my name, email.*",
    r"isi komentar sepenuhnya.*|komentar (?:anda )?(?:menjadi|adalah) tanggung jawab.*",
    # paging
    r"(?:ha)?laman\s*:?\s*(?:\d+|/|dari|of|selanjutnya|berikutnya|sebelumnya|semua|next|prev|all|\W)+",
    r"(?:pages?|laman)\s*:\s*[\d\s\W]+|(?:page|laman|halaman) \d+ (?:of|dari) \d+",
    r"(?:selanjutnya|berikutnya|sebelumnya|next|previous|prev|next page|tampilkan semua|show all)\W*",
    r"lanjut ke halaman.{0,40}|baca halaman.{0,40}|berita (?:sebelumnya|selanjutnya|berikutnya)\W*",
    r"pos (?:sebelumnya|berikutnya)\b.{0,160}|(?:previous|next) post\b.{0,160}",
    # lists of other stories, tags
    r"(?:berita|artikel|topik|konten)\s+(?:terkait|lainnya|terpopuler|populer|terbaru|terkini|pilihan|rekomendasi)\W*",
    r"(?:berita|artikel) (?-i:[A-Z])?\w+ lainnya\W*|baca tentang\W*|pilihan (?:redaksi|editor)\W*|editor'?s picks?\W*",
    r"(?:terpopuler|terkait|terkini|trending|rekomendasi(?: untuk anda)?|populer|video pilihan)\W*",
    r"related (?:posts?|news|articles?|stories)\W*|read (?:also|more|next)\W*.{0,140}|you may also like\W*",
    r"(?:tags?|topik|tagar|label|kata kunci)\s*:[^.]{0,300}|tags?\W*",
    r"(?:#\w+[\s,]*){1,20}|(?:# ?[\w .'-]{2,40}){2,20}",
    # an address's slug; "covid-19" and "2-1" are words of the story
    r"(?-i:(?=[\d-]*[a-z])[a-z0-9]+(?:-[a-z0-9]+){2,})",
    # advertisements and players
    r"\W*(?:advertisements?|iklan|sponsored|loading|memuat|headline|caption|video|foto|report this ad)\W*",
    r"advertisement\W+scroll to.{0,40}|(?:lanjutkan|geser ke bawah untuk (?:lanjut|melanjutkan)) (?:mem)?baca\b.{0,40}",
    r"(?:artikel|berita) (?:ini )?(?:ber|di)?lanjut(?:kan)? (?:di bawah|setelah iklan)\b.{0,20}|(?:selengkapnya )?(?:baca|klik|lihat)(?: selengkapnya)? (?:di ?sini|(?:link|tautan) ini)\W*|klik di ?sini untuk (?:mem)?baca (?:berita|artikel)\b.{0,40}",
    r"konten di bawah ini disajikan oleh.{0,120}",
    r"\W*(?:scroll|gulir) (?:to|untuk|ke bawah).{0,60}|scroll to .{0,60}",
    r"\[?\s*gambas\s*:.{0,60}|(?:spot_img)+|html code here!.*|\(adsbygoogle.*",
    # the end of a page of WordPress.com
    r"(?:eksplorasi konten lain dari|discover more from)\b.{0,80}|subscribe to get the latest posts\b.{0,60}",
    r"(?:berlangganan untuk (?:men)?dapatkan|subscribe to get) .{0,60}(?:surel|e-?mail)\W*",
    r"(?:get|let|sign up|subscribe)\b[^.]{0,80}\b(?:inbox|newsletters?|news alerts)\b.{0,120}",
    r"this site is protected by recaptcha\b.{0,80}",
    # rights and house notes
    r"\W*(?:copyright|hak cipta)\b\s*(?:\u00a9|\(c\)|\)|\d{4}|dilindungi undang).{0,160}|\u00a9.{0,160}",
    r"\(c\)\s*(?:copyright|\d{4}|antara).{0,120}|.{0,40}all rights reserved.{0,40}",
    r"(?:this|the) (?:article|story|post|content) is (?:the )?copyright.{0,120}|written permission must be obtained.{0,100}",
    r"dilarang keras (?:mengambil|menyalin|mengutip) (?:konten|isi|berita|artikel)\b.*",
    r"dilarang (?:mengutip|menyalin|memperbanyak|menggandakan)\b.{0,60}tanpa (?:izin|seizin|ijin).*",
    r"disclaimer\s*:\s.{0,500}|cek berita dan artikel.{0,80}|simak breaking news.{0,120}",
    r"simak(?: juga)? video:?\s*[\"\u201c].{5,120}[\"\u201d]\W*|jangan sampai ketinggalan video\b.{0,60}",
    r"dapatkan informasi ter\w+ berita\b.{0,80}setiap hari.{0,200}|(?:posted in|filed under|tagged)\b.{0,80}",
    # captions that stand as paragraphs
    r"(?:keterangan|ket|teks)\.? (?:foto|gambar)\s*:.{0,300}|foto\s*:\s*(?:(?:ist|istimewa|dok)\b.{0,60}|(?-i:[A-Z]\w+(?: [A-Z]\w+){1,2})\W*)",
    r"(?:cr[e\u00e9]dits? photos?|(?:photo|image)s? (?:credits?|courtesy)|(?:kredit|sumber) (?:foto|gambar))\s*:?\s.{2,100}",
    r"(?:foto|photo|gambar)\s*:.{3,250}[(\[](?:ist|foto|dok|antara|humas)[^()]{0,40}[)\]]\W*",
    r"konten premium\W*|berlangganan untuk (?:membaca|(?:men)?dapatkan).{0,60}|https?://\S+",
    r"ringkasan berita\W*|baca \d+ detik\W*|daftar isi\W*|table of contents\W*",
    r"(?:dengarkan|listen to) (?:artikel|berita|this).{0,40}",
    r"(?:konten|artikel|berita) ini (?:diolah|dibuat|disusun|ditulis) (?:dengan|oleh) (?:bantuan )?(?:ai|kecerdasan buatan)\W*",
    r"estimated reading time.*|waktu baca\b.{0,30}|\d+ (?:menit baca|min read)\W*",
    # a moment on a line of its own
    r"(?:published|updated|last (?:updated|modified)|aktualisiert am|(?:terakhir )?diperbarui|diterbitkan|dipublikasikan)\W"
    r"[\w\s:.,/-]{0,40}\b20\d\d\b[\w\s:.,]{0,12}",
    r"(?:(?:terakhir )?diperbarui\s*:?\s*)?(?:(?:senin|selasa|rabu|kamis|jum.?at|sabtu|minggu|ahad)\s*,?\s*)?"
    r"\d{1,2}[\s/-]+(?:\d{1,2}|[a-z]{3,9})[\s/-]+20\d\d[\s,|-]*\d{1,2}[:.]\d\d(?:[:.]\d\d)?\s*(?:wib|wita|wit)?"
    r"(?:\W*(?:waktu baca|\d+ menit).{0,20})?",
)
_LOOSE = (
    # follow us
    r"\W*(?:ikuti|dapatkan|simak|baca|cek|temukan|gabung|follow|update|nikmati)\b.{0,120}"
    r"\b(?:google\s*news|whats\s?app|saluran|channel|telegram|facebook|instagram|tiktok|youtube|twitter)\b.{0,120}",
    r"\W*(?:join|(?:ber)?gabung)\b.{0,60}\b(?:grup|group|channel|kanal|saluran|komunitas)\b.{0,300}",
    r"(?:ikuti|dapatkan) (?:berita|update|informasi|kabar)\b.{0,140}\b(?:di sini|disini|berikut ini|klik)\b.{0,40}",
    r"\W*jangan lupa(?: untuk| juga)? (?:like|follow|subscribe|ikuti|share|bagikan)\b.{0,160}",
    r"dapatkan update berita pilihan\b.*|add as a preferred source on google.*",
    r"jadikan .{0,60} sumber (?:pilihan|favorit|utama).{0,30}google.*",
    # players and picks
    r"(?:download|unduh) aplikasi\b.{0,120}",
    r".{0,120}\b(?:download|unduh)\b.{0,60}\b(?:app|apps|aplikasi)\b.{0,60}\b(?:ios|android|(?:app|play) ?store)\b.{0,40}",
    r"\W*(?:yuk,?\s*)?(?:putar|simak|tonton|lihat|saksikan|watch)(?: juga)? (?:video|live)\b.{0,160}[^.]",
    r"pilihan editor\W*.{0,160}[^.]",
)
_STRICT_LINE = re.compile("|".join(_STRICT), re.IGNORECASE)
_LOOSE_LINE = re.compile("|".join(_LOOSE), re.IGNORECASE)
_TELLS = re.compile(
    r"[\"\u201c\u201d]|,\s*(?:kata|ujar|ucap|tutur|jelas|sebut|ungkap|imbuh|tambah|lanjut|terang|papar|tegas|pungkas)\w*\b"
    r"|\b(?:mengatakan|menyebut\w*|menjelaskan|mengaku|menurut|melaporkan|mengimbau|meminta)\b",
    re.IGNORECASE,
)


def is_junk(line: str) -> bool:
    """Whether a line is furniture as a whole."""
    if not re.search(r"\w", line) or _STRICT_LINE.fullmatch(line):
        return True
    if _TELLS.search(line) or (_ENDS_SENTENCE.search(line) and not _OUTLET.search(line)):
        return False
    return _LOOSE_LINE.fullmatch(line) is not None


# "Unduh aplikasi Mobile JKN di ponsel." is advice of the story; the outlet asks for itself.
_ENDS_SENTENCE = re.compile(r"\w{2}\.$")
_OUTLET = re.compile(
    r"\bkami\b|google\s*news|\bchannel\b|\w\.(?:com|co|id|net|news)\b"
    r"|\b(?:berita|artikel|kabar)\b.{0,40}\b(?:terkini|terbaru|terupdate|lainnya|pilihan|menarik)\b",
    re.IGNORECASE,
)


def is_day(line: str) -> bool:
    """Whether a line is a day and nothing else: the page's at a story's edges, inside it a subhead."""
    return _DAY_LINE.fullmatch(line) is not None


_DAY_LINE = re.compile(
    r"(?:(?:terakhir )?diperbarui\s*:?\s*)?(?:(?:senin|selasa|rabu|kamis|jum.?at|sabtu|minggu|ahad)\s*,?\s*)?"
    r"\d{1,2}[\s./-]+(?:\d{1,2}|[a-z]{3,9})[\s./-]+20\d\d\W*(?:(?:waktu baca|\d+ menit).{0,20})?",
    re.IGNORECASE,
)
_CAPTION = re.compile(
    r"(?-i:[A-Z]{2,20}[.][A-Z.]{2,10}/[A-Z][A-Z. ]{3,30}) ?[-\u2013\u2014] .{10,160}|.{10,160}?[(\[](?:(?:foto|photo|dok|ist|istimewa)\b|antara(?:\s?foto)?/)[^()\[\]]{0,40}[)\]]\W*",
    re.IGNORECASE,
)


_CREDITED = re.compile(
    r"[^.!?]{10,160}[(\[](?:foto|photo|dok(?:umentasi)?)\s*[:/][^()\[\]]{2,40}[)\]]\W*", re.IGNORECASE
)


def is_credited_caption(line: str) -> bool:
    """Whether a line is no sentence and ends in a photographer's name behind a label: a caption wherever it stands."""
    return _CREDITED.fullmatch(line) is not None and not _TELLS.search(line)


def is_caption(line: str) -> bool:
    """Whether a line has a photo's credit, as captions set as a paragraph do: "… di dermaga. (Foto: Ist)", "KABARKU.CO/BUDI SANTOSO - Warga …"."""
    return _CAPTION.fullmatch(line) is not None and not _TELLS.search(line)


_END = re.compile(
    r"(?:tinggalkan (?:balasan|komentar)|leave a (?:reply|comment)|artikel (?:terkait|lainnya)|terpopuler"
    r"|berita (?:terkait|lainnya|terpopuler|populer|terbaru|terkini)|related (?:posts|news|articles)|komentar|comments?)"
    r"\b\W*.{0,30}",
    re.IGNORECASE,
)


def opens_furniture(line: str) -> bool:
    """Whether a lone line opens what stands below an article: comments, related and popular stories."""
    return _END.fullmatch(line) is not None


# --- "baca juga" ----------------------------------------------------------------------------------

_READ_ALSO = (
    r"(?:baca|simak|lihat|tonton)\s*(?:juga|selengkapnya|pula)|(?:baca|simak|lihat)\s+berita\s+(?:lain\w*|selengkapnya)"
    r"|(?:berita|artikel)\s+terkait"
)
_ALONE = re.compile(
    rf"\W*(?:{_READ_ALSO}|bacaan lain(?:nya)?|(?:artikel|berita) (?:selanjutnya|berikutnya|sebelumnya))\s*\W*",
    re.IGNORECASE,
)
_MARKED = re.compile(rf"\W{{0,6}}(?:{_READ_ALSO}|baca)\s*:\s*(?P<title>\S.*)", re.IGNORECASE)
# Words that open sentences too: they point away where the rest is a link.
_LINKED = re.compile(
    r"\W{0,6}(?:(?:berita|artikel) (?:lain(?:nya)?|rekomendasi|pilihan|terpopuler)|pilihan (?:redaksi|editor)|also read"
    r"|read (?:also|more)|populer|terpopuler|klik|next|previous)\s*:\s*\S.*",
    re.IGNORECASE,
)
_UNMARKED = re.compile(rf"\W{{0,6}}(?:{_READ_ALSO})\b[\s>\u00bb\u2013\u2014-]*(?P<title>\S.*)", re.IGNORECASE)
# Glued to a paragraph's end: only with a colon, behind a finished sentence, with a capital.
_GLUED = re.compile(
    r"(?<=[.!?\"'\u201d\u2019)])\s*[(\[]?\s*(?:B(?:aca|ACA)\s*[Jj](?:uga|UGA)|(?:Simak|Lihat) [Jj]uga|Baca [Ss]elengkapnya)"
    r"\s*:\s*[^.!?]{3,200}[)\]]?$"
)


def points_away(line: str, links: float) -> bool:
    """Whether a line leads to one other story: "Baca Juga:Judul", or the words alone before a headline.

    `links` is the share of the line that is a link.
    """
    if match := _MARKED.fullmatch(line):
        return links > 0 or not _is_sentence(match["title"])
    if links > 0.5 and (_LINKED.fullmatch(line) or _is_labelled_link(line)):
        return True
    if match := _UNMARKED.fullmatch(line):
        return links > 0.5 or is_headline(match["title"])
    return False


def _is_labelled_link(line: str) -> bool:
    """Whether a line is up to four words, a colon and a title, as "read also" is in any language; a byline names people."""
    match = _LABELLED_LINK.fullmatch(line)
    return match is not None and not _is_sentence(match["title"]) and not bylines.is_byline(line)


_LABELLED_LINK = re.compile(
    r"\W{0,6}\w[\w'-]{1,20}(?: [\w'-]{1,20}){0,3} ?:\s*(?P<title>(?!//|www\.|\w+://)\S.{23,})"
)


def points_below(line: str) -> bool:
    """Whether a line is "Baca Juga:" and nothing else: the titles follow."""
    return _ALONE.fullmatch(line) is not None


def cut_pointer(paragraph: str) -> str:
    """The paragraph without a "Baca juga: …" that is glued to its last sentence."""
    tail = _GLUED.search(paragraph)
    return paragraph[: tail.start()].rstrip() if tail else paragraph


_SMALL = """
    di ke dari dan yang untuk dengan pada atau dalam oleh tak tidak bagi ini itu akan the of a in to and for
"""
_SMALL_WORDS = frozenset(_SMALL.split())


def is_headline(line: str) -> bool:
    """Whether a line is set like a headline: short, no full stop, its words capitalised."""
    if not 12 <= len(line) <= 160 or re.search(r"[.:;]\W*$", line):
        return False
    words = [word for word in re.findall(r"[^\W\d_][\w'\u2019-]*", line) if word.lower() not in _SMALL_WORDS]
    return len(words) >= 3 and sum(word[0].isupper() for word in words) >= 0.75 * len(words)


def _is_sentence(text: str) -> bool:
    """Whether a text ends as sentences do and is not set like a headline."""
    return re.search(r"\w{2}\.[\"'\u201d\u2019)]*$", fold(text)) is not None and not is_headline(
        text.rstrip(". ")
    )
