"""A link opens its document for whoever it was made for, while they are signed in; on any process of the installation."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from backoffice import clock, models
from backoffice.database import Database
from backoffice.models import AccessEntry, Language
from backoffice.permissions import ActorKind, Role, Viewer
from backoffice.services import document_links, rendered_documents
from backoffice.services.document_links import Link
from backoffice.services.rendered_documents import Kept
from backoffice.services.staff import viewer_of
from tests import books
from tests.books import Article
from tests.factories import viewer
from tests.people import VAULT, Person, add_person
from tests.web.conftest import OWN_PAGE, Site, codes, open_site

PDF = b"%PDF-1.7 of a test"


async def keep(database: Database, number: str = "F2026-0000123") -> Kept:
    async with database.unit_of_work() as session:
        invoice = await books.bill(session, await books.create_file(session), Article(3499))
        invoice.number = number
        return await rendered_documents.keep(session, invoice, Language.FR, PDF, at=clock.now())


def link_of(kept: Kept, to: Viewer, *, minutes_ago: int = 0) -> Link:
    at = clock.now() - timedelta(minutes=minutes_ago)
    return document_links.seal(VAULT, kept, viewer=to, at=at, minutes=10)


async def bearer(site: Site, person: Person) -> dict[str, str]:
    return {"Authorization": f"Bearer {await site.token(person)}"}


async def opened(database: Database) -> list[tuple[int, int, str | None]]:
    async with database.reading() as session:
        entries = (await session.scalars(select(AccessEntry))).all()
    return [(entry.actor_id, entry.subscriber_id, entry.operation) for entry in entries]


@contextmanager
def turned_forward(minutes: int) -> Iterator[None]:
    clock.start_at(clock.now() + timedelta(minutes=minutes))
    yield
    clock.start_at(None)


class TestDocument:
    async def test_is_the_very_bytes_that_are_kept(self, site: Site) -> None:
        person = await add_person(site.database)
        kept = await keep(site.database)

        answered = await site.client.get(link_of(kept, viewer_of(person.row)).url, headers=await bearer(site, person))

        assert (answered.status_code, answered.content) == (200, PDF)
        assert answered.headers["content-type"] == "application/pdf"
        assert answered.headers["content-disposition"] == 'inline; filename="F2026-0000123.pdf"'
        assert answered.headers["x-content-type-options"] == "nosniff"
        assert answered.headers["cache-control"] == "no-store"
        assert "sandbox" in answered.headers["content-security-policy"]
        assert await opened(site.database) == [(person.row.id, kept.subscriber_id, "document")]

    async def test_opens_in_a_browser_by_its_cookie(self, site: Site) -> None:
        person = await add_person(site.database)
        kept = await keep(site.database)

        answered = await site.client.get(
            link_of(kept, viewer_of(person.row)).url, headers={"Cookie": await site.cookie(person)}
        )

        assert (answered.status_code, answered.content) == (200, PDF)

    async def test_opens_on_another_process_of_the_installation(self, site: Site, tmp_path: Path) -> None:
        person = await add_person(site.database)
        kept = await keep(site.database)
        headers, link = await bearer(site, person), link_of(kept, viewer_of(person.row))
        other = Database(site.database.url)

        async with open_site(other, tmp_path) as second:
            answered = await second.client.get(link.url, headers=headers)
        await other.close()

        assert (answered.status_code, answered.content) == (200, PDF)

    @pytest.mark.parametrize(
        ("number", "name"),
        [
            ('F1"; filename="x.exe', "F1-filename-x.exe.pdf"),
            ("F1\r\nSet-Cookie: a=b", "F1-Set-Cookie-a-b.pdf"),
            ("../../etc/passwd", "etc-passwd.pdf"),
            ("Été 12", "t-12.pdf"),
            ("…", "document.pdf"),
        ],
    )
    async def test_has_a_name_that_is_only_a_name(self, quick_site: Site, number: str, name: str) -> None:
        person = await add_person(quick_site.database)
        kept = await keep(quick_site.database, number)

        answered = await quick_site.client.get(
            link_of(kept, viewer_of(person.row)).url, headers=await bearer(quick_site, person)
        )

        assert answered.headers["content-disposition"] == f'inline; filename="{name}"'
        assert "set-cookie" not in answered.headers


class TestRefusal:
    async def test_is_told_of_an_expired_link(self, site: Site) -> None:
        person = await add_person(site.database)
        kept = await keep(site.database)
        link, headers = link_of(kept, viewer_of(person.row)), await bearer(site, person)

        with turned_forward(11):
            answered = await site.client.get(link.url, headers=headers)

        assert (answered.status_code, codes(answered)) == (410, ["LINK_EXPIRED"])
        assert PDF not in answered.content
        assert await opened(site.database) == []

    async def test_is_the_same_for_foreign_altered_and_unknown_links(self, site: Site) -> None:
        person, other = await add_person(site.database), await add_person(site.database, login="zoe")
        kept = await keep(site.database)
        me = viewer_of(person.row)
        unknown = Kept(kept.subscriber_id, kept.id + 1, kept.sha256, kept.size_bytes)
        urls = [
            link_of(kept, viewer_of(other.row)).url,
            link_of(kept, viewer_of(other.row), minutes_ago=60).url,
            link_of(kept, viewer(kind=ActorKind.SUBSCRIBER, id=person.row.id)).url,
            link_of(unknown, me).url,
            link_of(Kept(kept.subscriber_id + 1, kept.id, "", 0), me).url,
            link_of(kept, me).url[:-1],
            link_of(kept, me).url.replace("/documents/", "/documents/1"),
            "/documents/nothing",
        ]
        headers = await bearer(site, person)

        answers = [await site.client.get(url, headers=headers) for url in urls]

        assert {(each.status_code, each.text) for each in answers} == {(404, answers[0].text)}
        assert codes(answers[0]) == ["NOT_FOUND"]
        assert await opened(site.database) == []

    async def test_is_a_sign_in_for_whoever_is_signed_out(self, site: Site) -> None:
        person = await add_person(site.database)
        link, headers = link_of(await keep(site.database), viewer_of(person.row)), await bearer(site, person)
        await site.client.post("/staff/sign-out", headers=headers)

        for sent in (headers, {}):
            answered = await site.client.get(link.url, headers=sent)

            assert (answered.status_code, codes(answered)) == (401, ["UNAUTHENTICATED"])
        assert await opened(site.database) == []

    async def test_meets_a_role_that_no_longer_reads_bills(self, site: Site) -> None:
        person = await add_person(site.database)
        link, headers = link_of(await keep(site.database), viewer_of(person.row)), await bearer(site, person)
        async with site.database.unit_of_work() as session:
            await session.execute(update(models.Staff).values(role=Role.ADMIN))

        answered = await site.client.get(link.url, headers=headers)

        assert (answered.status_code, codes(answered)) == (404, ["NOT_FOUND"])

    async def test_meets_a_document_that_is_gone(self, site: Site) -> None:
        person = await add_person(site.database)
        link, headers = link_of(await keep(site.database), viewer_of(person.row)), await bearer(site, person)
        async with site.database.unit_of_work() as session:
            await session.execute(delete(models.RenderedDocument))

        answered = await site.client.get(link.url, headers=headers)

        assert (answered.status_code, codes(answered)) == (404, ["NOT_FOUND"])

    async def test_meets_another_method(self, quick_site: Site) -> None:
        answered = await quick_site.client.post("/documents/x", headers=OWN_PAGE)

        assert (answered.status_code, codes(answered)) == (405, ["METHOD_NOT_ALLOWED"])
