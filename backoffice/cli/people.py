"""`backoffice staff` and `backoffice credentials`: who may sign in, and with what."""

import json
import secrets
import time
from typing import Annotated, Any

import pyotp
import typer

from backoffice import clock
from backoffice.cli import running
from backoffice.database import Database
from backoffice.errors import BackofficeError
from backoffice.permissions import SYSTEM, Role
from backoffice.services import staff
from backoffice.vault import Vault

_PASSWORD_BYTES = 15
_STEP_SECONDS = 30

staff_commands = typer.Typer(help="Who may sign in.", no_args_is_help=True)


class NoDemoCredentials(BackofficeError):
    """No demo was filled into this data folder."""

    code = "NO_DEMO_CREDENTIALS"


@staff_commands.command("add")
def add(
    login: Annotated[str, typer.Option(help="What the person types to sign in.")],
    name: Annotated[str, typer.Option(help="First and last name, as others see it.")],
    role: Annotated[Role, typer.Option(case_sensitive=False, help="What the person may do.")],
) -> None:
    """Add somebody, and tell their password and TOTP secret once."""
    chosen, password = running.load(), secrets.token_urlsafe(_PASSWORD_BYTES)

    async def act(database: Database) -> staff.Created:
        async with database.unit_of_work() as session:
            return await staff.create(
                session,
                viewer=SYSTEM,
                vault=Vault(chosen.keys),
                login=login,
                full_name=name,
                role=role,
                password=password,
                at=clock.now(),
            )

    created = running.run(chosen, act)
    typer.echo(f"login     {created.staff.login}")
    typer.echo(f"password  {password}")
    typer.echo(f"TOTP      {created.totp_uri}")
    typer.echo("Neither the password nor the secret is shown again.", err=True)


@staff_commands.command("list")
def show_all() -> None:
    """List all the staff."""

    async def act(database: Database) -> list[tuple[str, str, str, str]]:
        async with database.reading() as session:
            return [
                (person.login, person.full_name, person.role.value, "active" if person.is_active else "disabled")
                for person in await staff.everyone(session)
            ]

    running.show(["LOGIN", "NAME", "ROLE", "STATE"], running.run(running.load(), act))


@staff_commands.command("disable")
def disable(login: Annotated[str, typer.Option(help="Whose sessions end now, and who signs in no more.")]) -> None:
    """Take somebody's right to sign in away, at once."""

    async def act(database: Database) -> str:
        async with database.unit_of_work() as session:
            return (await staff.disable(session, viewer=SYSTEM, login=login, at=clock.now())).login

    typer.echo(f"{running.run(running.load(), act)} can sign in no more; every session has ended.")


def credentials() -> None:
    """Print the demo's credentials with their current one-time codes; never in production."""
    path = running.credentials_path(running.load_for_demo())
    if not path.exists():
        raise NoDemoCredentials(f"There is no {path}; run 'backoffice demo' first.")
    told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    people = [*told["staff"].items(), *(("SUBSCRIBER", person) for person in told.get("subscribers", ()))]
    running.show(["ROLE", "LOGIN", "PASSWORD", "CODE"], [_row(role, person) for role, person in people])
    left = _STEP_SECONDS - int(time.time()) % _STEP_SECONDS
    typer.echo(f"The codes change in {left} s, and each works once.", err=True)


def _row(role: str, person: dict[str, str]) -> tuple[str, str, str, str]:
    return role, person["login"], person["password"], pyotp.TOTP(person["totp_secret"]).now()
