"""`pilothouse prices`: what the book has, a bill, and where a new snapshot is not written."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pilothouse.cli import app

BILL = """\
provider: aws
region: us-east-1
lines:
  - {service: vpc, sku: public-ipv4, quantity: 730, unit: hour, count: 9}
"""


def said(*arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, ["prices", *arguments])
    assert done.exit_code == code, done.output
    return done.output


def document(*arguments: str) -> Any:
    text = said(*arguments, "--json")
    return json.loads(text[text.index("\n{") if not text.startswith("{") else 0 :])


def test_prices_are_found_by_all_words() -> None:
    found = document("show", "mwaa", "mw1.small-worker", "eu-west-1")["prices"]
    assert [each["sku"] for each in found] == ["mw1.small-worker"]
    assert found[0]["tiers"][0]["usd"] > 0
    assert found[0]["source"]


def test_nothing_found_is_refused() -> None:
    assert "has nothing with abacus" in said("show", "abacus", code=2)


def test_a_bill_is_summed_up(tmp_path: Path) -> None:
    file = tmp_path / "bill.yaml"
    file.write_text(BILL)
    assert document("bill", str(file))["total"] == 32.85
    assert "total: $32.85" in said("bill", str(file))


def test_a_wrong_bill_is_refused_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "bill.yaml"
    file.write_text(BILL.replace("public-ipv4", "public-ipv5"))
    assert "bill.yaml:4" in said("bill", str(file), code=2)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--provider", "azur"), "did you mean azure"),
        (("--provider", "gcp"), "no open price list of 'gcp'"),
    ],
)
def test_a_provider_without_an_open_list_is_refused(
    tmp_path: Path, options: Sequence[str], reason: str
) -> None:
    output = said("refresh", "--to", str(tmp_path), *options, code=2)
    assert reason in output.replace("\n", " ")
    assert list(tmp_path.iterdir()) == []
