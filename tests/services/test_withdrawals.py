"""Withdrawal within fourteen days: what is kept, what goes back, and until when."""

from datetime import date

import pytest

from backoffice import models
from backoffice.billing.periods import Period
from backoffice.database import Database
from backoffice.models import ContractState, CreditReason
from tests import agreed
from tests.acts import global_id
from tests.agreed import Agreed

_NOTE = "Rétractation reçue par courrier."
OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))


async def _contract(
    database: Database, *, concluded_on: date = date(2026, 10, 5), is_express: bool = True, is_billed: bool = True
) -> Agreed:
    """A contract that began on 7 October, whose first invoice has the activation fee and is paid."""
    async with database.unit_of_work() as session:
        catalogue = await agreed.create_catalogue(session)
        starts_on = max(concluded_on, date(2026, 10, 7))
        made = await agreed.conclude(
            session,
            catalogue,
            "PACK-CINE",
            on=concluded_on,
            starts_on=starts_on,
            is_express_start_requested=is_express,
        )
        fee = await agreed.add_item(session, made.contract, catalogue.offers["FRAIS-ACTIVATION"], starts_on=starts_on)
        if is_billed:
            served = Period(starts_on, OCTOBER.ends_on)
            await agreed.bill(session, made, OCTOBER, made.item, fee, served=served)
    return made


class TestPlan:
    @pytest.mark.parametrize(("is_express", "back", "left"), [(True, 6706, 1016), (False, 7722, 0)])
    async def test_gives_back_what_may_not_be_kept(
        self, database: Database, is_express: bool, back: int, left: int
    ) -> None:
        made = await _contract(database, is_express=is_express)

        facts, order = await agreed.do(
            agreed.staff(database, on=date(2026, 10, 16)), "withdrawal", contractId=made.contract_id, note=_NOTE
        )

        assert facts["refund"] == {
            "cents": back,
            "due_on": "2026-10-30",
            "rule": "conso-L221-24",
            "article": "Code de la consommation, article L221-24",
        }
        [invoice] = await agreed.rows(database, models.Invoice, made)
        assert invoice.ttc_cents - invoice.credited_cents == left
        [note] = await agreed.rows(database, models.CreditNote, made)
        assert (note.ttc_cents, note.reason) == (back, CreditReason.WITHDRAWAL)
        [refund] = await agreed.rows(database, models.Refund, made)
        [payment] = await agreed.rows(database, models.Payment, made)
        assert (refund.amount_cents, refund.payment_id) == (back, payment.id)
        assert order["state"] == "APPLIED"
        assert await agreed.faults(database) == []

    async def test_leaves_what_is_kept_with_its_vat(self, database: Database) -> None:
        made = await _contract(database)

        facts, _ = await agreed.do(
            agreed.staff(database, on=date(2026, 10, 16)), "withdrawal", contractId=made.contract_id, note=_NOTE
        )

        assert facts["kept"]["cents"] == 1016
        assert facts["kept"]["rates"] == [{"vat_rate": "0.10", "ht_cents": 924, "vat_cents": 92, "ttc_cents": 1016}]
        service, fee = await agreed.rows(database, models.InvoiceLine, made)
        # The note takes its own rounded share of the issued line, so that both add up to the line to the cent.
        assert (service.credited_ht_cents, service.credited_ttc_cents) == (1642, 1806)
        assert (fee.credited_ht_cents, fee.credited_ttc_cents) == (4083, 4900)

    async def test_ends_the_contract_on_the_day_of_the_notice(self, database: Database) -> None:
        made = await _contract(database)

        await agreed.do(
            agreed.staff(database, on=date(2026, 10, 16)), "withdrawal", contractId=made.contract_id, note=_NOTE
        )

        [contract] = await agreed.rows(database, models.Contract, made)
        assert (contract.state, contract.ends_on) == (ContractState.TERMINATED, date(2026, 10, 16))
        assert contract.termination_reason is models.TerminationReason.WITHDRAWAL
        [event] = await agreed.rows(database, models.ContractEvent, made)
        assert event.kind is models.ContractEventKind.WITHDRAWN

    async def test_cancels_a_contract_that_never_began(self, database: Database) -> None:
        made = await _contract(database, is_billed=False)

        await agreed.do(
            agreed.staff(database, on=date(2026, 10, 6)), "withdrawal", contractId=made.contract_id, note=_NOTE
        )

        [contract] = await agreed.rows(database, models.Contract, made)
        assert (contract.state, contract.ends_on) == (ContractState.CANCELLED, date(2026, 10, 7))
        assert await agreed.waiting(database, made) == []

    async def test_charges_the_service_given_when_nothing_was_billed(self, database: Database) -> None:
        made = await _contract(database, is_billed=False)

        await agreed.do(
            agreed.staff(database, on=date(2026, 10, 16)), "withdrawal", contractId=made.contract_id, note=_NOTE
        )

        assert await agreed.waiting(database, made) == [("Prorata – Pack Cinéma", 1016)]


class TestAfterAChange:
    """October at 74.99, from the 6th on at 39.99; the notice comes in on the 9th."""

    async def _changed(self, database: Database, *, is_express: bool) -> Agreed:
        async with database.unit_of_work() as session:
            catalogue = await agreed.create_catalogue(session)
            made = await agreed.conclude(
                session, catalogue, "TOUT-INCLUS", on=date(2026, 10, 1), is_express_start_requested=is_express
            )
            await agreed.bill(session, made, OCTOBER)
        await agreed.do(
            agreed.staff(database, on=date(2026, 10, 6)),
            "offerChange",
            contractId=made.contract_id,
            offerId=made.offer_id("PACK-SPORT"),
        )
        return made

    @pytest.mark.parametrize(
        ("is_express", "back", "waiting"),
        [(True, 7499 - 1210, [("Prorata – Pack Sport", 387)]), (False, 7499, [])],
    )
    async def test_keeps_the_days_of_each_offer(
        self, database: Database, is_express: bool, back: int, waiting: list[tuple[str, int]]
    ) -> None:
        made = await self._changed(database, is_express=is_express)

        facts, _ = await agreed.do(
            agreed.staff(database, on=date(2026, 10, 9)), "withdrawal", contractId=made.contract_id, note=_NOTE
        )

        assert facts["refund"]["cents"] == back
        assert await agreed.waiting(database, made) == waiting
        assert await agreed.faults(database) == []


class TestDeadline:
    @pytest.mark.parametrize(
        ("concluded_on", "last_on", "after_on"),
        [
            (date(2026, 10, 5), date(2026, 10, 19), date(2026, 10, 20)),
            (date(2026, 10, 24), date(2026, 11, 9), date(2026, 11, 10)),
        ],
    )
    async def test_is_day_fourteen_or_the_next_working_day(
        self, database: Database, concluded_on: date, last_on: date, after_on: date
    ) -> None:
        made = await _contract(database, concluded_on=concluded_on, is_billed=False)

        previewed = await agreed.preview(
            agreed.staff(database, on=last_on), "withdrawal", contractId=made.contract_id, note=_NOTE
        )
        error = await agreed.refused(
            agreed.staff(database, on=after_on), "withdrawal", contractId=made.contract_id, note=_NOTE
        )

        assert previewed["preview"]["facts"]["deadline"]["due_on"] == last_on.isoformat()
        assert error["code"] == "WITHDRAWAL_TOO_LATE"
        assert last_on.isoformat() in error["message"]

    async def test_counts_the_day_on_which_the_notice_came_in(self, database: Database) -> None:
        made = await _contract(database)

        facts, _ = await agreed.do(
            agreed.staff(database, on=date(2026, 10, 22)),
            "withdrawal",
            contractId=made.contract_id,
            receivedOn="2026-10-16",
            note=_NOTE,
        )

        assert facts["refund"]["cents"] == 6706


class TestLateSurcharge:
    @pytest.mark.parametrize(
        ("paid_on", "cents"),
        [
            ("2026-10-30", 0),
            ("2026-11-13", 335),
            ("2026-11-20", 671),
            ("2026-11-30", 1341),
        ],
    )
    async def test_grows_with_the_days(self, database: Database, paid_on: str, cents: int) -> None:
        made = await _contract(database)
        asked = agreed.staff(database, on=date(2026, 10, 16))
        await agreed.do(asked, "withdrawal", contractId=made.contract_id, note=_NOTE)
        [order] = await agreed.rows(database, models.ChangeOrder, made)
        query = """query($id: ID!, $on: Date!) {
          node(id: $id) { ... on ChangeOrder { lateSurcharge(paidOn: $on) { cents } } }
        }"""

        data = await asked.data(query, id=global_id(order), on=paid_on)

        assert data["node"]["lateSurcharge"]["cents"] == cents
