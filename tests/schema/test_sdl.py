"""The published face of the graph is committed: a change of it is seen in the change that makes it."""

from pathlib import Path

import pytest

from backoffice import schema
from backoffice.permissions import Contract
from backoffice.schema.execution import sdl

_FOLDER = Path(schema.__file__).parent


class TestSdl:
    @pytest.mark.parametrize("contract", [Contract.STAFF])
    def test_is_the_committed_one(self, contract: Contract) -> None:
        committed = (_FOLDER / f"{contract.value.lower()}.graphql").read_text()

        assert committed == sdl(contract), "run: python3 dev.py backoffice schema > backoffice/schema/staff.graphql"

    def test_says_of_each_ruled_field_what_it_requires(self) -> None:
        text = sdl(Contract.STAFF)

        assert "Requires: BILLING_READ" in text
        assert "passwordHash" not in text
        assert "totpSealed" not in text
        assert "ibanSealed" not in text
