"""An amount: its source is a whole number of cents."""

from backoffice.resolvers.context import Info


def cents(root: int) -> int:
    """The cents themselves."""
    return root


def currency(info: Info) -> str:
    """The currency of the installation."""
    return info.context.currency


def decimal(root: int) -> str:
    """The amount with two decimals, without any rounding."""
    sign = "-" if root < 0 else ""
    return f"{sign}{abs(root) // 100}.{abs(root) % 100:02}"
