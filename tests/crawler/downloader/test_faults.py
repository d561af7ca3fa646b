"""What answers give away: who refuses, a certificate that has ended, a site that moved, a network that is not there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from scrapy.http import Response
from twisted.internet.ssl import Certificate

from crawler.downloader.faults import Faults, refuser

NOW = datetime(2024, 11, 20, tzinfo=UTC)
CHALLENGE = {"cf-mitigated": "challenge"}
URL = "https://wartapesisir.example/feed/"


def answer(
    status: int = 200, headers: dict[str, str] | None = None, certificate: Certificate | None = None
) -> Response:
    return Response(URL, status=status, headers=headers, certificate=certificate)


def certificate(ends: datetime) -> Certificate:
    """A certificate that an outlet signed itself, as one comes with an answer."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "wartapesisir.example")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - timedelta(days=90))
        .not_valid_after(ends)
        .sign(key, hashes.SHA256())
    )
    return Certificate.loadPEM(made.public_bytes(serialization.Encoding.PEM))


@pytest.mark.parametrize(
    ("headers", "who"),
    [
        ({"cf-mitigated": "challenge", "server": "cloudflare"}, "Cloudflare (cf-mitigated: challenge)"),
        ({"x-datadome": "protected"}, "DataDome (x-datadome: protected)"),
        ({"server": "cloudflare"}, "the site, or Cloudflare before it (server: cloudflare)"),
        ({"server": "imunify360-webshield/1.21"}, "the site, or Imunify360 before it (server: imunify360-webshield/1.21)"),
        ({"server": "nginx"}, "the site"),
        ({}, "the site"),
    ],
)  # fmt: skip
def test_who_refuses_is_named_by_the_headers(headers: dict[str, str], who: str) -> None:
    """As far as they are certain: what stands before a site may only have passed its refusal on."""
    assert refuser(answer(403, headers)) == who


def test_a_refusal_is_a_fault_where_nothing_could_be_read() -> None:
    """An entry that is refused while another serves is none; a site that is left alone always is one."""
    faults = Faults()
    faults.answered(answer(403, CHALLENGE), NOW)
    said = f"HTTP 403 at {URL}, by Cloudflare (cf-mitigated: challenge)"
    assert faults.fault(None, is_read=False) == ("refused", said)
    assert faults.fault(None, is_read=True) == (None, None)
    assert faults.fault("restricted", is_read=True) == ("refused", f"restricted: {said}")
    for _ in range(2):
        faults.answered(answer(200, CHALLENGE), NOW)
    assert faults.fault(None, is_read=True)[0] == "refused"


def test_a_certificate_that_has_ended_is_a_fault() -> None:
    """Although the outlet is read all the same."""
    faults = Faults()
    faults.answered(answer(certificate=certificate(NOW + timedelta(days=1))), NOW)
    assert faults.fault(None, is_read=True) == (None, None)
    faults.answered(answer(certificate=certificate(NOW - timedelta(days=1))), NOW)
    said = "the certificate of wartapesisir.example ended on 2024-11-19"
    assert faults.fault(None, is_read=True) == ("certificate", said)


def test_a_connection_that_cannot_be_encrypted_is_the_certificates() -> None:
    """However deep its error lies below the one that Scrapy raises."""

    class OfTls(Exception):
        """As pyOpenSSL's own."""

    OfTls.__module__ = "OpenSSL.SSL"
    failed = ConnectionError("no answer")
    failed.__cause__ = OfTls("alert")
    faults = Faults()
    faults.unanswered("wartapesisir.example", failed)
    assert faults.fault(None, is_read=False)[0] == "certificate"


def test_a_site_that_leads_away_has_moved() -> None:
    """Unless another entry of it serves."""
    faults = Faults()
    faults.answered(answer(301), NOW)
    faults.led_away("wartabaru.example")
    assert faults.fault(None, is_read=False) == ("moved_host", "the site leads to wartabaru.example")
    assert faults.fault(None, is_read=True) == (None, None)


def test_no_answer_at_all_is_told_from_one() -> None:
    """One answer of any kind shows that the site is there."""
    faults = Faults()
    assert faults.fault(None, is_read=False) == (None, None)
    faults.unanswered("wartapesisir.example", ConnectionError("refused"))
    assert faults.fault(None, is_read=False)[0] == "unanswered"
    faults.answered(answer(503), NOW)
    assert faults.fault(None, is_read=False) == (None, None)
