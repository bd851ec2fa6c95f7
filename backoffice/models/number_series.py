"""Series of document numbers, without gaps."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.models.base import Base, check


class NumberSeries(Base):
    """`last_number` is the last one given out; it is raised in the transaction that uses the number."""

    __tablename__ = "number_series"
    __table_args__ = (check("not_negative", "last_number >= 0"),)

    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    last_number: Mapped[int]
