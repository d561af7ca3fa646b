"""Does not resolve names that lead to this machine or its network.

Twisted connects to the very address that the resolver returns, so nothing can change between the check and
the connection.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from typing import Self
from urllib.request import getproxies

from scrapy.crawler import Crawler
from scrapy.resolver import CachingThreadedResolver
from twisted.internet.base import ReactorBase
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError

_private: set[str] = set()
"""Names that led to a private address, in this process."""


class PublicResolver(CachingThreadedResolver):
    """Scrapy's resolver, except that names of private addresses do not resolve, unless ALLOW_PRIVATE_HOSTS lists them.

    A proxy of the environment may stand in a private network; behind it, names are the proxy's to resolve.
    """

    def __init__(self, reactor: ReactorBase, cache_size: int, timeout: float) -> None:
        super().__init__(reactor, cache_size, timeout)
        proxies = getproxies()
        self.allowed = {_host(proxies[scheme]) for scheme in ("http", "https") if scheme in proxies}

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> Self:
        resolver = super().from_crawler(crawler, reactor)
        resolver.allowed |= {_host(each) for each in crawler.settings.getlist("ALLOW_PRIVATE_HOSTS")}
        return resolver

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> Deferred[str]:  # noqa: N802
        """The IPv4 address of a name. DNSLookupError: it has none, or a private one."""
        found = super().getHostByName(name, timeout)
        return found if name.lower() in self.allowed else found.addCallback(_public, name)


def _host(endpoint: str) -> str:
    """The host of `host:port` or of a proxy's address, with or without scheme and password; empty for nonsense."""
    found = _ENDPOINT.match(endpoint.strip().lower())
    return found[1] if found else ""


def leads_inside(host: str) -> bool:
    """Whether a name was found, in this process, to lead to a private address."""
    return host.lower() in _private


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet, and so is every IPv4 address that it leads to.

    Of IPv6 only what is given out as public can be: all the rest, deprecated ranges included, is for other purposes.
    """
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv4Address):
        return ip.is_global and not ip.is_multicast
    if ip.scope_id is not None:  # no address of the internet has one
        return False
    is_carrier = (
        ip.ipv4_mapped is not None or ip in _NAT64 or ip.teredo is not None or ip.sixtofour is not None
    )
    is_given_out = ip in _GIVEN_OUT and ip.is_global and not any(ip in each for each in _SET_APART)
    return (is_carrier or is_given_out) and all(is_public(str(each)) for each in _inside(ip))


def _inside(ip: ipaddress.IPv6Address) -> list[ipaddress.IPv4Address]:
    """The IPv4 addresses that an IPv6 address leads to: in its last bits (mapped, NAT64, ISATAP), by 6to4, by Teredo."""
    found = [*(ip.teredo or ()), *([ip.sixtofour] if ip.sixtofour is not None else [])]
    is_isatap = (int(ip) >> 32) & 0xFDFFFFFF == _ISATAP
    if ip.ipv4_mapped is not None or ip in _NAT64 or is_isatap:
        found.append(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF))
    return found


_ENDPOINT = re.compile(r"(?:[a-z]+://)?(?:[^@/]*@)?([^:/\[\]]*)")
_GIVEN_OUT = ipaddress.ip_network("2000::/3")
_SET_APART = [ipaddress.ip_network(each) for each in ("2001::/23", "2001:db8::/32", "3fff::/20")]
"""Within it: protocol assignments, and two for documentation, of which an old Python knows one."""
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_ISATAP = 0x5EFE
"""The third quarter of an ISATAP address, but for a bit that says whether the IPv4 address behind it is unique."""


def _public(address: str, name: str) -> str:
    if is_public(address):
        return address
    _private.add(name.lower())
    raise DNSLookupError(f"{name} leads to the private address {address}")
