"""With --json a command writes exactly one document, however it ends."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
import typer
from rich.table import Table
from typer.testing import CliRunner

from pilothouse.cli import session
from pilothouse.contract import CAPABILITIES, Capability, Contract
from pilothouse.errors import PilothouseError, Refused
from pilothouse.lifecycle.report import Report, contract_document, format_changes, plural

Deed = Callable[[Report], None]


def ended(deed: Deed, *, as_json: bool = True) -> tuple[int, str, str]:
    """The exit code, standard output and standard error of a command that does `deed`."""
    app = typer.Typer()

    @app.command()
    def run() -> None:
        with session.reported(as_json) as report:
            deed(report)

    result = CliRunner().invoke(app)
    return result.exit_code, result.stdout, result.stderr


def test_what_was_found_and_the_error_are_one_document() -> None:
    def deed(report: Report) -> None:
        report.document({"changes": {"update": 1}})
        raise PilothouseError("no changes were expected")

    code, out, err = ended(deed)
    assert (code, json.loads(out)["error"]) == (1, "no changes were expected")
    assert json.loads(out)["changes"] == {"update": 1}
    assert "no changes were expected" in err
    assert ended(deed, as_json=False)[1] == ""


def test_an_error_alone_is_a_document_and_so_is_an_outcome_alone() -> None:
    def refused(report: Report) -> None:
        raise Refused("stdin is not a terminal")

    document = json.loads(ended(refused)[1])
    assert document == {"error": "stdin is not a terminal", "exit_code": 2, "problems": []}
    assert json.loads(ended(lambda report: report.document({"a": 1}))[1]) == {"a": 1}


def test_what_is_not_foreseen_hides_no_outcome() -> None:
    def broken(report: Report) -> None:
        report.document({"a": 1})
        raise ZeroDivisionError

    assert json.loads(ended(broken)[1]) == {"a": 1}


@pytest.mark.parametrize(
    ("noun", "one", "several"),
    [
        ("file", "1 file", "2 files"),
        ("process", "1 process", "2 processes"),
        ("mailbox", "1 mailbox", "2 mailboxes"),
        ("policy", "1 policy", "2 policies"),
        ("KMS key", "1 KMS key", "2 KMS keys"),
    ],
)
def test_a_noun_has_the_number_of_its_count(noun: str, one: str, several: str) -> None:
    assert (plural(1, noun), plural(2, noun)) == (one, several)
    assert plural(0, noun) == several.replace("2", "0")


def test_changes_are_counted_by_operation() -> None:
    assert format_changes({"same": 4, "create": 3}) == "create 3, same 4"
    assert format_changes({}) == "nothing to do"


@pytest.mark.parametrize(("show", "login"), [(True, {"password": "hush"}), (False, ["password"])])
def test_a_document_of_the_contract_has_what_is_secret_if_it_was_asked_for(
    show: bool, login: object
) -> None:
    secret: Capability[str] = Capability(uri="here", console="", login={"password": "hush"})
    contract = Contract(storage=secret, compute=secret, tracking=secret, orchestration=secret)
    document = contract_document(contract, show_secrets=show)
    assert list(document) == list(CAPABILITIES)
    assert document["storage"]["login"] == login
    assert document["storage"]["uri"] == "here"


def test_a_table_is_not_cut_where_nothing_has_a_width(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    table = Table("x" * 70, "y" * 70)
    Report(as_json=False).table(table)
    assert "y" * 70 in capsys.readouterr().out
