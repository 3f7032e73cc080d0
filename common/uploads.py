"""Files kept between preview and confirmation: encrypted, for their owner only, for an hour, used once.

Of a file that was used its token stays for as long, with what came of it: who
confirms twice is told that it is done.

The very bytes that were previewed are carried out: a second upload is not needed,
and nobody can put another file in its place.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
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
    owner_id: int
    token: str
    name: str
    sha256: str
    content: bytes


class Finished(Http404):
    """The file was carried out before; ``written`` is what that came to. Where nobody asks, there is none."""

    def __init__(self, written: Mapping[str, int]) -> None:
        self.written = written
        super().__init__()


def _folder() -> Path:
    folder = Path(settings.MEDIA_ROOT) / "imports"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def keep(owner_id: int, name: str, content: bytes) -> Upload:
    """Put a file aside; what has expired goes at the same time."""
    _purge()
    sha256 = hashlib.sha256(content).hexdigest()
    upload = Upload(owner_id, secrets.token_urlsafe(24), Path(name).name[:100], sha256, content)
    about = {"owner": owner_id, "name": upload.name, "sha256": upload.sha256}
    _write(upload.token, about, content)
    return upload


def _write(token: str, about: dict, content: bytes) -> None:
    """In one step: whoever reads meanwhile finds the old or the new."""
    path = _folder() / token
    draft = _folder() / f"{token}.new"
    draft.touch(mode=0o600)
    draft.write_bytes(cipher().encrypt(json.dumps(about).encode() + b"\n" + content))
    draft.replace(path)


def fetch(owner_id: int, token: str) -> Upload:
    """The file, unless it is somebody else's, expired or altered: then Http404; Finished when it was used."""
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
    if "written" in about:
        raise Finished(about["written"])
    return Upload(owner_id, token, about["name"], about["sha256"], content)


def attach(upload: Upload, name: str, content: bytes) -> None:
    """Keep something that was made of a file beside it, as safe as the file and for as long."""
    about = {"owner": upload.owner_id, "sha256": upload.sha256}
    _write(f"{upload.token}.{name}", about, content)


def attached(upload: Upload, name: str) -> bytes | None:
    """What was kept beside a file by that name; None when nothing was, or no longer is."""
    path = _folder() / f"{upload.token}.{name}"
    try:
        head, content = cipher().decrypt(path.read_bytes(), ttl=KEPT_SECONDS).split(b"\n", 1)
    except (FileNotFoundError, InvalidToken):
        return None
    return content if json.loads(head) == {"owner": upload.owner_id, "sha256": upload.sha256} else None


@contextmanager
def taken(owner_id: int, token: str) -> Iterator[Upload]:
    """The file, for one at a time: a second request waits until the first has done with it."""
    fetch(owner_id, token)
    handle = os.open(_folder() / token, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield fetch(owner_id, token)
    finally:
        os.close(handle)


def finish(owner_id: int, token: str, written: Mapping[str, int]) -> None:
    """The file was carried out: its content goes, and what was kept beside it; its token stays until it expires."""
    for beside in _folder().glob(f"{token}.*"):
        beside.unlink(missing_ok=True)
    about = {"owner": owner_id, "sha256": hashlib.sha256(b"").hexdigest(), "written": dict(written)}
    _write(token, about, b"")


def _purge() -> None:
    old = time.time() - KEPT_SECONDS
    for path in _folder().iterdir():
        if path.is_file() and path.stat().st_mtime < old:
            path.unlink(missing_ok=True)
