"""Bills replayed through the graph: as they are known, as they were known, and as if things had been otherwise."""

from datetime import date
from typing import Any

import pytest

from backoffice import models
from backoffice.billing.periods import Period
from backoffice.database import Database
from backoffice.ids import GlobalId
from backoffice.models import BilledBy, PriceBasis
from backoffice.permissions import Role
from tests import agreed, books, factories
from tests.acts import everything, global_id
from tests.agreed import Agreed
from tests.books import NOVEMBER, Article
from tests.graphs import Asked, asking
from tests.money_acts import only_cents

_REPLAY = """query($input: BillReplayInput!) { billReplay(input: $input) {
  contract { id } startsOn endsOn knownAt
  lines { kind label startsOn endsOn quantity unitPrice { cents } vatRate basis amount { cents } derivation explanation
    item { id } }
  comparisons { label vatRate issued { cents } waiting { cents } credited { cents } replayed { cents } difference { cents }
    verdict sentence(language: EN) issuedLines { label } }
  total { cents } issued { cents } waiting { cents } credited { cents } difference { cents }
} }"""
OCTOBER = Period(date(2026, 10, 1), NOVEMBER.starts_on)


async def _billed(database: Database, code: str, period: Period, *options: str) -> Agreed:
    """A contract of January 1st, with options, of which one period was billed."""
    async with database.unit_of_work() as session:
        catalogue = await agreed.create_catalogue(session)
        made = await agreed.conclude(session, catalogue, code, on=date(2026, 1, 1))
        items = [
            await agreed.add_item(session, made.contract, catalogue.offers[option], starts_on=date(2026, 1, 1))
            for option in options
        ]
        await agreed.bill(session, made, period, made.item, *items)
    return made


async def _replay(by: Asked, made: Agreed, **given: Any) -> Any:
    return only_cents((await by.data(_REPLAY, input={"contractId": made.contract_id, **given}))["billReplay"])


def _amounts(said: Any) -> list[tuple[str, str, str, int]]:
    return [(line["label"], line["startsOn"], line["endsOn"], line["amount"]) for line in said["lines"]]


class TestBillReplay:
    async def test_gives_what_was_issued_and_writes_nothing(self, database: Database) -> None:
        made = await _billed(database, "CONFORT", OCTOBER)
        before = await everything(database)

        said = await _replay(asking(database), made, on="2026-10-31")

        assert (said["contract"]["id"], said["startsOn"], said["endsOn"]) == (
            made.contract_id,
            "2026-10-01",
            "2026-11-01",
        )
        assert _amounts(said) == [
            ("Télévision – Télévision", "2026-10-01", "2026-11-01", 600),
            ("Télévision – Accès au réseau", "2026-10-01", "2026-11-01", 4399),
        ]
        assert said["lines"][1]["vatRate"] == "0.20"
        assert said["lines"][1]["derivation"]["cents"] == said["lines"][1]["unitPrice"] == 4399
        assert said["lines"][1]["item"] == {"id": global_id(made.item)}
        assert [(each["verdict"], each["difference"]) for each in said["comparisons"]] == [("SAME", 0), ("SAME", 0)]
        assert [said[name] for name in ("total", "issued", "waiting", "credited", "difference")] == [
            4999,
            4999,
            0,
            0,
            0,
        ]
        after = await everything(database)
        assert {name for name, rows in after.items() if rows != before[name]} == {models.AccessEntry.__tablename__}

    async def test_lets_the_chain_win_where_a_cent_differs(self, database: Database) -> None:
        made = await _billed(database, "PACK-SPORT", NOVEMBER)
        desk = agreed.staff(database, on=date(2026, 11, 16))
        await agreed.do(desk, "offerChange", contractId=made.contract_id, offerId=made.offer_id("PACK-CINE"))

        said = await _replay(desk, made, on="2026-11-20")

        # Half a month of 39.99 is 19.995: both halves round up, so the credit leaves 19.99 and the part gives 20.00.
        assert _amounts(said) == [
            ("Pack Sport", "2026-11-01", "2026-11-16", 2000),
            ("Pack Cinéma", "2026-11-16", "2026-12-01", 1750),
        ]
        sport, films = said["comparisons"]
        assert (sport["issued"], sport["waiting"], sport["replayed"], sport["difference"]) == (3999, -2000, 2000, -1)
        assert (sport["verdict"], films["verdict"]) == ("CHAIN", "SAME")
        assert sport["sentence"] == (
            "Pack Sport: €19.99 were billed line upon line, the parts give €20.00; the €0.01 between are rounding, and "
            "what was issued stands."
        )
        assert (said["total"], said["issued"], said["waiting"], said["difference"]) == (3750, 3999, -250, -1)

    async def test_leaves_out_what_was_not_known_yet(self, database: Database) -> None:
        made = await _billed(database, "PACK-SPORT", NOVEMBER)
        desk = agreed.staff(database, on=date(2026, 11, 16))
        async with database.unit_of_work() as session:
            session.add(
                models.Promotion(
                    subscriber_id=made.contract.subscriber_id,
                    id=factories.new_id(),
                    contract_id=made.contract.id,
                    contract_item_id=made.item.id,
                    label="Bienvenue",
                    discount_cents=300,
                    starts_on=date(2026, 1, 1),
                    ends_on=date(2027, 1, 1),
                    reminder_on=date(2026, 12, 25),
                )
            )
        # Asked for on the 16th, with effect from the 6th: the promotion ends with the offer.
        await agreed.do(
            desk,
            "offerChange",
            contractId=made.contract_id,
            offerId=made.offer_id("PACK-CINE"),
            when="ON_DATE",
            on="2026-11-06",
        )

        now = await _replay(desk, made, on="2026-11-01")
        then = await _replay(desk, made, on="2026-11-01", knownAt="2026-11-16T07:59:00Z")

        # 36.99 x 5/30 and 34.99 x 25/30
        assert _amounts(now) == [
            ("Pack Sport", "2026-11-01", "2026-11-06", 617),
            ("Pack Cinéma", "2026-11-06", "2026-12-01", 2916),
        ]
        assert _amounts(then) == [("Pack Sport", "2026-11-01", "2026-12-01", 3699)]
        [compared] = then["comparisons"]
        # The discount was forgotten on the invoice; the charges of the change did not exist yet.
        assert (compared["issued"], compared["waiting"], compared["verdict"]) == (3999, 0, "BILLED_MORE")
        assert compared["sentence"] == ("Pack Sport: €39.99 were billed, its history gives €36.99: €3.00 too much.")

    @pytest.mark.parametrize(
        ("change", "expected"),
        [
            (
                {"kind": "OFFER_CHANGE", "on": "2026-10-11", "offerId": "PACK-SPORT"},
                [("Tout inclus", 2419), ("Pack Sport", 2709), ("Option enfants", 300)],
            ),
            (
                {"kind": "OPTION_ADD", "on": "2026-10-15", "offerId": "OPT-SPORT"},
                [("Tout inclus", 7499), ("Option enfants", 300), ("Option sport", 1999)],
            ),
            (
                {"kind": "OPTION_ADD", "on": "2026-10-15", "offerId": "OPT-FILMS"},
                [("Tout inclus", 7499), ("Option enfants", 300), ("Option films", 274)],
            ),
            (
                {"kind": "OPTION_ADD", "on": "2026-10-15", "until": "2026-10-22", "offerId": "OPT-FILMS"},
                [("Tout inclus", 7499), ("Option enfants", 300), ("Option films", 113)],
            ),
            (
                {"kind": "OPTION_END", "on": "2026-10-11", "contractItemId": "option"},
                [("Tout inclus", 7499), ("Option enfants", 97)],
            ),
            (
                {"kind": "PROMOTION", "on": "2026-10-01", "until": "2026-10-15", "discount": 1000},
                [("Tout inclus", 2935), ("Tout inclus", 4112), ("Option enfants", 300)],
            ),
            ({"kind": "SERVED", "on": "2026-10-11"}, [("Tout inclus", 5080), ("Option enfants", 203)]),
            (
                {"kind": "SERVED", "on": "2026-10-11", "until": "2026-10-21", "contractItemId": "option"},
                [("Tout inclus", 7499), ("Option enfants", 97)],
            ),
        ],
    )
    async def test_bills_as_if_a_change_had_been_made(
        self, database: Database, change: dict[str, Any], expected: list[tuple[str, int]]
    ) -> None:
        made = await _billed(database, "TOUT-INCLUS", OCTOBER, "OPT-ENFANTS")
        [_, option] = await agreed.rows(database, models.ContractItem, made)
        if "offerId" in change:
            change = {**change, "offerId": made.offer_id(change["offerId"])}
        if "contractItemId" in change:
            change = {**change, "contractItemId": global_id(option)}

        said = await _replay(asking(database), made, on="2026-10-01", asIf=[change])

        assert [(line["label"], line["amount"]) for line in said["lines"]] == expected
        assert said["total"] == sum(cents for _, cents in expected)
        assert said["difference"] == 7799 - said["total"]

    async def test_supposes_one_change_after_the_other(self, database: Database) -> None:
        made = await _billed(database, "TOUT-INCLUS", OCTOBER)
        changes = [
            {"kind": "OFFER_CHANGE", "on": "2026-10-11", "offerId": made.offer_id("PACK-SPORT")},
            {"kind": "OFFER_CHANGE", "on": "2026-10-21", "offerId": made.offer_id("PACK-CINE")},
        ]

        said = await _replay(asking(database), made, on="2026-10-01", asIf=changes)

        assert [line["amount"] for line in said["lines"]] == [2419, 1290, 1242]
        assert [each["verdict"] for each in said["comparisons"]] == ["BILLED_MORE", "NOT_BILLED", "NOT_BILLED"]
        assert [line["item"] for line in said["lines"]] == [{"id": global_id(made.item)}, None, None]

    async def test_finds_the_period_of_an_invoice(self, database: Database) -> None:
        made = await _billed(database, "PACK-CINE", OCTOBER)
        [invoice] = await agreed.rows(database, models.Invoice, made)

        said = await _replay(asking(database), made, invoiceId=global_id(invoice))

        assert (said["startsOn"], said["total"], said["difference"]) == ("2026-10-01", 3499, 0)

    async def test_compares_prices_before_tax_without_it(self, database: Database) -> None:
        made = await _billed(database, "PACK-CINE", OCTOBER)
        async with database.unit_of_work() as session:
            version = await session.get_one(models.PriceVersion, made.catalogue.prices["PACK-CINE"].id)
            version.basis = PriceBasis.HT
            [line] = await books.lines_of(session, (await agreed.rows(database, models.Invoice, made))[0])
            line.ht_cents, line.vat_cents, line.ttc_cents = 3499, 350, 3849

        said = await _replay(asking(database), made, on="2026-10-01")

        assert said["lines"][0]["basis"] == "HT"
        assert (said["issued"], said["total"], said["comparisons"][0]["verdict"]) == (3499, 3499, "SAME")

    async def test_shows_a_fee_with_the_period_in_which_it_began(self, database: Database) -> None:
        async with database.unit_of_work() as session:
            catalogue = await agreed.create_catalogue(session)
            made = await agreed.conclude(session, catalogue, "PACK-CINE", on=OCTOBER.starts_on)
            fee = await agreed.add_item(
                session, made.contract, catalogue.offers["FRAIS-ACTIVATION"], starts_on=OCTOBER.starts_on
            )
            await agreed.bill(session, made, OCTOBER, made.item, fee)

        first = await _replay(asking(database), made, on="2026-10-01")
        second = await _replay(asking(database), made, on="2026-11-01")

        assert [(line["kind"], line["amount"]) for line in first["lines"]] == [("SUBSCRIPTION", 3499), ("FEE", 4900)]
        assert (first["total"], first["difference"]) == (8399, 0)
        assert [(line["kind"], line["amount"]) for line in second["lines"]] == [("SUBSCRIPTION", 3499)]
        assert [each["verdict"] for each in second["comparisons"]] == ["NOT_BILLED"]


class TestRefusals:
    @pytest.mark.parametrize(
        ("given", "code"),
        [
            ({}, "BAD_INPUT"),
            ({"on": "2026-10-01", "invoiceId": "own"}, "BAD_INPUT"),
            ({"invoiceId": "nonsense"}, "NOT_FOUND"),
            ({"invoiceId": "foreign"}, "NOT_FOUND"),
            ({"invoiceId": "other"}, "NOT_ON_INVOICE"),
            ({"contractId": "nonsense", "on": "2026-10-01"}, "NOT_FOUND"),
            ({"contractId": GlobalId("Contract", 5, 6).encode(), "on": "2026-10-01"}, "NOT_FOUND"),
            ({"asIf": [{"kind": "OFFER_CHANGE"}]}, "BAD_INPUT"),
            ({"asIf": [{"kind": "OFFER_CHANGE", "offerId": "OPT-FILMS"}]}, "NOT_FOUND"),
            ({"asIf": [{"kind": "OFFER_CHANGE", "offerId": "PACK-CINE", "on": "2026-01-01"}]}, "BAD_INPUT"),
            ({"asIf": [{"kind": "OPTION_ADD", "offerId": "PACK-CINE"}]}, "NOT_FOUND"),
            ({"asIf": [{"kind": "OPTION_ADD", "offerId": "nonsense"}]}, "NOT_FOUND"),
            ({"asIf": [{"kind": "OPTION_END"}]}, "BAD_INPUT"),
            ({"asIf": [{"kind": "OPTION_END", "contractItemId": "offer"}]}, "BAD_INPUT"),
            ({"asIf": [{"kind": "OPTION_END", "contractItemId": "foreign item"}]}, "NOT_FOUND"),
            ({"asIf": [{"kind": "PROMOTION"}]}, "BAD_INPUT"),
            ({"asIf": [{"kind": "PROMOTION", "discount": -1}]}, "BAD_INPUT"),
            ({"asIf": [{"kind": "PROMOTION", "discount": 1.5}]}, "AMOUNT_OUT_OF_RANGE"),
            ({"asIf": [{"kind": "PROMOTION", "discount": 100, "on": "2025-12-31"}]}, "BAD_INPUT"),
            ({"asIf": [{"kind": "SERVED", "until": "2026-10-11"}]}, "BAD_INPUT"),
            ({"asIf": [{"kind": "SERVED"}] * 21}, "BAD_INPUT"),
        ],
    )
    async def test_say_what_cannot_be_replayed(self, database: Database, given: dict[str, Any], code: str) -> None:
        made = await _billed(database, "TOUT-INCLUS", OCTOBER)
        async with database.unit_of_work() as session:
            foreign = await agreed.conclude(session, made.catalogue, "TOUT-INCLUS", on=date(2026, 1, 1))
            theirs = await agreed.bill(session, foreign, OCTOBER)
            key = {"subscriber_id": made.account.subscriber_id, "id": made.account.id}
            other = await books.bill(session, await session.get_one(models.BillingAccount, key), Article(500))
        [own, *_] = await agreed.rows(database, models.Invoice, made)
        known = {
            "own": global_id(own),
            "foreign": global_id(theirs),
            "other": global_id(other),
            "offer": global_id(made.item),
            "foreign item": global_id(foreign.item),
            **{article: made.offer_id(article) for article in made.catalogue.offers},
        }
        if "asIf" in given:
            changes = [{"on": "2026-10-11", **change} for change in given["asIf"]]
            changes = [{name: known.get(value, value) for name, value in change.items()} for change in changes]
            given = {"on": "2026-10-01", "asIf": changes}
        given = {name: known.get(value, value) if isinstance(value, str) else value for name, value in given.items()}

        codes = await asking(database).codes(_REPLAY, input={"contractId": made.contract_id, **given})

        assert codes == [code]

    async def test_leave_to_a_partner_what_the_partner_bills(self, database: Database) -> None:
        made = await _billed(database, "TOUT-INCLUS", OCTOBER)
        given = {"input": {"contractId": made.contract_id, "on": "2026-10-01"}}
        async with database.unit_of_work() as session:
            contract = await session.get_one(
                models.Contract, {"subscriber_id": made.contract.subscriber_id, "id": made.contract.id}
            )
            contract.billed_by = BilledBy.PARTNER

        assert await asking(database).codes(_REPLAY, **given) == ["PARTNER_BILLS"]

    async def test_name_a_price_that_is_missing(self, database: Database) -> None:
        made = await _billed(database, "TOUT-INCLUS", OCTOBER)
        async with database.unit_of_work() as session:
            version = await session.get_one(models.PriceVersion, made.catalogue.prices["TOUT-INCLUS"].id)
            version.ends_on = date(2026, 10, 15)

        given = {"input": {"contractId": made.contract_id, "on": "2026-10-01"}}

        assert await asking(database).codes(_REPLAY, **given) == ["PRICE_MISSING"]

    async def test_are_given_to_who_may_not_read_bills(self, database: Database) -> None:
        admin = asking(database, factories.viewer(Role.ADMIN))

        assert await admin.codes(_REPLAY, input={"contractId": "any", "on": "2026-10-01"}) == ["FORBIDDEN"]
