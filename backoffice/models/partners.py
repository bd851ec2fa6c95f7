"""Partners through whom offers are sold, and who may bill them."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.models.base import Base, Shared


class Partner(Shared, Base):
    """Another operator or a shop."""

    __tablename__ = "partners"

    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(80))
