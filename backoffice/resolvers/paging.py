"""The fields of a page: its source is `pages.Page`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import strawberry

from backoffice.resolvers.pages import Counted, Page

Source = strawberry.Parent[Page]


@dataclass(frozen=True, slots=True)
class EdgeSource:
    """A row with its cursor."""

    node: Any
    cursor: str


@dataclass(frozen=True, slots=True)
class PageInfoSource:
    """How to go on."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


def nodes(root: Source) -> Sequence[Any]:
    """The rows of the page."""
    return root.rows


def edges(root: Source) -> list[EdgeSource]:
    """The rows of the page with their cursors."""
    return [EdgeSource(row, root.cursor(row)) for row in root.rows]


def page_info(root: Source) -> PageInfoSource:
    """How to go on."""
    ends = (root.cursor(root.rows[0]), root.cursor(root.rows[-1])) if root.rows else (None, None)
    return PageInfoSource(root.has_next, root.has_previous, *ends)


async def count(root: Source) -> Counted:
    """How many rows there are in all."""
    return await root.count()
