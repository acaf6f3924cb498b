"""Azure's retail prices, open to everybody: its virtual machines, one request for each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from pilothouse.cost.lists import http
from pilothouse.cost.lists.listed import Listed, Row
from pilothouse.errors import PilothouseError

URL = "https://prices.azure.com/api/retail/prices"
_OTHER_RATES = ("Spot", "Low Priority")
_WINDOWS = "Windows"


class AzurePriceList:
    """The list at `url`."""

    def __init__(self, url: str = URL) -> None:
        self._url = url

    def can_answer(self, row: Row) -> bool:
        """Whether it is a virtual machine's row: other meters have no name that is sure."""
        return row["service"] == "virtual-machines"

    def answer(self, rows: Iterable[Row]) -> Iterator[tuple[Row, Listed | None]]:
        """What is listed for each machine on Linux, by use."""
        for row in rows:
            conditions = {
                "serviceName": "Virtual Machines",
                "armRegionName": row["region"],
                "armSkuName": row["sku"],
                "priceType": "Consumption",
            }
            text = " and ".join(f"{name} eq '{value}'" for name, value in conditions.items())
            found = http.document(self._url, {"$filter": text})
            yield row, self._listed(found)

    def _listed(self, found: Mapping[str, Any]) -> Listed | None:
        try:
            rates = [item for item in found["Items"] if _is_plain(item)]
            newest = max(rates, key=lambda item: item["effectiveStartDate"], default=None)
            if newest is None:
                return None
            day = date.fromisoformat(newest["effectiveStartDate"][:10])
            return Listed(usd=Decimal(str(newest["retailPrice"])), day=day, source=self._url)
        except (KeyError, TypeError, ValueError) as error:
            message = f"{self._url} answered something that is no price list: {error!r}"
            raise PilothouseError(message) from error


def _is_plain(item: Mapping[str, Any]) -> bool:
    """Whether a rate is that of Linux by the hour, in dollars, without a discount for waiting."""
    return (
        item["currencyCode"] == "USD"
        and item["unitOfMeasure"] == "1 Hour"
        and _WINDOWS not in item["productName"]
        and not any(word in item["skuName"] for word in _OTHER_RATES)
    )
