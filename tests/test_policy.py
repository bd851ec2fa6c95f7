"""The operator's policy of a day."""

from datetime import date

import pytest

from backoffice import policy
from backoffice.permissions import Role


class TestInForce:
    def test_is_the_newest_that_applies(self, monkeypatch: pytest.MonkeyPatch) -> None:
        older = policy.Policy(applies_from=date(2020, 1, 1), ceilings={})
        newer = policy.Policy(applies_from=date(2026, 12, 1), ceilings={})
        monkeypatch.setattr(policy, "POLICIES", (older, newer))

        assert policy.in_force(date(2026, 11, 30)) is older
        assert policy.in_force(date(2026, 12, 1)) is newer

    def test_is_the_oldest_before_all(self) -> None:
        assert policy.in_force(date(2001, 1, 1)) is policy.POLICIES[0]


class TestCeiling:
    @pytest.mark.parametrize(
        ("role", "cents"),
        [
            (Role.AGENT, 5_000),
            (Role.SUPERVISOR, 50_000),
            (Role.BILLING, 200_000),
            (Role.ANALYST, 0),
            (Role.DPO, 0),
            (Role.ADMIN, 0),
            (None, 0),
        ],
    )
    def test_is_what_a_role_may_move_alone(self, role: Role | None, cents: int) -> None:
        assert policy.in_force(date(2026, 11, 21)).ceiling_cents(role) == cents
