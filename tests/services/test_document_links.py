"""A link opens one document for one person for ten minutes; whatever else is tried is answered as if there were none."""

from datetime import timedelta

import pytest

from backoffice.errors import NotFound
from backoffice.permissions import ActorKind
from backoffice.services import document_links
from backoffice.services.document_links import Link, LinkExpired, Place
from backoffice.services.rendered_documents import Kept
from backoffice.vault import Vault
from tests.factories import NOW, viewer
from tests.graphs import VAULT

KEPT = Kept(subscriber_id=11, id=12, sha256="ab", size_bytes=13)
ALIX, ZOE = viewer(id=7), viewer(id=8)


def sealed(vault: Vault = VAULT) -> Link:
    return document_links.seal(vault, KEPT, viewer=ALIX, at=NOW, minutes=10)


def token_of(link: Link) -> str:
    return link.url.removeprefix("/documents/")


class TestSeal:
    def test_tells_until_when_and_which_bytes(self) -> None:
        link = sealed()

        assert (link.expires_at, link.sha256, link.size_bytes) == (NOW + timedelta(minutes=10), "ab", 13)
        assert link.url.startswith("/documents/")


class TestUnseal:
    def test_leads_to_the_document_until_it_expires(self) -> None:
        token = token_of(sealed())

        for at in (NOW, NOW + timedelta(minutes=10, microseconds=-1)):
            assert document_links.unseal(VAULT, token, viewer=ALIX, at=at) == Place(11, 12)

    def test_works_with_a_new_key_before_the_old_one(self) -> None:
        rotated = Vault([b"a newer key, thirty-two chars too", b"a key for tests, thirty-two chars"])

        assert document_links.unseal(rotated, token_of(sealed()), viewer=ALIX, at=NOW) == Place(11, 12)

    def test_refuses_an_expired_link(self) -> None:
        with pytest.raises(LinkExpired) as refused:
            document_links.unseal(VAULT, token_of(sealed()), viewer=ALIX, at=NOW + timedelta(minutes=10))

        assert refused.value.expired_at == NOW + timedelta(minutes=10)

    def test_refuses_every_change_of_a_sign(self) -> None:
        token = token_of(sealed())

        for place, sign in enumerate(token):
            altered = token[:place] + ("A" if sign != "A" else "B") + token[place + 1 :]
            if altered != token:
                with pytest.raises(NotFound):
                    document_links.unseal(VAULT, altered, viewer=ALIX, at=NOW)

    @pytest.mark.parametrize(
        "token", ["", ".", "b-c-d", "b-c-d.", ".sig", "é.è", "\0", "x" * 301, "b-c-d." + "A" * 43, "-1-c-d.x"]
    )
    def test_refuses_what_is_no_link(self, token: str) -> None:
        with pytest.raises(NotFound):
            document_links.unseal(VAULT, token, viewer=ALIX, at=NOW)

    def test_refuses_a_link_with_something_added(self) -> None:
        with pytest.raises(NotFound):
            document_links.unseal(VAULT, token_of(sealed()) + ".x", viewer=ALIX, at=NOW)

    @pytest.mark.parametrize("at", [NOW, NOW + timedelta(days=1)])
    def test_refuses_others_alike_before_and_after_it_expires(self, at: object) -> None:
        for other in (ZOE, viewer(id=7, kind=ActorKind.SUBSCRIBER)):
            with pytest.raises(NotFound, match="There is no such document for you"):
                document_links.unseal(VAULT, token_of(sealed()), viewer=other, at=at)

    def test_refuses_what_was_signed_for_another_purpose(self) -> None:
        body = token_of(sealed()).partition(".")[0]
        signature = VAULT.sign(f"{body} {ALIX.kind} {ALIX.id}", purpose="quote")

        with pytest.raises(NotFound):
            document_links.unseal(VAULT, f"{body}.{signature}", viewer=ALIX, at=NOW)
