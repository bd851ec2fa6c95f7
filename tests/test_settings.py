"""A setting that is unknown or of no use is refused with its name; secrets are made once and kept close."""

import os
import stat
from pathlib import Path

import pytest

from backoffice import settings
from backoffice.settings import SettingsError

KEY = "k" * 32


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith("BACKOFFICE_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("BACKOFFICE_DATA_DIR", str(tmp_path / "var"))


class TestLoad:
    def test_has_defaults_for_one_development_machine(self, tmp_path: Path) -> None:
        loaded = settings.load()

        assert (loaded.environment, loaded.host, loaded.port) == ("development", "127.0.0.1", 8000)
        assert (loaded.currency, loaded.time_zone, loaded.locale) == ("EUR", "Europe/Paris", "fr")
        assert loaded.url == f"sqlite+aiosqlite:///{tmp_path}/var/backoffice.sqlite3"
        assert loaded.origin == "http://127.0.0.1:8000"

    def test_names_the_nearest_setting_to_a_typo(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("BACKOFFICE_PROT", "8001")

        with pytest.raises(SettingsError, match=r"^BACKOFFICE_PROT is not a setting; did you mean BACKOFFICE_PORT\?$"):
            settings.load()

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("ENVIRONMENT", "prod"),
            ("PORT", "70000"),
            ("PORT", "http"),
            ("CURRENCY", "euro"),
            ("TIME_ZONE", "Europe/Pari"),
            ("TIME_ZONE", "../etc/passwd"),
            ("LOCALE", "de"),
            ("CLOCK", "2026-11-21T10:00"),
            ("CLOCK", "tomorrow"),
            ("SUBSCRIBER_DOCUMENTS", "all"),
            ("PUBLIC_ORIGIN", "help.example"),
            ("PUBLIC_ORIGIN", "https://help.example/"),
            ("PUBLIC_ORIGIN", "https://help.example/staff"),
            ("PUBLIC_ORIGIN", "https://Help.example"),
            ("PUBLIC_ORIGIN", "https://help.example:70000"),
            ("PUBLIC_ORIGIN", "https://me@help.example"),
            ("PUBLIC_ORIGIN", "ftp://help.example"),
            ("PUBLIC_ORIGIN", " https://help.example"),
            ("DATABASE_URL", "books.sqlite3"),
            ("DATABASE_URL", "sqlite:///books.sqlite3"),
            ("DATABASE_URL", "postgresql://me@localhost/books"),
            ("DATABASE_URL", "postgresql+asyncpg://me@localhost:port/books"),
            ("REPLICA_URL", "postgresql+psycopg://me@localhost/books"),
            ("SMTP_URL", "mail.example"),
            ("SMTP_URL", "https://mail.example"),
            ("SMTP_URL", "smtp://"),
            ("SMTP_URL", "smtp://mail.example:70000"),
        ],
    )
    def test_names_the_setting_that_cannot_be_used(
        self, monkeypatch: pytest.MonkeyPatch, name: str, value: str
    ) -> None:
        monkeypatch.setenv(f"BACKOFFICE_{name}", value)

        with pytest.raises(SettingsError, match=f"^BACKOFFICE_{name} cannot be used: ") as refused:
            settings.load()

        assert (refused.value.code, refused.value.exit_status) == ("BAD_SETTING", 2)

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("PUBLIC_ORIGIN", "https://help.example"),
            ("PUBLIC_ORIGIN", "http://127.0.0.1:8000"),
            ("PUBLIC_ORIGIN", "http://[::1]:8000"),
            ("DATABASE_URL", "sqlite+aiosqlite:////srv/books.sqlite3"),
            ("DATABASE_URL", "postgresql+asyncpg://postgres@/postgres?host=/run/postgresql"),
            ("REPLICA_URL", "postgresql+asyncpg://me:secret@replica:5433/books"),
            ("SMTP_URL", "smtp://mail.example"),
            ("SMTP_URL", "smtps://me:secret@mail.example:465"),
        ],
    )
    def test_takes_an_address_as_it_is(self, monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
        monkeypatch.setenv(f"BACKOFFICE_{name}", value)

        assert getattr(settings.load(), name.lower()) == value

    def test_never_shows_the_password_of_an_address(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("DATABASE_URL", "REPLICA_URL", "SMTP_URL"):
            with monkeypatch.context() as patched:
                patched.setenv(f"BACKOFFICE_{name}", "postgresql://me:secret@localhost/books")

                with pytest.raises(SettingsError) as refused:
                    settings.load()

            assert "secret" not in refused.value.message


class TestProduction:
    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({}, "BACKOFFICE_SECRET_KEYS must be set"),
            ({"SECRET_KEYS": "short"}, "BACKOFFICE_SECRET_KEYS needs at least 32 characters a key"),
            ({"SECRET_KEYS": f"{KEY},short"}, "BACKOFFICE_SECRET_KEYS needs at least 32 characters a key"),
            ({"SECRET_KEYS": KEY, "CLOCK": "2026-11-21T10:00+01:00"}, "BACKOFFICE_CLOCK must not be set"),
            ({"SECRET_KEYS": KEY, "SUBSCRIBER_DOCUMENTS": "any"}, "BACKOFFICE_SUBSCRIBER_DOCUMENTS must be trusted"),
            ({"SECRET_KEYS": KEY}, "BACKOFFICE_PUBLIC_ORIGIN must be set"),
            ({"SECRET_KEYS": KEY, "PUBLIC_ORIGIN": "https://help.example"}, "BACKOFFICE_OPERATOR must be set"),
        ],
    )
    def test_refuses_what_only_suits_a_rehearsal(
        self, monkeypatch: pytest.MonkeyPatch, given: dict[str, str], said: str, tmp_path: Path
    ) -> None:
        for name, value in {"ENVIRONMENT": "production", **given}.items():
            monkeypatch.setenv(f"BACKOFFICE_{name}", value)

        with pytest.raises(SettingsError, match=f"^{said}"):
            settings.load()

        assert not (tmp_path / "var").exists()


class TestKeys:
    def test_are_made_once_and_readable_by_their_owner_alone(self, tmp_path: Path) -> None:
        first, second = settings.load().keys, settings.load().keys

        assert first == second
        assert len(first[0]) == 64
        assert stat.S_IMODE((tmp_path / "var" / "secret-key").stat().st_mode) == 0o600

    def test_are_read_newest_first(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("BACKOFFICE_SECRET_KEYS", f"new{KEY}, old{KEY},")

        assert settings.load().keys == (f"new{KEY}".encode(), f"old{KEY}".encode())
