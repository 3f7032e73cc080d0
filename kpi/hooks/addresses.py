"""Where a message may be sent: public addresses over TLS, and what the settings allow besides.

A webhook is an address that a user gives and this server then connects to: it
must not become a way to reach what only this server can. A host is therefore
resolved and judged twice, when it is added and whenever a message is sent, and
the connection is made to the very address that was judged, so that a name which
changes in between leads nowhere else.
"""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True)
class Target:
    """An address that was judged: where to connect (``ip``), and as whom to speak (``host``)."""

    scheme: str
    host: str
    port: int
    path: str
    ip: str

    @property
    def netloc(self) -> str:
        """The Host header: an IPv6 address in brackets, the port where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def target_of(url: str) -> Target:
    """The address to connect to for ``url``.

    Raises ValidationError at ``url`` for one that is none, is not https, or
    leads to a private, loopback, link-local or reserved network that
    ``settings.WEBHOOK_NETWORKS`` does not name.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme, 0)
        host = parts.hostname or ""
    except ValueError as error:
        raise _refused(_("地址无法识别"), "invalid") from error
    if parts.scheme not in PORTS or not host or parts.username or parts.password or "\\" in url:
        raise _refused(_("地址须以 https:// 开头，且不带用户名和口令"), "scheme")
    found = _resolve(host, port)
    for address in found:
        if not _reachable(address):
            raise _refused(_("地址指向内部网络，不能使用"), "private")
    if parts.scheme == "http" and not all(address.is_loopback for address in found):
        raise _refused(_("地址须以 https:// 开头，且不带用户名和口令"), "scheme")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port, path, str(found[0]))


def _refused(words: str, code: str) -> ValidationError:
    return ValidationError({"url": ValidationError(words, code=code)})


def _resolve(host: str, port: int) -> list[Address]:
    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise _refused(_("找不到主机「%(host)s」") % {"host": host[:60]}, "unknown_host") from error
    # A scope (fe80::1%eth0) is no part of what is judged.
    found = [ipaddress.ip_address(str(row[4][0]).split("%")[0]) for row in rows]
    return [_plain(address) for address in dict.fromkeys(found)]


def _plain(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for, so that ::ffff:127.0.0.1 is loopback as well."""
    return getattr(address, "ipv4_mapped", None) or address


def _reachable(address: Address) -> bool:
    if any(address in ipaddress.ip_network(network) for network in settings.WEBHOOK_NETWORKS):
        return True
    # Global says all but two: multicast, and networks that carry an IPv4 address inside.
    hidden = getattr(address, "sixtofour", None) or getattr(address, "teredo", None)
    return address.is_global and not address.is_multicast and not hidden and not _translated(address)


#: NAT64: an IPv4 address in the last four bytes, which the network would turn into a connection to it.
NAT64 = ipaddress.ip_network("64:ff9b::/96")


def _translated(address: Address) -> bool:
    return address.version == 6 and address in NAT64
