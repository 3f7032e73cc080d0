"""Files kept between preview and confirmation: encrypted, for their owner only, for an hour, used once.

The very bytes that were previewed are carried out: a second upload is not needed,
and nobody can put another file in its place.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.http import Http404

from common.fields import cipher

KEPT_SECONDS = 3600
_TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")


@dataclass(frozen=True)
class Upload:
    token: str
    name: str
    sha256: str
    content: bytes


def _folder() -> Path:
    folder = Path(settings.MEDIA_ROOT) / "imports"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def keep(owner_id: int, name: str, content: bytes) -> Upload:
    """Put a file aside; what has expired goes at the same time."""
    _purge()
    upload = Upload(secrets.token_urlsafe(24), Path(name).name[:100], hashlib.sha256(content).hexdigest(), content)
    about = {"owner": owner_id, "name": upload.name, "sha256": upload.sha256}
    path = _folder() / upload.token
    path.touch(mode=0o600)
    path.write_bytes(cipher().encrypt(json.dumps(about).encode() + b"\n" + content))
    return upload


def fetch(owner_id: int, token: str) -> Upload:
    """The file, unless it is somebody else's, expired, used or altered: then Http404."""
    path = _folder() / token
    if not _TOKEN.fullmatch(token) or not path.is_file():
        raise Http404
    try:
        head, content = cipher().decrypt(path.read_bytes(), ttl=KEPT_SECONDS).split(b"\n", 1)
    except InvalidToken:
        raise Http404 from None
    about = json.loads(head)
    if about["owner"] != owner_id or about["sha256"] != hashlib.sha256(content).hexdigest():
        raise Http404
    return Upload(token, about["name"], about["sha256"], content)


def drop(token: str) -> None:
    if _TOKEN.fullmatch(token):
        (_folder() / token).unlink(missing_ok=True)


def _purge() -> None:
    old = time.time() - KEPT_SECONDS
    for path in _folder().iterdir():
        if path.is_file() and path.stat().st_mtime < old:
            path.unlink(missing_ok=True)
