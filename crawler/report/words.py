"""The words of the page, in Indonesian and in English. What an incident's detail says is English in both, as it is kept."""

from __future__ import annotations

from typing import Final

from crawler.web.words import Messages

MESSAGES: Final[Messages] = {
    "nothing_broken": ("Tidak ada yang rusak", "Nothing is broken"),
    "fell_short_title": (
        "Kini tidak ada yang rusak; masa yang kurang dari biasanya: {n}",
        "Nothing is broken now; days that fell short: {n}",
    ),
    "machine_alone": ("Mesin ini perlu diperhatikan", "This machine needs attention"),
    "one_broken": ("1 dari {of} media perlu diperhatikan", "1 of {of} outlets needs attention"),
    "broken": ("{n} dari {of} media perlu diperhatikan", "{n} of {of} outlets need attention"),
    "machine_too": ("{broken}, begitu pula mesin ini", "{broken}, and so does this machine"),
    "made": ("Kabar, {first} sampai {last}; dibuat {at}", "Kabar, {first} to {last}; made {at}"),
    "machine": ("mesin ini", "this machine"),
    # incidents
    "open": ("Terbuka", "Open"),
    "nothing": ("Tidak ada.", "Nothing."),
    "since": ("sejak {at}", "since {at}"),
    "new": ("baru", "new"),
    "span": ("dari {first} sampai {last}", "from {first} to {last}"),
    "closed": ("Pulih sejak laporan sebelumnya", "Works again, since the report before"),
    "shortfalls": ("Hari yang kurang dari biasanya dan sudah lewat", "Days that fell short and are over"),
    "on_day": ("pada {first}", "on {first}"),
    "on_days": ("{first} sampai {last}", "{first} to {last}"),
    "dropped": ("Tidak diikuti lagi", "No longer followed"),
    # outlets
    "outlets": ("Media, yang terburuk lebih dahulu", "Outlets, worst first"),
    "cell": ("Satu kotak satu hari.", "A cell is a day."),
    "full": ("kotak penuh", "full cell"),
    "full_means": ("semua yang didaftar media itu,", "all that the outlet lists,"),
    "part": ("kotak berisi sebagian", "cell filled in part"),
    "part_means": ("sebagian,", "a part of it,"),
    "cross": ("kotak bersilang", "cell with a cross"),
    "cross_means": ("tidak satu pun,", "nothing,"),
    "line": ("garis di dasar", "line at the bottom"),
    "line_means": ("tidak ada yang terbit,", "nothing was published,"),
    "narrow": ("kotak sempit", "narrow cell"),
    "narrow_means": (
        "dibandingkan dengan hari biasa, karena media itu tidak menyebut jumlahnya,",
        "held against a normal day, for the outlet lists no number,",
    ),
    "unseen": ("kotak kosong bercoret", "empty cell, crossed out"),
    "unseen_means": ("tidak ada yang melihat;", "nobody looked;"),
    "triangle": ("segitiga", "triangle"),
    "triangle_means": ("hari libur.", "a holiday."),
    "tinted": ("kotak berlatar", "tinted cell"),
    "tinted_means": ("di belakang kotak: pemilihan 2024,", "behind the cells: the election of 2024,"),
    "line_below": ("garis di bawah kotak", "line below the cell"),
    "line_below_means": ("masa tenang,", "its quiet days,"),
    "triangle_below": ("segitiga di bawah kotak", "triangle below the cell"),
    "triangle_below_means": ("hari pemungutan suara.", "the day of the vote."),
    "stages": (
        "Di sini: {stages}; dasar hukumnya ada di view calendar.",
        "Here: {stages}; view calendar has the regulations.",
    ),
    "stage": ("{name} ({first} sampai {last})", "{name} ({first} to {last})"),
    "stage_of_a_day": ("{name} ({first})", "{name} ({first})"),
    "articles": ("{n} artikel", "{n} articles"),
    "one_article": ("1 artikel", "1 article"),
    "of_listed": (
        "{n} dari {of} artikel yang didaftarnya ({share})",
        "{n} of the {of} articles that it lists ({share})",
    ),
    "in_all": ("seluruhnya {n}", "{n} in all"),
    "last_success": ("terakhir berhasil", "last success"),
    "never": ("belum pernah", "never"),
    # fields
    "fields": ("Apa yang disebut artikelnya", "What its articles say"),
    "outlet": ("Media", "Outlet"),
    "date": ("Tanggal", "Date"),
    "author": ("Penulis", "Author"),
    "place": ("Tempat", "Place"),
    "words": ("Kata", "Words"),
    "rejected": ("Ditolak", "Rejected"),
    "failed": ("Gagal", "Failed"),
    "fields_hint": (
        "Tanggal, penulis, dan tempat berita: bagian artikel yang menyebutnya. Kata: median. Ditolak: dari halaman yang dibaca. Gagal: dari permintaan.",
        "Date, author and place (dateline): share of articles that state one. Words: median. Rejected: of the pages read. Failed: of the requests.",
    ),
    # latency
    "latency": ("Dari terbit sampai masuk basis data", "From publication to the database"),
    "median": ("Median", "Median"),
    "most": ("90%", "90%"),
    "within": ("{median}, 90% dalam {most}", "{median}, 90% within {most}"),
    "latency_hint": (
        "Separuh artikel masuk dalam waktu pertama, 90% dalam waktu kedua; yang baru dilihat beberapa hari kemudian tidak dihitung.",
        "Half of the articles within the first time, 90% within the second; what was only looked at days later is left out.",
    ),
    # counts
    "rejections": ("Ditolak, menurut alasan", "Rejected, by reason"),
    "reason": ("Alasan", "Reason"),
    "pages": ("Halaman", "Pages"),
    "no_rejections": ("Tidak ada halaman yang ditolak.", "No page was rejected."),
    "spread": ("Berapa media memuat satu berita", "How many outlets carried a story"),
    "carried_by": ("Media", "Outlets"),
    "stories": ("Berita", "Stories"),
    "no_stories": ("Tidak ada berita yang mulai pada hari-hari ini.", "No story began on these days."),
}
