"""A supervisor learns whether the process lives and can serve."""

import re
from datetime import timedelta
from pathlib import Path

from sqlalchemy import text

from backoffice import clock, migrations
from backoffice.database import Database
from backoffice.services import outbox
from tests import factories
from tests.people import add_person
from tests.web.conftest import Site, codes, open_site


class TestLive:
    async def test_needs_no_database(self, tmp_path: Path) -> None:
        nowhere = Database("postgresql+asyncpg://nobody@127.0.0.1:1/nothing")
        async with open_site(nowhere, tmp_path) as site:
            answered = await site.client.get("/live")

        assert (answered.status_code, answered.json()) == (200, {"status": "live"})


class TestReady:
    async def test_says_so_when_the_tables_are_current(self, site: Site) -> None:
        answered = await site.client.get("/ready")

        assert (answered.status_code, answered.json()) == (200, {"status": "ready"})

    async def test_says_which_migration_is_pending(self, empty_url: str, tmp_path: Path) -> None:
        database = Database(empty_url)
        async with open_site(database, tmp_path) as site:
            answered = await site.client.get("/ready")
        await database.close()

        assert (answered.status_code, codes(answered)) == (503, ["MIGRATION_PENDING"])

    async def test_says_that_the_database_does_not_answer(self, tmp_path: Path) -> None:
        nowhere = Database("postgresql+asyncpg://nobody@127.0.0.1:1/nothing")
        async with open_site(nowhere, tmp_path) as site:
            answered = await site.client.get("/ready")

        assert (answered.status_code, codes(answered)) == (503, ["DATABASE_UNREACHABLE"])

    async def test_does_not_wait_behind_a_writer(self, site: Site) -> None:
        async with site.database.unit_of_work() as session:
            await session.execute(text("SELECT 1"))  # on SQLite the writer's turn begins with a statement
            answered = await site.client.get("/ready")

        assert answered.status_code == 200

    async def test_goes_away_with_the_tables(self, site: Site) -> None:
        await migrations.downgrade(site.database, "base")

        answered = await site.client.get("/ready")

        assert (answered.status_code, codes(answered)) == (503, ["MIGRATION_PENDING"])


class TestMetrics:
    async def test_count_requests_operations_and_sign_ins_under_few_labels(self, signed_in: Site) -> None:
        other = await add_person(signed_in.database, login="bela")
        await signed_in.client.post("/staff/tokens", json=other.typed(otp="x"))
        for name in ("MyOperation", "Mine1", "Mine2"):
            await signed_in.client.post("/staff/graphql", json={"query": "{a}", "operationName": name})
        for number in range(3):
            await signed_in.client.request("BREW", f"/unknown/{number}")

        told = (await signed_in.client.get("/metrics")).text

        lines = set(told.splitlines())
        assert {
            'backoffice_graphql_operations_total{contract="STAFF",operation="MyOperation",outcome="OK"} 1.0',
            'backoffice_graphql_operations_total{contract="STAFF",operation="other",outcome="OK"} 2.0',
            'backoffice_http_requests_total{method="POST",route="/staff/graphql",status="200"} 3.0',
            'backoffice_http_requests_total{method="other",route="other",status="404"} 3.0',
            'backoffice_http_request_seconds_count{route="/staff/graphql"} 3.0',
            'backoffice_sign_ins_total{outcome="ACCEPTED"} 1.0',
            'backoffice_sign_ins_total{outcome="SIGN_IN_REFUSED"} 1.0',
        } <= lines
        assert "Mine1" not in told
        assert "alix" not in told

    async def test_tell_how_long_the_outbox_is_and_how_old(self, site: Site) -> None:
        async with site.database.unit_of_work() as session:
            subscriber = await factories.create_subscriber(session)
            for refund_id in (1, 2):
                at = clock.now() - timedelta(minutes=refund_id)
                outbox.refund(session, subscriber_id=subscriber.id, refund_id=refund_id, at=at, from_=at)
        told = (await site.client.get("/metrics")).text
        async with site.database.unit_of_work() as session:
            await outbox.withdraw(session, subscriber_id=subscriber.id, key="refund:1", at=clock.now())
            await outbox.withdraw(session, subscriber_id=subscriber.id, key="refund:2", at=clock.now())
        told_after = (await site.client.get("/metrics")).text

        age = re.search(r'backoffice_outbox_oldest_seconds{kind="REFUND",state="PENDING"} ([0-9.]+)', told)
        assert age is not None
        assert 120 <= int(age[1].partition(".")[0]) < 150
        assert 'backoffice_outbox_messages{kind="REFUND",state="PENDING"} 2.0' in told
        assert "backoffice_outbox_messages{" not in told_after

    async def test_are_told_without_the_outbox_when_the_database_is_away(self, tmp_path: Path) -> None:
        nowhere = Database("postgresql+asyncpg://nobody@127.0.0.1:1/nothing")
        async with open_site(nowhere, tmp_path) as site:
            answered = await site.client.get("/metrics")

        assert answered.status_code == 200
        assert "backoffice_outbox_messages{" not in answered.text
