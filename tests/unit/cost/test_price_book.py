"""The book in the package: each row can be read, found, and traced to its source."""

from datetime import date
from decimal import Decimal

import pytest

from pilothouse.cost import price_book
from pilothouse.cost.price import CONFIDENCE
from pilothouse.cost.price_book import COLUMNS, PriceBook, Unpriced
from pilothouse.errors import InvalidInput

HEAD = ",".join(COLUMNS)


@pytest.fixture(scope="module")
def book() -> PriceBook:
    return price_book.load()


def parsed(*rows: str) -> PriceBook:
    text = "\n".join([HEAD, *rows, ""])
    return price_book.parse(text, name="2026-01-01.csv", day=date(2026, 1, 1))


def test_the_newest_snapshot_is_taken(book: PriceBook) -> None:
    names = [file.name for file in price_book.snapshots()]
    assert names == sorted(names)
    assert f"{book.day}.csv" == names[-1]


def test_each_price_has_a_date_a_source_and_a_known_confidence(book: PriceBook) -> None:
    assert len(book.prices) > 2000
    for price in book.prices.values():
        assert price.effective, price.key
        assert price.source, price.key
        assert price.confidence in CONFIDENCE, price.key
        assert price.unit, price.key


def test_no_source_is_a_place_on_somebodys_machine(book: PriceBook) -> None:
    for price in book.prices.values():
        assert not price.source.startswith(("/", "shared", "../")), price.key


def test_a_price_that_no_source_had_is_no_zero(book: PriceBook) -> None:
    assert book.missing
    key = ("aws", "mwaa", "mw1.micro-environment", "us-east-1")
    assert key in book.missing
    with pytest.raises(Unpriced, match="no source had a price"):
        book.find(*key)


def test_there_is_no_default_region(book: PriceBook) -> None:
    assert book.find("aws", "mwaa", "mw1.small-environment", "eu-west-1")
    with pytest.raises(Unpriced, match=r"only in .*eu-west-1"):
        book.find("aws", "mwaa", "mw1.small-environment", "sa-east-1")


def test_a_machine_of_sagemaker_without_a_rate_is_derived_from_ec2(book: PriceBook) -> None:
    base = book.find("aws", "ec2", "m7g.xlarge", "eu-west-1")
    found = book.find("aws", "sagemaker", "ml.m7g.xlarge", "eu-west-1")
    assert found.confidence == "derived"
    assert found.tiers[0].usd == base.tiers[0].usd * Decimal("1.2")
    assert "ec2 m7g.xlarge x 1.2" in found.source


@pytest.mark.parametrize(
    ("sku", "factor"),
    [("ml.p3.2xlarge", "1.25"), ("ml.g4dn.xlarge", "1.4"), ("ml.m5.large", "1.2")],
)
def test_the_rule_meets_the_rates_that_were_read(book: PriceBook, sku: str, factor: str) -> None:
    read = book.find("aws", "sagemaker", sku, "us-east-1")
    base = book.find("aws", "ec2", sku.removeprefix("ml."), "us-east-1")
    assert read.confidence != "derived"
    ratio = read.tiers[0].usd / base.tiers[0].usd
    assert abs(ratio / Decimal(factor) - 1) < Decimal("0.006")


def test_an_old_price_is_the_weakest() -> None:
    found = parsed("aws,s3,x,d,us-east-1,GB,1,,,,2024-05,page,,confirmed")
    price = found.find("aws", "s3", "x", "us-east-1")
    assert price.effective == date(2024, 5, 1)
    assert price.confidence_on(date(2024, 6, 1)) == "confirmed"
    assert price.confidence_on(date(2026, 6, 1)) == "old"


@pytest.mark.parametrize(
    "row",
    [
        "aws,s3,x,d,us-east-1,GB,one,,,,2026,page,,confirmed",
        "aws,s3,x,d,us-east-1,GB,-1,,,,2026,page,,confirmed",
        "aws,s3,x,d,us-east-1,GB,NaN,,,,2026,page,,confirmed",
        "aws,s3,x,d,us-east-1,GB,1,,,,2026-13,page,,confirmed",
        "aws,s3,x,d,us-east-1,GB,1,,,,2026,page,,certain",
    ],
)
def test_a_wrong_row_is_named_by_its_line(row: str) -> None:
    with pytest.raises(InvalidInput, match=r"2026-01-01\.csv:3: x: "):
        parsed("aws,s3,y,d,us-east-1,GB,1,,,,2026,page,,confirmed", row)


def test_wrong_columns_are_refused() -> None:
    with pytest.raises(InvalidInput, match="the columns provider, sku"):
        price_book.parse("provider,sku\n", name="2026-01-01.csv", day=date(2026, 1, 1))
