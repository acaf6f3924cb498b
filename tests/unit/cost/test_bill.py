"""Bills of others, priced by the book: within 5 % of what was paid or published."""

from decimal import Decimal
from pathlib import Path

import pytest

from pilothouse.cost import bill, price_book
from pilothouse.errors import InvalidInput

BILLS = Path(__file__).parent / "bills"
PUBLISHED = {
    "azure-postgresql": "764.12",
    "databricks-workspaces": "1995.00",
    "eks-frankfurt": "115.61",
    "eks-reference": "793.73",
    "gke-autopilot": "581.52",
    "gke-nodes": "220.13",
    "log-group": "516.25",
    "mwaa-environments": "2603.90",
    "sagemaker-ireland": "886.66",
    "three-regions-frankfurt": "51.82",
    "three-regions-ireland": "48.85",
    "three-regions-virginia": "45.91",
    "training-job": "0.0575",
    "vertex-run": "0.152",
    "volumes": "80.40",
}
"""What each was published as, in US dollars; the file says where."""


def written(folder: Path, lines: str, top: str = "provider: aws\nregion: us-east-1\n") -> Path:
    file = folder / "bill.yaml"
    file.write_text(f"{top}lines:\n{lines}")
    return file


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_bill_is_met(name: str) -> None:
    priced = bill.read(BILLS / f"{name}.yaml", price_book.load())
    published = Decimal(PUBLISHED[name])
    assert abs(priced.total - published) < published * Decimal("0.05")


def test_every_bill_is_compared() -> None:
    assert {file.stem for file in BILLS.iterdir()} == set(PUBLISHED)


def test_sums_are_exact(tmp_path: Path) -> None:
    line = "  - {service: vpc, sku: public-ipv4, quantity: 0.1, unit: hour}\n"
    priced = bill.read(written(tmp_path, line * 3), price_book.load())
    assert priced.total == Decimal("0.0015")


def test_what_is_free_for_an_account_is_free_once(tmp_path: Path) -> None:
    line = "  - {service: cloudwatch, sku: logs-ingest, quantity: 4, unit: GB}\n"
    first, second = bill.read(written(tmp_path, line * 2), price_book.load()).lines
    assert [first.usd, second.usd] == [Decimal(0), Decimal("1.5")]


def test_tiers_go_on_from_line_to_line(tmp_path: Path) -> None:
    line = "  - {service: data-transfer, sku: internet-out, quantity: 10240, unit: GB}\n"
    first, second = bill.read(written(tmp_path, line * 2), price_book.load()).lines
    assert first.usd == Decimal("0.09") * 10140
    assert second.usd == Decimal("0.09") * 100 + Decimal("0.085") * 10140


def test_a_month_of_an_n1_machine_has_its_discount(tmp_path: Path) -> None:
    text = (
        "  - {service: compute-engine, sku: n1-standard-4, quantity: 730, unit: hour, "
        "discount: sustained-use-n1}\n"
    )
    file = written(tmp_path, text, "provider: gcp\nregion: us-central1\n")
    (line,) = bill.read(file, price_book.load()).lines
    assert line.usd == Decimal("0.189999") * 730 * Decimal("0.7")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "{service: mwaa, sku: mwaa-metadata-storage, quantity: 7300, unit: GB-hour}",
            'lines[0].unit: found "GB-hour", and the price of mwaa-metadata-storage is by GB-month',
        ),
        (
            "{service: ec2, sku: m5.xlage, quantity: 1, unit: hour}",
            "the book has no aws ec2 m5.xlage in us-east-1; did you mean m5.xlarge?",
        ),
        (
            "{service: ec2, sku: m5.xlarge, quantity: 1, unit: hour, region: af-south-1}",
            "the book has no price of aws ec2 m5.xlarge in af-south-1, only in",
        ),
        (
            "{service: mwaa, sku: mw1.micro-environment, quantity: 1, unit: hour}",
            "no source had a price of aws mwaa mw1.micro-environment in us-east-1",
        ),
        (
            "{service: ec2, sku: m5.xlarge, quantity: 1, unit: hour, discount: m5.large}",
            "m5.large is no factor, but a price by hour",
        ),
        ("{service: ec2, sku: m5.xlarge, quantity: -1, unit: hour}", "lines[0].quantity"),
    ],
)
def test_a_line_without_a_price_is_refused_where_it_stands(
    tmp_path: Path, line: str, said: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        bill.read(written(tmp_path, f"  - {line}\n"), price_book.load())
    assert said in str(refused.value)
    assert "bill.yaml:4" in str(refused.value)
