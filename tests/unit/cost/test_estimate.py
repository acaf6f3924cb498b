"""The estimate: what is fixed, what depends on use, what has no price, and what a change costs."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from pilothouse.cost import delta, usage
from pilothouse.cost.charges import Billing, Charge, CostModel, Free, Unknown
from pilothouse.cost.estimate import Billed, Estimate, estimate
from pilothouse.cost.price import Price, Tier
from pilothouse.cost.price_book import PriceBook
from pilothouse.cost.usage import Range
from pilothouse.errors import PilothouseError

TODAY = date(2026, 11, 28)
USAGE = (usage.declare("gb", "GB", "what goes through", 1, 10, 100),)
GATE = Charge(what="gate", service="net", sku="gate", unit="hour", quantity=Decimal(730))
DATA = Charge(what="data", service="net", sku="data", unit="GB", usage="gb")


def price(
    sku: str, unit: str, usd: str, *, free: str = "0", confidence: str = "confirmed"
) -> Price:
    return Price(
        provider="cloud", service="net", sku=sku, region="here", unit=unit,
        tiers=[Tier(usd=Decimal(usd))], free=Decimal(free), confidence=confidence,
        source="a page", effective=TODAY,
    )  # fmt: skip


BOOK = PriceBook(
    day=TODAY,
    prices={
        found.key: found
        for found in (
            price("gate", "hour", "0.1"),
            price("data", "GB", "2", free="5", confidence="single"),
        )
    },
)


def estimated(
    billings: Mapping[str, Billing | None],
    own: Mapping[str, Range] | None = None,
    size: str = "small",
) -> Estimate:
    """The estimate of one resource of each type, which is billed for that."""

    def billing(type_: str, _name: str, _inputs: Mapping[str, Any]) -> Billing | None:
        return billings[type_]

    model = CostModel(
        provider="cloud",
        region="here",
        billing=billing,
        assumptions=usage.assume(USAGE, size, own or {}),
    )
    resources = [Billed(type=type_, name="one", inputs={}) for type_ in billings]
    return estimate(resources, model, BOOK, TODAY)


def test_fixed_lines_have_no_spread_and_usage_has() -> None:
    found = estimated({"c:Gate": [GATE, DATA]})
    assert found.total("fixed") == Range.exactly(Decimal(73))
    assert found.total("usage") == Range.of(0, 10, 190)
    assert found.monthly == Range.of(73, 83, 263)
    assert found.confidence == "single"


def test_a_team_says_its_own_usage() -> None:
    found = estimated({"c:Gate": [DATA]}, {"gb": Range.exactly(Decimal(7))})
    assert found.monthly == Range.exactly(Decimal(4))
    assert found.assumptions["gb"].is_own


def test_usage_grows_with_the_size() -> None:
    assert estimated({"c:Gate": [DATA]}, size="large").monthly == Range.of(30, 390, 3990)


def test_a_free_amount_is_an_accounts_and_counted_once() -> None:
    own = {"gb": Range.exactly(Decimal(4))}
    found = estimated({"c:One": [DATA], "c:Two": [DATA]}, own)
    assert [line.usd.expected for line in found.lines] == [0, 6]


def test_what_is_billed_once_is_in_no_month() -> None:
    once = Charge(what="set-up", service="net", sku="gate", unit="hour", once=True)
    found = estimated({"c:Gate": [once]})
    assert found.total("once").expected == Decimal("0.1")
    assert found.monthly == usage.NOTHING


def test_an_unknown_price_is_named_and_makes_the_total_a_least_one() -> None:
    unknown = Charge(what="door", service="net", sku="door", unit="hour")
    found = estimated(
        {"c:Gate": [GATE, unknown], "c:Odd": None, "c:Own": Unknown(reason="ask the owner")}
    )
    assert found.monthly == Range.exactly(Decimal(73))
    assert not found.is_complete
    said = {each.resource: each.reason for each in found.unpriced}
    assert said == {
        "Gate one": "the book has no cloud net door in here",
        "Odd one": "nothing is known of what type c:Odd is billed for",
        "Own one": "ask the owner",
    }


def test_why_something_is_free_is_said() -> None:
    found = estimated({"c:Gate": Free(reason="it is a word")})
    assert found.free == {"Gate one": "it is a word"}
    assert found.is_complete


def test_a_charge_in_another_unit_than_its_price_is_a_mistake() -> None:
    wrong = Charge(what="gate", service="net", sku="gate", unit="GB-month")
    with pytest.raises(PilothouseError, match="by GB-month, and the price of gate is by hour"):
        estimated({"c:Gate": [wrong]})


def test_a_change_costs_what_its_lines_differ_by() -> None:
    prior = estimated({"c:Gate": [GATE], "c:Old": [GATE]})
    proposed = estimated({"c:Gate": [GATE], "c:New": [DATA]})
    change = delta.compare(prior, proposed)
    assert change.monthly == Decimal(-63)
    assert {(line.change, line.resource, line.difference) for line in change.lines} == {
        ("removed", "Old one", Decimal(-73)),
        ("added", "New one", Decimal(10)),
    }


def test_a_change_to_what_has_no_price_is_not_known_and_no_saving() -> None:
    prior = estimated({"c:Gate": [GATE]})
    proposed = estimated({"c:Gate": Unknown(reason="no price")})
    assert delta.compare(prior, proposed).monthly is None


def test_no_change_costs_nothing() -> None:
    same = estimated({"c:Gate": [GATE, DATA]})
    assert delta.compare(same, same) == delta.Delta(lines=[], monthly=Decimal(0))
