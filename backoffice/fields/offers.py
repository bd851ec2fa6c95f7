"""The catalogue: offers, their dated prices and channels."""

from backoffice import models
from backoffice.fields.declare import Column, Entity, OneOf, PageSize, Range, Relation, ToOne, all_of, down, up
from backoffice.permissions import Capability

_MANY = PageSize(default=50, largest=200)

OFFER = Entity(
    "Offer",
    models.Offer,
    needs=Capability.CATALOGUE_READ,
    fields={
        "prices": Relation("PriceVersion", by="offer_id", order=down("starts_on"), page=_MANY),
        "channels": Relation("OfferChannel", by="offer_id", order=up("starts_on"), page=_MANY),
    },
    filters={"kind": OneOf("kind"), "family": OneOf("family"), "sold_from": Range("sold_from")},
    orders={"CODE": up("code")},
)

PRICE_VERSION = Entity(
    "PriceVersion",
    models.PriceVersion,
    needs=Capability.CATALOGUE_READ,
    fields={
        "amount": Column("amount_cents"),
        "components": Relation("PriceComponent", by="price_version_id", order=up("position"), page=_MANY),
    },
)

PRICE_COMPONENT = Entity(
    "PriceComponent", models.PriceComponent, needs=Capability.CATALOGUE_READ, fields={"amount": Column("amount_cents")}
)

OFFER_CHANNEL = Entity(
    "OfferChannel",
    models.OfferChannel,
    needs=Capability.CATALOGUE_READ,
    fields={"channel": ToOne("Channel", key="channel_id")},
)

CHANNEL = Entity("Channel", models.Channel, needs=Capability.CATALOGUE_READ)

OFFERS = all_of("Offer", order=up("code"), page=_MANY)
