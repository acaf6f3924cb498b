"""A refreshed price book: what a provider's list says, beside what was known before.

The answers are in the form of the providers' lists, with the lines that matter here: there is no
way to the lists from where the tests run.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from testkit.support.http_servers import answering

from pilothouse.cost import price_book, refresh
from pilothouse.cost.lists.aws import AwsPriceList
from pilothouse.cost.lists.azure import AzurePriceList
from pilothouse.cost.price_book import COLUMNS
from pilothouse.errors import PilothouseError

HEAD = """"FormatVersion","v1.0"
"Disclaimer","This pricing list is for informational purposes only."
"Publication Date","2026-11-20T18:02:11Z"
"Version","20261120180211"
"OfferCode","AnOffer"
"SKU","TermType","StartingRange","EndingRange","Unit","PricePerUnit","Currency","usageType","operation"
"""
MWAA = """"A","OnDemand","0","Inf","hours","0.4900000000","USD","EU-Airflow-SmallEnvironment",""
"B","OnDemand","0","Inf","hours","0.0600000000","USD","EU-Airflow-SmallWorker",""
"C","OnDemand","0","Inf","hours","9.9000000000","CNY","EU-Airflow-SmallWorker",""
"D","Reserved","0","Inf","hours","0.0100000000","USD","EU-Airflow-SmallWorker",""
"""
KMS = """"A","OnDemand","0","20000","Requests","0.0000000000","USD","eu-west-1-KMS-Requests",""
"B","OnDemand","0","20000","Requests","0.0000000000","USD","EU-KMS-Requests",""
"C","OnDemand","20000","Inf","Requests","0.0000030000","USD","EU-KMS-Requests",""
"""
EC2 = """"A","OnDemand","0","Inf","Hrs","0.3000000","USD","EU-BoxUsage:m5.large","RunInstances:0002"
"B","OnDemand","0","Inf","Hrs","0.1070000000","USD","EU-BoxUsage:m5.large","RunInstances"
"""
MACHINES = [
    {"skuName": "D4s v5 Spot", "retailPrice": 0.02, "productName": "Virtual Machines Dsv5"},
    {"skuName": "D4s v5", "retailPrice": 0.4, "productName": "Virtual Machines Dsv5 Windows"},
    {"skuName": "D4s v5", "retailPrice": 0.23, "productName": "Virtual Machines Dsv5"},
]


class Lists(HTTPServer):
    """Serves texts by path, and keeps what was asked for."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Requests)
        self.texts: dict[str, str] = {}
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def offer(self, name: str, lines: str, region: str = "eu-west-1") -> None:
        self.texts[f"/offers/v1.0/aws/{name}/current/{region}/index.csv"] = HEAD + lines


class Requests(BaseHTTPRequestHandler):
    server: Lists

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        text = self.server.texts.get(urlsplit(self.path).path)
        self.send_response(404 if text is None else 200)
        content = (text or "").encode()
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def lists() -> Iterator[Lists]:
    with answering(Lists()) as made:
        yield made


def book(*rows: str) -> str:
    return "\n".join([",".join(COLUMNS), *rows, ""])


def row(service: str, sku: str, unit: str, usd: str, confidence: str = "single") -> str:
    day = "2025-01-01" if usd else ""
    return f"aws,{service},{sku},d,eu-west-1,{unit},{usd},,,,{day},a page,,{confidence}"


def read(text: str) -> Mapping[str, Mapping[str, str]]:
    return {found["sku"]: found for found in csv.DictReader(io.StringIO(text))}


def refreshed(lists: Lists, *rows: str) -> refresh.Refreshed:
    return refresh.refresh(book(*rows), {"aws": AwsPriceList(lists.url)})


def test_a_price_that_the_list_confirms_is_confirmed(lists: Lists) -> None:
    lists.offer("AmazonMWAA", MWAA)
    found = refreshed(lists, row("mwaa", "mw1.small-environment", "hour", "0.49"))
    new = read(found.text)["mw1.small-environment"]
    assert (found.agreed, found.differences) == (1, [])
    assert (new["usd"], new["confidence"]) == ("0.49", "confirmed")
    assert new["effective_date"] == "2026-11-20"
    assert new["source"].endswith("/AmazonMWAA/current/eu-west-1/index.csv")
    assert new["second_source"] == "0.49 in a page (2025-01-01)"


def test_a_price_that_the_list_contradicts_is_changed_and_the_conflict_kept(lists: Lists) -> None:
    lists.offer("AmazonMWAA", MWAA)
    found = refreshed(lists, row("mwaa", "mw1.small-worker", "hour", "0.055", "confirmed"))
    (difference,) = found.differences
    assert (difference.outcome, difference.before, difference.now) == ("changed", "0.055", "0.06")
    new = read(found.text)["mw1.small-worker"]
    assert (new["usd"], new["confidence"]) == ("0.06", "conflict-newer-kept")
    assert new["second_source"] == "CONFLICT 0.055 in a page (2025-01-01)"
    assert price_book.parse(found.text, name="2026-11-28.csv", day=date(2026, 11, 28))


def test_a_price_that_was_missing_is_filled_in_and_a_unit_is_converted(lists: Lists) -> None:
    lists.offer("awskms", KMS)
    found = refreshed(lists, row("kms", "kms-request-10k", "10000 requests", "", "missing"))
    assert [each.outcome for each in found.differences] == ["new"]
    new = read(found.text)["kms-request-10k"]
    assert (new["usd"], new["confidence"]) == ("0.03", "single")


def test_a_machine_is_that_of_linux_and_an_offer_is_read_once(lists: Lists) -> None:
    lists.offer("AmazonEC2", EC2)
    found = refreshed(
        lists, row("ec2", "m5.large", "hour", "0.107"), row("ec2", "m9.large", "hour", "1")
    )
    assert read(found.text)["m5.large"]["confidence"] == "confirmed"
    assert len(lists.asked) == 1
    (gone,) = found.differences
    assert (gone.outcome, gone.row["sku"]) == ("gone", "m9.large")
    assert read(found.text)["m9.large"]["usd"] == "1"


def test_what_no_list_can_answer_stays_as_it_is(lists: Lists) -> None:
    rows = (row("budgets", "budget", "month", "0"), row("s3", "x", "GB", "1"))
    found = refreshed(lists, *rows)
    assert found.text == book(*rows)
    assert found.not_asked == 2
    assert lists.asked == []


def test_a_list_that_does_not_answer_makes_no_snapshot_of_a_part(lists: Lists) -> None:
    with pytest.raises(PilothouseError, match=r"AmazonMWAA.* cannot be read: .*404"):
        refreshed(lists, row("mwaa", "mw1.small-worker", "hour", "0.055"))


def test_a_page_that_is_no_list_is_refused(lists: Lists) -> None:
    lists.texts["/offers/v1.0/aws/AmazonMWAA/current/eu-west-1/index.csv"] = "a,b\n" * 9
    with pytest.raises(PilothouseError, match="is no price list"):
        refreshed(lists, row("mwaa", "mw1.small-worker", "hour", "0.055"))


def test_azures_machine_is_neither_windows_nor_spot(lists: Lists) -> None:
    common = {
        "currencyCode": "USD",
        "unitOfMeasure": "1 Hour",
        "effectiveStartDate": "2026-10-01T00:00:00Z",
    }
    lists.texts["/prices"] = json.dumps({"Items": [common | each for each in MACHINES]})
    text = book(
        "azure,virtual-machines,Standard_D4s_v5,d,westeurope,hour,0.23,,,,2025-01-01,a page,,single"
    )
    found = refresh.refresh(text, {"azure": AzurePriceList(f"{lists.url}/prices")})
    assert found.agreed == 1
    (asked,) = lists.asked
    (condition,) = parse_qs(urlsplit(asked).query)["$filter"]
    assert "armSkuName eq 'Standard_D4s_v5'" in condition
    assert "armRegionName eq 'westeurope'" in condition


def test_azure_answers_nothing_for_what_it_does_not_sell(lists: Lists) -> None:
    lists.texts["/prices"] = json.dumps({"Items": []})
    text = book("azure,virtual-machines,Standard_X,d,westeurope,hour,1,,,,2025-01-01,p,,single")
    found = refresh.refresh(text, {"azure": AzurePriceList(f"{lists.url}/prices")})
    assert [each.outcome for each in found.differences] == ["gone"]
