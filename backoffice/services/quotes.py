"""Quotes: the signed word that an act will do just what its preview showed, to one person, once, for some minutes."""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.errors import BackofficeError
from backoffice.ids import GlobalId, new_id
from backoffice.models import SpentQuote
from backoffice.permissions import Viewer
from backoffice.vault import Vault

_PURPOSE = "quote"
_LONGEST = 20_000


class BadQuote(BackofficeError):
    """The text is no quote of ours, was altered, or was given to somebody else or for another act."""

    code = "BAD_QUOTE"

    def __init__(self) -> None:
        super().__init__(
            "This is not a quote for you and this act; preview again and confirm its quote.", field="quote"
        )


class QuoteExpired(BackofficeError):
    """The quote is older than it may be."""

    code = "QUOTE_EXPIRED"

    def __init__(self, expired_at: datetime) -> None:
        super().__init__(
            f"This quote expired at {expired_at.isoformat(timespec='seconds')}; preview again.", field="quote"
        )
        self.expired_at = expired_at


class QuoteSpent(BackofficeError):
    """The quote was confirmed before, with another key."""

    code = "QUOTE_SPENT"

    def __init__(self) -> None:
        super().__init__(
            "This quote was confirmed before; look at what it did, and preview again to do it once more.", field="quote"
        )


class QuoteStale(BackofficeError):
    """Something changed since the preview, so that the act would no longer do what was shown."""

    code = "QUOTE_STALE"

    def __init__(self) -> None:
        super().__init__("The figures have moved since the preview; preview again and look at them.", field="quote")


@dataclass(frozen=True, slots=True)
class Quote:
    """What was promised: the act with its whole input, and the hash of the figures that were shown."""

    id: int
    operation: str
    given: dict[str, Any]
    figures_hash: str
    target: GlobalId
    expires_at: datetime

    @property
    def subscriber_id(self) -> int:
        """Whose file the act is about."""
        return self.target.subscriber_id


def seal(
    vault: Vault,
    *,
    viewer: Viewer,
    operation: str,
    given: dict[str, Any],
    figures_hash: str,
    target: GlobalId,
    at: datetime,
    minutes: int,
) -> tuple[str, datetime]:
    """The quote as text, and when it expires."""
    expires_at = at + timedelta(minutes=minutes)
    content = {
        "id": new_id(at),
        "actor": [viewer.kind, viewer.id],
        "operation": operation,
        "given": given,
        "figures": figures_hash,
        "target": target.encode(),
        "expires": expires_at.isoformat(),
    }
    body = _packed(json.dumps(content, ensure_ascii=False, separators=(",", ":"), default=str))
    return f"{body}.{vault.sign(body, purpose=_PURPOSE)}", expires_at


def unseal(vault: Vault, text: str, *, viewer: Viewer, operation: str) -> Quote:
    """The quote that a text is, whether or not it has expired; raises BadQuote."""
    body, _, signature = text.partition(".")
    if len(text) > _LONGEST or not vault.is_signed(body, signature, purpose=_PURPOSE):
        raise BadQuote
    content = json.loads(_unpacked(body))
    target = GlobalId.decode(content["target"])
    if content["actor"] != [viewer.kind, viewer.id] or content["operation"] != operation or target is None:
        raise BadQuote
    return Quote(
        id=content["id"],
        operation=operation,
        given=content["given"],
        figures_hash=content["figures"],
        target=target,
        expires_at=datetime.fromisoformat(content["expires"]).astimezone(UTC),
    )


async def spend(session: AsyncSession, quote: Quote, *, at: datetime) -> None:
    """Use the quote up in the transaction of its act; raises QuoteSpent and QuoteExpired."""
    if await session.get(SpentQuote, {"subscriber_id": quote.subscriber_id, "id": quote.id}) is not None:
        raise QuoteSpent
    if at >= quote.expires_at:
        raise QuoteExpired(quote.expires_at)
    session.add(SpentQuote(subscriber_id=quote.subscriber_id, id=quote.id, spent_at=at))
    try:
        await session.flush()  # of two that confirm it at once, the primary key lets one through
    except IntegrityError as spent:
        raise QuoteSpent from spent


def _packed(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def _unpacked(body: str) -> str:
    try:
        return base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)).decode()
    except (binascii.Error, ValueError) as unreadable:
        raise BadQuote from unreadable
