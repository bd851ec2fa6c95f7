"""Lists as pages."""

from typing import Generic, TypeVar

from backoffice.resolvers import paging as resolve
from backoffice.schema.access import plain, value

T = TypeVar("T")


@value
class PageInfo:
    """How to go on."""

    has_next_page: bool = plain("Whether there are more rows after this page.")
    has_previous_page: bool = plain("Whether the page began after a cursor.")
    start_cursor: str | None = plain("The cursor of the first row.")
    end_cursor: str | None = plain("The cursor of the last row: `after` for the next page.")


@value
class Count:
    """How many rows a list has."""

    value: int = plain("The number of rows.")
    is_floor: bool = plain("True when the counting stopped there: at least so many.")


@value
class Edge(Generic[T]):
    """A row and where it stands."""

    node: T = plain("The row.")
    cursor: str = plain("Its place in the order.")


@value
class Connection(Generic[T]):
    """A page of a list."""

    nodes: list[T] = plain("The rows of the page.", by=resolve.nodes)
    edges: list[Edge[T]] = plain("The rows of the page with their cursors.", by=resolve.edges)
    page_info: PageInfo = plain("How to go on.", by=resolve.page_info)
    count: Count = plain("How many rows there are in all, exact up to 10,000.", by=resolve.count)
