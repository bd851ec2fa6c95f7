"""The staff who sign in, with their one role."""

from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.models.base import Base, Shared, one_of
from backoffice.permissions import Role


class Staff(Shared, Base):
    """The password is an argon2id hash, the TOTP secret is sealed."""

    __tablename__ = "staff"

    login: Mapped[str] = mapped_column(String(80), unique=True)
    """Case folded."""
    full_name: Mapped[str] = mapped_column(String(120))
    role: Mapped[Role] = one_of(Role)
    is_active: Mapped[bool] = mapped_column(default=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    totp_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    revision: Mapped[int] = mapped_column(default=1)
