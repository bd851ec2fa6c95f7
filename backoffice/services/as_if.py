"""Changes of a contract that are only supposed, to see what the bill would have been; nothing of them is written."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from backoffice.billing.items import DatedPromotion
from backoffice.billing.periods import Period
from backoffice.errors import BadInput, NotFound
from backoffice.models import OfferKind
from backoffice.services.agreements import Agreement
from backoffice.services.contract_histories import History, Item


class AsIfKind(StrEnum):
    """What is supposed. SERVED: an item, or all of them, was served on these days only."""

    OFFER_CHANGE = "OFFER_CHANGE"
    OPTION_ADD = "OPTION_ADD"
    OPTION_END = "OPTION_END"
    PROMOTION = "PROMOTION"
    SERVED = "SERVED"


@dataclass(frozen=True, slots=True)
class AsIf:
    """One supposed change, from the day `on`, until `until` (not included) where it has an end."""

    kind: AsIfKind
    on: date
    until: date | None = None
    offer_id: int | None = None
    item_id: int | None = None
    discount_cents: int | None = None


def suppose(history: History, agreement: Agreement, changes: Sequence[AsIf]) -> History:
    """The history with these changes, one after the other. Raises BadInput and NotFound."""
    for change in changes:
        if change.until is not None and change.until <= change.on:
            raise BadInput("'until' is the first day after: give a day after 'on'.", field="asIf")
        history = _SUPPOSED[change.kind](history, agreement, change)
    return history


def _offer_change(history: History, agreement: Agreement, change: AsIf) -> History:
    """The offer from that day on; what took its place later is left out."""
    offer_id = _offer(agreement, change, OfferKind.OFFER)
    old = [item for item in history.items if item.kind is OfferKind.OFFER and item.starts_on < change.on]
    if not old:
        raise BadInput(f"No offer was in force before {change.on}: give a later day.", field="asIf")
    others = [item for item in history.items if item.kind is not OfferKind.OFFER]
    new = _new(offer_id, OfferKind.OFFER, change.on, history.ends_on, quantity=old[-1].quantity)
    return replace(history, items=(*(_ended(item, change.on) for item in old), new, *others))


def _option_add(history: History, agreement: Agreement, change: AsIf) -> History:
    offer_id = _offer(agreement, change, OfferKind.OPTION)
    anchor_on = change.on if agreement.offers[offer_id].is_rolling_month else None
    new = _new(offer_id, OfferKind.OPTION, change.on, change.until or history.ends_on, anchor_on=anchor_on)
    return replace(history, items=(*history.items, new))


def _option_end(history: History, agreement: Agreement, change: AsIf) -> History:
    option = _item(history, change)
    if option.kind is not OfferKind.OPTION:
        raise BadInput("This item is no option: use OFFER_CHANGE or SERVED.", field="asIf")
    return _with(history, option, replace(option, ends_on=max(option.starts_on, change.on)))


def _promotion(history: History, agreement: Agreement, change: AsIf) -> History:
    if not change.discount_cents or change.discount_cents < 0:
        raise BadInput("Give 'discount', what the promotion takes off a period, above zero.", field="asIf")
    item = _item(history, change) if change.item_id else _offer_on(history, change.on)
    granted = DatedPromotion("Promotion supposée", change.discount_cents, change.on, change.until)
    return _with(history, item, replace(item, promotions=(*item.promotions, granted)))


def _served(history: History, agreement: Agreement, change: AsIf) -> History:
    chosen = (_item(history, change),) if change.item_id else history.items
    days = Period(change.on, change.until or date.max)
    for item in chosen:
        history = _with(history, item, replace(item, served=days))
    return history


_SUPPOSED = {
    AsIfKind.OFFER_CHANGE: _offer_change,
    AsIfKind.OPTION_ADD: _option_add,
    AsIfKind.OPTION_END: _option_end,
    AsIfKind.PROMOTION: _promotion,
    AsIfKind.SERVED: _served,
}


def _offer(agreement: Agreement, change: AsIf, kind: OfferKind) -> int:
    if change.offer_id is None:
        raise BadInput(f"Give 'offerId' with {change.kind}.", field="asIf")
    offer = agreement.offers.get(change.offer_id)
    if offer is None or offer.kind is not kind:
        raise NotFound(f"There is no such {kind.lower()}; check the id.", field="asIf")
    return offer.id


def _item(history: History, change: AsIf) -> Item:
    if change.item_id is None:
        raise BadInput(f"Give 'contractItemId' with {change.kind}.", field="asIf")
    found = next((item for item in history.items if item.id == change.item_id), None)
    if found is None:
        raise NotFound("The contract had no such item; check the id.", field="asIf")
    return found


def _offer_on(history: History, on: date) -> Item:
    for item in history.items:
        if item.kind is OfferKind.OFFER and item.starts_on <= on and (item.ends_on is None or on < item.ends_on):
            return item
    raise BadInput(f"No offer was in force on {on}: give another day.", field="asIf")


def _new(
    offer_id: int, kind: OfferKind, on: date, ends_on: date | None, *, quantity: int = 1, anchor_on: date | None = None
) -> Item:
    return Item(None, offer_id, kind, quantity, None, anchor_on, on, ends_on)


def _ended(item: Item, on: date) -> Item:
    return replace(item, ends_on=min(on, item.ends_on or on))


def _with(history: History, old: Item, new: Item) -> History:
    return replace(history, items=tuple(new if item is old else item for item in history.items))
