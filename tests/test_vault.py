"""Secrets at rest open with the right key and binding, and with nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.vault import Vault, digest

OLD, NEW = b"an old key of thirty-two characters", b"a new key of thirty-two characters."


class TestEncrypt:
    @given(st.text(), st.text())
    def test_opens_with_the_same_binding(self, text: str, binding: str) -> None:
        vault = Vault([NEW])

        assert vault.decrypt(vault.encrypt(text, binding=binding), binding=binding) == text

    def test_gives_another_value_each_time(self) -> None:
        vault = Vault([NEW])

        assert vault.encrypt("FR76", binding="a") != vault.encrypt("FR76", binding="a")

    def test_hides_the_text(self) -> None:
        assert b"FR76" not in Vault([NEW]).encrypt("FR76", binding="a")


class TestDecrypt:
    def test_refuses_a_value_moved_to_another_row(self) -> None:
        sealed = Vault([NEW]).encrypt("secret", binding="staff:1")

        with pytest.raises(ValueError, match="No secret key"):
            Vault([NEW]).decrypt(sealed, binding="staff:2")

    @pytest.mark.parametrize("at", [0, 11, 12, -1])
    def test_refuses_a_changed_value(self, at: int) -> None:
        sealed = bytearray(Vault([NEW]).encrypt("secret", binding="a"))
        sealed[at] ^= 1

        with pytest.raises(ValueError, match="No secret key"):
            Vault([NEW]).decrypt(bytes(sealed), binding="a")

    def test_opens_with_an_older_key_after_rotation(self) -> None:
        sealed = Vault([OLD]).encrypt("secret", binding="a")

        assert Vault([NEW, OLD]).decrypt(sealed, binding="a") == "secret"

    def test_refuses_a_key_that_was_taken_away(self) -> None:
        sealed = Vault([OLD]).encrypt("secret", binding="a")

        with pytest.raises(ValueError, match="No secret key"):
            Vault([NEW]).decrypt(sealed, binding="a")


class TestBlindIndex:
    def test_finds_the_same_text_after_rotation(self) -> None:
        assert Vault([NEW, OLD]).blind_index("FR76") == Vault([OLD]).blind_index("FR76")

    def test_depends_on_the_key_and_the_text(self) -> None:
        vault = Vault([OLD])

        assert len({vault.blind_index("FR76"), vault.blind_index("FR77"), Vault([NEW]).blind_index("FR76")}) == 3


class TestVault:
    def test_needs_a_key(self) -> None:
        with pytest.raises(ValueError, match="at least one"):
            Vault([])


class TestDigest:
    def test_is_sha256(self) -> None:
        assert digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


class TestSign:
    def test_is_recognised_for_its_text_and_purpose_alone(self) -> None:
        vault = Vault([NEW])
        signature = vault.sign("a text", purpose="quote")

        assert vault.is_signed("a text", signature, purpose="quote")
        assert not vault.is_signed("a text.", signature, purpose="quote")
        assert not vault.is_signed("a text", signature, purpose="link")
        assert not vault.is_signed("a text", f"{signature}é", purpose="quote")

    def test_outlives_a_rotation_until_the_old_key_is_dropped(self) -> None:
        signature = Vault([OLD]).sign("a text", purpose="quote")

        assert Vault([NEW, OLD]).is_signed("a text", signature, purpose="quote")
        assert not Vault([NEW]).is_signed("a text", signature, purpose="quote")
