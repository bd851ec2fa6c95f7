"""Devices: the orders of their lists, by the names that the declarations give them."""

from enum import Enum


class DeviceSort(Enum):
    """The order of a list of devices."""

    NEWEST = "NEWEST"
