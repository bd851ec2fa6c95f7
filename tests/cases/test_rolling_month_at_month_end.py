"""A rolling option taken on 31 January: its first month is 28 days in 2027 and 29 in 2028, and it never drifts.

Cut off on 14 February, the days left of the month that was paid are credited.
"""

from datetime import date

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import models
from tests.acts import global_id, key_of
from tests.cases import books, goods
from tests.cases.desk import Desk
from tests.factories import create_account, create_subscriber, create_ticket, new_id


async def option_of_a_month(desk: Desk, year: int) -> tuple[models.BillingAccount, models.ContractItem, str]:
    """The option, billed by the run of 31 January and paid, and a ticket with a proof."""
    await desk.clock(f"{year}-01-31T06:00+01:00")
    async with desk.database.unit_of_work() as session:
        subscriber = await create_subscriber(session)
        account = await create_account(session, subscriber)
        television = await goods.sell(session, "PACK-CINE")
        sport = await goods.sell(session, "OPT-SPORT-MOIS")
        contract, _ = await books.subscribe(session, account, television, starts_on=date(year, 1, 1))
        started_on = date(year, 1, 31)
        option = await books.add_item(session, contract, sport, starts_on=started_on, anchor_on=started_on)
        ticket = await create_ticket(session, subscriber)
        await _attach(session, ticket)
    await desk.run("bill", "--on", f"{year}-01-31")
    async with desk.database.unit_of_work() as session:
        account = await session.get_one(models.BillingAccount, key_of(account))
        for bill in await books.issued(session, account):
            await books.pay(session, account, bill, on=date(year, 2, 1))
    return account, option, global_id(ticket)


async def _attach(session: AsyncSession, ticket: models.Ticket) -> None:
    event = models.TicketEvent(
        subscriber_id=ticket.subscriber_id,
        id=new_id(),
        ticket_id=ticket.id,
        kind=models.TicketEventKind.MESSAGE,
        at=ticket.opened_at,
        author_kind="SUBSCRIBER",
        author_id=ticket.subscriber_id,
        author_name="Zoé",
        body="Aucun visionnage depuis le 14.",
        state=models.TicketState.OPEN,
        is_public=True,
    )
    session.add(event)
    await session.flush()
    session.add(
        models.Attachment(
            subscriber_id=ticket.subscriber_id,
            id=new_id(),
            ticket_id=ticket.id,
            ticket_event_id=event.id,
            file_name="capture.png",
            media_type="image/png",
            size_bytes=1,
            sha256="0" * 64,
            storage_key="k",
            received_at=ticket.opened_at,
        )
    )


@pytest.mark.parametrize(
    ("year", "ends_on", "ht", "tax", "total"),
    [(2027, "2027-02-28", 909, 91, 1000), (2028, "2028-02-29", 940, 94, 1034)],
)
async def test_credits_the_days_left(desk: Desk, year: int, ends_on: str, ht: int, tax: int, total: int) -> None:
    account, option, ticket = await option_of_a_month(desk, year)
    await desk.clock(f"{year}-02-14T10:00+01:00")

    given = {"contractItemId": global_id(option), "when": "AT_ONCE", "ticketId": ticket}
    shown = await desk.preview("optionEnd", **given)
    done = await desk.confirm("optionEnd", shown["quote"], fields="state effectiveOn")

    document = shown["preview"]["document"]
    assert (document["totalExcludingVat"], document["vat"], document["total"]) == (ht, tax, total)
    [line] = document["lines"]
    assert (line["startsOn"], line["endsOn"]) == (f"{year}-02-14", ends_on)
    assert done["changeOrder"] == {"state": "APPLIED", "effectiveOn": f"{year}-02-14"}
    await desk.verify()
    await desk.clock(f"{year}-03-31T06:00+02:00")
    await desk.run("bill", "--on", f"{year}-03-31")
    async with desk.database.reading() as session:
        later = [line.kind for bill in (await books.issued(session, account))[1:] for line in bill.lines]
    assert models.LineKind.OPTION not in later


async def test_keeps_its_anchor_through_short_months(desk: Desk) -> None:
    account, _, _ = await option_of_a_month(desk, 2027)

    for at in ("2027-02-28T06:00+01:00", "2027-03-31T06:00+02:00", "2027-04-30T06:00+02:00"):
        await desk.clock(at)
        await desk.run("bill", "--on", at[:10])

    async with desk.database.reading() as session:
        cycles = [
            (line.starts_on, line.ends_on)
            for bill in await books.issued(session, account)
            for line in bill.lines
            if line.kind is models.LineKind.OPTION
        ]
    assert sorted(cycles) == [
        (date(2027, 1, 31), date(2027, 2, 28)),
        (date(2027, 2, 28), date(2027, 3, 31)),
        (date(2027, 3, 31), date(2027, 4, 30)),
        (date(2027, 4, 30), date(2027, 5, 31)),
    ]
