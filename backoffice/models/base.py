"""What all tables share: names of constraints, column types, the key of a subscriber's rows.

Every table of a subscriber has the primary key `(subscriber_id, id)` and its foreign keys carry `subscriber_id`: the rows
of one subscriber can then live in one partition, whatever the size of the operator.
"""

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    DateTime,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column
from sqlalchemy.types import TypeDecorator

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Instant(TypeDecorator[datetime]):
    """An instant in UTC. Refuses a naive one: a civil time without a zone is no instant."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("An instant needs an offset.")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Code(TypeDecorator[StrEnum]):
    """A value of an enum, stored as its name; `check_codes` adds the CHECK that says the same to the database."""

    impl = String(40)
    cache_ok = True

    def __init__(self, values: type[StrEnum]) -> None:
        super().__init__()
        self.values = values

    def process_bind_param(self, value: StrEnum | str | None, dialect: Dialect) -> str | None:
        return None if value is None else self.values(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.values(value)


class Rate(TypeDecorator[Decimal]):
    """A VAT rate as an exact fraction of 1, such as Decimal("0.055"); stored in hundredths of a percent (550)."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        scaled = value * 10_000
        if scaled != int(scaled):
            raise ValueError(f"A rate of {value} has more than four decimals.")
        return int(scaled)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value).scaleb(-4).normalize()


Document = JSON().with_variant(JSONB(), "postgresql")
"""A JSON value."""


Folded = String(201).with_variant(String(201, collation="C"), "postgresql")
"""A text that is searched by prefix: compared byte by byte, so that an index serves the search on both databases."""


class Base(DeclarativeBase):
    """The root of all tables."""

    metadata = MetaData(naming_convention=_NAMES)
    type_annotation_map: ClassVar = {
        datetime: Instant(),
        int: BigInteger(),
        dict[str, Any]: Document,
        list[Any]: Document,
        Decimal: Rate(),
    }

    def __repr__(self) -> str:
        # Never the values: a log line or a traceback must not show personal data.
        return f"<{type(self).__name__} {getattr(self, 'id', '?')}>"


class OfSubscriber:
    """The key of everything that belongs to a subscriber."""

    @declared_attr
    def subscriber_id(cls) -> Mapped[int]:  # noqa: N805 - SQLAlchemy hands over the class
        return mapped_column(ForeignKey("subscribers.id"), primary_key=True, sort_order=-2)

    id: Mapped[int] = mapped_column(primary_key=True, sort_order=-1)


class Shared:
    """The key of what belongs to no subscriber: the catalogue, the staff, the settings."""

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


def one_of(values: type[StrEnum], **options: Any) -> Any:
    """A column that holds one value of an enum."""
    return mapped_column(Code(values), **options)


def within(column: str, table: str) -> ForeignKeyConstraint:
    """A foreign key to another row of the same subscriber."""
    return ForeignKeyConstraint(["subscriber_id", column], [f"{table}.subscriber_id", f"{table}.id"])


def by(*columns: str) -> Index:
    """An index within a subscriber."""
    return Index(None, "subscriber_id", *columns)


def check(name: str, says: str) -> CheckConstraint:
    """A rule that the database itself holds."""
    return CheckConstraint(says, name=name)


def check_codes(metadata: MetaData) -> None:
    """Give each enum column its CHECK constraint; called once, when all tables are known."""
    for table in metadata.tables.values():
        for column in table.columns:
            if isinstance(column.type, Code):
                table.append_constraint(_known_codes(table, column.name, column.type.values))


def _known_codes(table: Table, column: str, values: type[StrEnum]) -> CheckConstraint:
    listed = ", ".join(f"'{value.value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")
