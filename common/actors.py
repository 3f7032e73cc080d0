"""Who is acting, and through which door: every service takes one as ``by=``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from common.models import User

Door = Literal["page", "api", "import", "command", "task"]


@dataclass(frozen=True)
class Actor:
    """A user (None for the system itself), the door he came through, and his address."""

    user: User | None
    door: Door
    address: str = ""

    @classmethod
    def command(cls, name: str) -> Actor:
        return cls(user=None, door="command", address=name)

    @classmethod
    def of(cls, request, door: Door = "page") -> Actor:
        return cls(user=request.user, door=door, address=request.META.get("REMOTE_ADDR", ""))
