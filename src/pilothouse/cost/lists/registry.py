"""The price lists that can be asked, by their providers."""

from __future__ import annotations

from collections.abc import Mapping

from pilothouse.cost.lists.aws import AwsPriceList
from pilothouse.cost.lists.azure import AzurePriceList
from pilothouse.cost.lists.listed import PriceList

LISTS: Mapping[str, PriceList] = {"aws": AwsPriceList(), "azure": AzurePriceList()}
