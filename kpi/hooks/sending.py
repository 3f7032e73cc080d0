"""One POST to an address that was judged: signed, short, without redirects. Knows HTTP and nothing of rows."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import socket
import ssl
from dataclasses import dataclass

from kpi.hooks.addresses import Target

TIMEOUT = 8.0
#: Of the answer no more is read or kept than tells a person what the other side said.
ANSWER_BYTES, ANSWER_CHARS = 2048, 160
AGENT = "OneZone-Webhook/1"


@dataclass(frozen=True)
class Answer:
    """What the other side said: ``status`` 0 when it was not reached, and a line of text."""

    status: int
    text: str

    @property
    def taken(self) -> bool:
        return 200 <= self.status < 300


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """``sha256=`` and the HMAC-SHA256, in hexadecimal, of the timestamp, a point and the body."""
    digest = hmac.new(secret.encode(), str(timestamp).encode() + b"." + body, hashlib.sha256)
    return f"sha256={digest.hexdigest()}"


class _Plain(http.client.HTTPConnection):
    """Connects to the judged address, whatever the name would resolve to now."""

    target: Target

    def connect(self) -> None:
        self.sock = socket.create_connection((self.target.ip, self.target.port), self.timeout)


class _Secure(http.client.HTTPSConnection):
    """The same over TLS, with the certificate checked against the name."""

    target: Target

    def connect(self) -> None:
        raw = socket.create_connection((self.target.ip, self.target.port), self.timeout)
        self.sock = ssl.create_default_context().wrap_socket(raw, server_hostname=self.target.host)


def post(target: Target, body: bytes, headers: dict[str, str]) -> Answer:
    """Send the body; never raises for what the other side or the network does. A redirect is an answer like another."""
    kind = _Secure if target.scheme == "https" else _Plain
    connection = kind(target.host, target.port, timeout=TIMEOUT)
    connection.target = target
    try:
        sent = {
            "Host": target.netloc,
            "Content-Type": "application/json",
            "User-Agent": AGENT,
            "Connection": "close",
            **headers,
        }
        connection.request("POST", target.path, body, sent)
        reply = connection.getresponse()
        return Answer(reply.status, _line(reply.status, reply.read(ANSWER_BYTES)))
    except (OSError, http.client.HTTPException) as error:
        return Answer(0, f"{type(error).__name__}: {error}"[:ANSWER_CHARS])
    finally:
        connection.close()


def _line(status: int, content: bytes) -> str:
    text = " ".join(content.decode("utf-8", "replace").replace("\x00", "").split())
    return f"{status} {text}".strip()[:ANSWER_CHARS]
