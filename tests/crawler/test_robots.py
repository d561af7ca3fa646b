"""robots.txt that is longer than anybody's rules."""

from __future__ import annotations

from crawler.robots import cut


def test_a_cut_ends_behind_a_line() -> None:
    """Half of `Disallow: /wp-admin/` would forbid the site; what is short enough is left as it is."""
    assert cut(b"Disallow: /a\nDisallow: /abc\n", 24) == b"Disallow: /a\n"
    assert cut(b"Disallow: /a\rDisallow: /abc\r", 24) == b"Disallow: /a\r"
    assert cut(b"Disallow: /", 24) == b"Disallow: /"
    assert cut(b"D" * 30, 24) == b""
