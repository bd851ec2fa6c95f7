"""Contracts: the orders of their lists, by the names that the declarations give them."""

from enum import Enum


class ContractSort(Enum):
    """The order of a list of contracts."""

    NEWEST = "NEWEST"
    OLDEST = "OLDEST"
