"""The catalogue in the graph."""

from datetime import date

import strawberry

from backoffice import fields, models
from backoffice.permissions import Capability
from backoffice.schema.access import of, see
from backoffice.schema.nodes import Node
from backoffice.schema.paging import Connection
from backoffice.schema.scalars import Money, Rate

_READ = Capability.CATALOGUE_READ


@of(fields.offers.CHANNEL)
class Channel(Node):
    """A television channel."""

    code: str = see(_READ, "The channel's code.")
    name: str = see(_READ, "The channel's name.")
    theme: str = see(_READ, "What it shows.")


@of(fields.offers.OFFER_CHANNEL)
class OfferChannel(Node):
    """A channel that is part of an offer, by date."""

    channel: Channel = see(_READ, "The channel.")
    starts_on: date = see(_READ, "The first day on which it is part of the offer.")
    ends_on: date | None = see(_READ, "The first day on which it no longer is.")


@of(fields.offers.PRICE_COMPONENT)
class PriceComponent(Node):
    """A part of a price with a VAT rate of its own."""

    position: int = see(_READ, "Its place.")
    label_fr: str = see(_READ, "What it is, in French.")
    label_en: str = see(_READ, "What it is, in English.")
    amount: Money = see(_READ, "Its part of the price.")
    vat_rate: Rate | None = see(_READ, "Its VAT rate; none outside the scope of VAT.")


@of(fields.offers.PRICE_VERSION)
class PriceVersion(Node):
    """The price of an offer between two dates."""

    starts_on: date = see(_READ, "The first day of this price.")
    ends_on: date | None = see(_READ, "The first day of the next price.")
    notified_on: date | None = see(_READ, "When subscribers were told.")
    amount: Money = see(_READ, "The price of one period.")
    basis: models.PriceBasis = see(_READ, "Whether VAT is included.")
    months: int = see(_READ, "Months that one price covers; 0 for what is paid once.")
    components: Connection[PriceComponent] = see(_READ, "Its parts by VAT rate. At most 200 a page.")


@strawberry.input(description="Which offers.")
class OfferWhere:
    kind: list[models.OfferKind] | None = None
    family: list[models.ServiceFamily] | None = None
    and_: list["OfferWhere"] | None = strawberry.field(name="and", default=None)
    or_: list["OfferWhere"] | None = strawberry.field(name="or", default=None)
    not_: "OfferWhere | None" = strawberry.field(name="not", default=None)


@of(fields.offers.OFFER)
class Offer(Node):
    """Something the operator sells: an offer, an option, a fee or a deposit."""

    code: str = see(_READ, "Its code in the catalogue.")
    name_fr: str = see(_READ, "Its name in French.")
    name_en: str = see(_READ, "Its name in English.")
    kind: models.OfferKind = see(_READ, "Offer, option, fee or deposit.")
    family: models.ServiceFamily = see(_READ, "The family of services.")
    commitment_months: int = see(_READ, "Months of commitment that it asks for.")
    has_subsidised_terminal: bool = see(_READ, "Whether a telephone comes below its price.")
    is_rolling_month: bool = see(_READ, "Whether it renews month by month from its own day.")
    device_slots: int = see(_READ, "How many devices it lets a subscriber link.")
    simultaneous_streams: int = see(_READ, "How many streams at once.")
    sold_from: date = see(_READ, "The first day on which it is sold.")
    sold_until: date | None = see(_READ, "The first day on which it no longer is.")
    prices: Connection[PriceVersion] = see(_READ, "Its prices, newest first. At most 200 a page.")
    channels: Connection[OfferChannel] = see(_READ, "Its channels. At most 200 a page.")
