"""Addresses: one spelling to show, one key for all spellings of an article."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.address import address_key, canonical, host_of

CANONICAL = {
    "https://contoh.id/a/?utm_source=related_news&utm_medium=top": "https://contoh.id/a/",
    "https://contoh.id/a/?fbclid=x&p=22812#komentar": "https://contoh.id/a/?p=22812",
    "https://contoh.id/?p=22812": "https://contoh.id/?p=22812",
    "https://contoh.id/a?page=all": "https://contoh.id/a",
    "https://contoh.id/a?page=2": "https://contoh.id/a?page=2",
    "https://contoh.id/b?z=1&a=2": "https://contoh.id/b?z=1&a=2",
    "https://contoh.id/amp/berita/1/x": "https://contoh.id/berita/1/x",
    "https://contoh.id/slug/amp/": "https://contoh.id/slug/",
    "https://contoh.id/slug/amp": "https://contoh.id/slug",
    "https://contoh.id/lampu/amphitheater": "https://contoh.id/lampu/amphitheater",
    "https://contoh.id/a?sid=221904": "https://contoh.id/a?sid=221904",
    "https://contoh.id/modules.php?name=News&sid=12&PHPSESSID=a1": "https://contoh.id/modules.php?name=News&sid=12",
    "https://contoh.id/a;v=2/b;jsessionid=A1.n2": "https://contoh.id/a;v=2/b",
    "https://m.contoh.id/a": "https://contoh.id/a",
    "https://m.m.contoh.id/a": "https://contoh.id/a",
    "https://m.id/a": "https://m.id/a",
    "HTTPS://WWW.Contoh.ID:443/A": "https://www.contoh.id/A",
    "http://contoh.id:80": "http://contoh.id/",
    "http://127.0.0.1:8000/a": "http://127.0.0.1:8000/a",
    "  https://contoh.id/a\n": "https://contoh.id/a",
    "https://contoh.id/baca?id=12&amp;judul=a": "https://contoh.id/baca?id=12&judul=a",
    "https://contoh.id/baca?id=12&#038;judul=a#isi": "https://contoh.id/baca?id=12&judul=a",
    "https://contoh.id/baca?id=12&amp;amp;judul=a&#x26;b=c": "https://contoh.id/baca?id=12&judul=a&b=c",
    "https://contoh.id/baca?id=12&amplop=a": "https://contoh.id/baca?id=12&amplop=a",
    "https://Bücher-Kaltim.id/a": "https://xn--bcher-kaltim-dlb.id/a",
    "https://xn--bcher-kaltim-dlb.id./a": "https://xn--bcher-kaltim-dlb.id/a",
    "https://www.contoh.id./a": "https://www.contoh.id/a",
    "http://contoh.id.:8080/a": "http://contoh.id:8080/a",
}

SAME_ARTICLE = (
    "https://contoh.id/berita/satu/",
    "http://contoh.id/berita/satu",
    "https://www.contoh.id/berita/satu/",
    "https://m.contoh.id/berita/satu",
    "https://contoh.id/amp/berita/satu/",
    "https://contoh.id/berita/satu/amp/",
    "https://contoh.id/berita/satu/?amp=1",
    "https://contoh.id/berita/satu/?utm_campaign=x",
    "https://contoh.id:443/berita/satu#atas",
    "https://www.m.www.contoh.id/berita/satu",
    "https://contoh.id/berita/satu?osCsid=o4kv9uqfh3rnm1c1tq7d8b2e15&zenid=7",
    "https://contoh.id/berita/satu?s=0a1b2c3d4e5f60718293a4b5c6d7e8f9&ci_session=x",
    "https://contoh.id/berita/satu?PHPSESSID=o4kv9uqfh3rnm1c1tq7d8b2e15",
    "https://contoh.id/berita/satu/?phpsessid=1&_gl=1*x&gad_source=1",
    "https://contoh.id/berita/satu;jsessionid=0A1B2C3D4E5F60718293A4B5C6D7E8F9",
    "https://contoh.id/berita/satu;jsessionid=0A1B.node1?jsessionid=2",
    "https://contoh.id/berita/satu/amp/;PHPSESSID=7?fbclid=x",
    "https://contoh.id/(S(lit3py55t21z5v55vlm25s55))/berita/satu",
    "https://contoh.id/berita/satu?sid=0123456789abcdef0123456789abcdef",
    "https://contoh.id/berita/satu?ASPSESSIONIDQQQQGJWK=AAAA&CFID=1&CFTOKEN=2",
    "https://contoh.id/berita/satu?session=deadbeef-cafe-4dad-8bad-0123456789ab",
    "https://contoh.id/berita/satu?sid=a9Kd2,7xQz1-0pLm4nB8vC3&CFTOKEN=64aef8d1b2",
)


@pytest.mark.parametrize(("served", "expected"), CANONICAL.items())
def test_the_canonical_address_has_nothing_that_chooses_no_document(served: str, expected: str) -> None:
    """Tracking, sessions, AMP, `m.`, `page=all`, default ports and fragments leave; order and slash stay."""
    assert canonical(served) == expected


@pytest.mark.parametrize("served", SAME_ARTICLE)
def test_all_spellings_of_an_article_have_one_key(served: str) -> None:
    """Scheme, `www.`, slash, mobile and AMP spellings share the key; whose visit it was does not count."""
    assert address_key(served) == "contoh.id/berita/satu"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://contoh.id/?p=1", "https://contoh.id/?p=2"),
        ("https://contoh.id/a", "https://contoh.id/A"),
        ("https://kaltim.contoh.id/a", "https://contoh.id/a"),
        ("http://contoh.id:8000/a", "http://contoh.id:8001/a"),
        ("https://contoh.id/a", "https://contoh.id/a?page=2"),
        ("https://contoh.id/read.php", "https://contoh.id/read.php?sid=warga-muara-badak-perbaiki-dermaga"),
        (
            "https://contoh.id/read.php?sid=harga-beras-naik-lagi-2024",
            "https://contoh.id/read.php?sid=harga-gula",
        ),
        (
            "https://contoh.id/r?session=berita-31-0000-jalan-koperasi",
            "https://contoh.id/r?session=berita-32",
        ),
        ("https://contoh.id/r?sessionid=banjir-di-sangatta", "https://contoh.id/r?sessionid=panen-raya"),
        ("https://contoh.id/r?PHPSESSID=Banjir-di-Sangatta", "https://contoh.id/r?PHPSESSID=Panen-Raya"),
        ("https://contoh.id/r?amp=banjir-di-sangatta", "https://contoh.id/r?amp=panen-raya"),
        ("https://contoh.id/r?session=banjir2024samarinda2024", "https://contoh.id/r"),
        ("https://contoh.id/r;sid=banjir-di-sangatta", "https://contoh.id/r;sid=panen-raya"),
        ("https://contoh.id/?s=kebakaran_pasar_malam_samarinda", "https://contoh.id/"),
        ("https://contoh.id/?s=kebakaran+pasar+malam+2024+samarinda", "https://contoh.id/"),
    ],
)
def test_different_documents_have_different_keys(one: str, other: str) -> None:
    """What chooses another document is part of the key."""
    assert address_key(one) != address_key(other)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://www.contoh.id/a", "contoh.id"),
        ("https://kaltim.contoh.id:443/", "kaltim.contoh.id"),
        ("http://127.0.0.1:8000/a", "127.0.0.1:8000"),
        ("mailto:a@contoh.id", ""),
        ("http://[::1", ""),
    ],
)
def test_a_host_is_spelt_as_the_rules_spell_it(url: str, host: str) -> None:
    """Lower case, no `www.`, a port only where it is unusual; empty for what is no web address."""
    assert host_of(url) == host


ADDRESS_LIKE = st.one_of(
    st.text(max_size=60),
    st.builds(
        "{}://{}{}/{}{}".format,
        st.sampled_from(["http", "https", "HTTP"]),
        st.sampled_from(["", "www.", "m.", "www.m.", "user@"]),
        st.sampled_from(["contoh.id", "Contoh.id:80", "contoh.id:8080", "m.co", "127.0.0.1:9"]),
        st.text(alphabet="amp/AB-é %2f\t", max_size=20),
        st.sampled_from(["", "?page=all", "?amp", "?p=1&utm_x=2", "?a=b&&c", "#x", "?page=all&page=all"]),
    ),
)


@given(ADDRESS_LIKE)
def test_canonical_is_idempotent(url: str) -> None:
    """The canonical address of a canonical address is itself."""
    assert canonical(canonical(url)) == canonical(url)


@given(ADDRESS_LIKE)
def test_the_key_does_not_depend_on_the_spelling(url: str) -> None:
    """An address and its canonical spelling have one key, and the key's key is itself."""
    assert address_key(canonical(url)) == address_key(url)
    assert address_key(address_key(url)) == address_key(url)
