import dataclasses
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from pilothouse.config import json_schema, yaml_reader
from pilothouse.config.platform_spec import Platform, load
from pilothouse.errors import InvalidInput

pytestmark = pytest.mark.usefixtures("own_folder")
TODAY = date(2026, 11, 23)

NAME, OWNER = "name: demo", "owner: ml-team@example.org"
EXPIRES, BUDGET = "expires: 2027-12-31", "monthlyBudget: 500"
BASE = f"{NAME}\n{OWNER}\npilot:\n  {EXPIRES}\n  {BUDGET}\n"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Wrong:
    """One wrong `platform.yaml`, and where its one problem must be said to be."""

    text: str
    line: int
    key: str
    found: str
    remedy: str
    by_schema: bool = True


def swapped(old: str, new: str, **expected: Any) -> Wrong:
    assert old in BASE
    return Wrong(text=BASE.replace(old, new), **expected)


def added(text: str, **expected: Any) -> Wrong:
    return Wrong(text=f"{BASE}{text}\n", **expected)


def name(value: str, found: str, remedy: str = "lower-case letters") -> Wrong:
    return swapped(NAME, f"name: {value}", line=1, key="name", found=found, remedy=remedy)


def owner(value: str, found: str, remedy: str = "an e-mail address or a team's name") -> Wrong:
    return swapped(OWNER, f"owner: {value}", line=2, key="owner", found=found, remedy=remedy)


def expires(value: str, found: str, remedy: str, *, by_schema: bool = True) -> Wrong:
    return swapped(
        EXPIRES,
        f"expires: {value}",
        line=4,
        key="pilot.expires",
        found=found,
        remedy=remedy,
        by_schema=by_schema,
    )


def budget(value: str, found: str, remedy: str, *, by_schema: bool = True) -> Wrong:
    return swapped(
        BUDGET,
        f"monthlyBudget: {value}",
        line=5,
        key="pilot.monthlyBudget",
        found=found,
        remedy=remedy,
        by_schema=by_schema,
    )


def section(key: str, value: str, found: str, remedy: str) -> Wrong:
    above, _, below = key.partition(".")
    return added(f"{above}:\n  {below}: {value}", line=7, key=key, found=found, remedy=remedy)


def unknown(text: str, key: str, remedy: str) -> Wrong:
    line = BASE.count("\n") + text.count("\n") + 1
    return added(text, line=line, key=key, found="an unknown key", remedy=remedy)


DATE = "a date of the calendar as YYYY-MM-DD"
AHEAD = "choose a day from 2026-11-23 to 2028-11-23"

WRONG = {
    # what must be there
    "no name": swapped(
        f"{NAME}\n", "", line=1, key="name", found="nothing", remedy="add it: The platform's name"
    ),
    "no owner": swapped(
        f"{OWNER}\n", "", line=1, key="owner", found="nothing", remedy="add it: The owner"
    ),
    "no pilot": swapped(
        f"pilot:\n  {EXPIRES}\n  {BUDGET}\n",
        "",
        line=1,
        key="pilot",
        found="nothing",
        remedy="add it: The end",
    ),
    "no expiry": swapped(
        f"  {EXPIRES}\n", "", line=3, key="pilot.expires", found="nothing", remedy="The last day"
    ),
    "no budget": swapped(
        f"  {BUDGET}\n",
        "",
        line=3,
        key="pilot.monthlyBudget",
        found="nothing",
        remedy="in US dollars",
    ),
    # names
    "empty name": name('""', '""'),
    "name without value": name("", "nothing"),
    "upper-case name": name("Demo", '"Demo"'),
    "name that begins with a digit": name("1demo", '"1demo"'),
    "name that begins with a dash": name("-demo", '"-demo"'),
    "name with a trailing dash": name("demo-", '"demo-"'),
    "name with an underscore": name("de_mo", '"de_mo"'),
    "name with a dot": name("de.mo", '"de.mo"'),
    "name with a space": name("de mo", '"de mo"'),
    "name with a trailing newline": dataclasses.replace(
        name('"demo\\n"', '"demo\\n"'),
        by_schema=False,  # to Python's regular expressions, `$` is before a last newline too
    ),
    "name with an umlaut": name("dämo", '"d\\u00e4mo"'),
    "name with a Cyrillic letter": name("d\u0435mo", '"d\\u0435mo"'),
    "name with Arabic digits": name("demo\u0663", '"demo\\u0663"'),
    "name of 31 characters": name("a" * 31, "aaa", remedy="up to 30"),
    "huge name": name("a" * 500_000, "aaa…"),
    "number as name": name("42", "42"),
    "boolean as name": name("true", "true"),
    "list as name": name("[demo]", "a list"),
    "mapping as name": name("{a: b}", "a mapping"),
    # owners
    "empty owner": owner('""', '""'),
    "owner with a space": owner("ml team", '"ml team"'),
    "owner with two at signs": owner("a@b@example.org", "a@b@"),
    "owner with nothing after the at sign": owner("team@", '"team@"'),
    "owner with nothing before the at sign": owner('"@example.org"', '"@example.org"'),
    "owner with a trailing dot": owner("team.", '"team."'),
    "owner of 64 characters": owner("a" * 64, "aaa", remedy="up to 63"),
    "owner with a display name": owner("Ann <ann@example.org>", "Ann <ann"),
    "number as owner": owner("7", "7"),
    # the pilot
    "text as pilot": Wrong(
        text=f"{NAME}\n{OWNER}\npilot: soon\n",
        line=3,
        key="pilot",
        found='"soon"',
        remedy="write its keys below it",
    ),
    "empty pilot": Wrong(
        text=f"{NAME}\n{OWNER}\npilot:\n",
        line=3,
        key="pilot",
        found="nothing",
        remedy="write its keys below it",
    ),
    "expiry yesterday": expires("2026-11-22", "2026-11-22", AHEAD, by_schema=False),
    "expiry in the past": expires("2020-01-01", "2020-01-01", AHEAD, by_schema=False),
    "expiry a day too late": expires("2028-11-24", "2028-11-24", AHEAD, by_schema=False),
    "expiry in the far future": expires("9999-12-31", "9999-12-31", AHEAD, by_schema=False),
    "expiry that no calendar has": expires("2027-02-30", '"2027-02-30"', DATE, by_schema=False),
    "expiry in a thirteenth month": expires("2027-13-01", '"2027-13-01"', DATE, by_schema=False),
    "expiry with a time": expires("2027-12-31T10:00:00Z", '"2027-12-31T10', DATE),
    "expiry the American way": expires("12/31/2027", '"12/31/2027"', DATE),
    "expiry without dashes": expires("20271231", "20271231", DATE),
    "expiry as a week": expires("2027-W52-5", '"2027-W52-5"', DATE),
    "expiry in words": expires("tomorrow", '"tomorrow"', DATE),
    "expiry without value": expires("", "nothing", DATE),
    "expiry as a list": expires("[2027, 12, 31]", "a list", DATE),
    "negative budget": budget("-1", "-1", "greater than 0"),
    "budget of zero": budget("0", "0", "greater than 0"),
    "infinite budget": budget(".inf", "Infinity", "a finite number"),
    "negative infinite budget": budget("-.inf", "-Infinity", "a finite number"),
    "budget that is no number": budget(".nan", "NaN", "a finite number", by_schema=False),
    "budget beyond any number": budget("1e999", "Infinity", "a finite number"),
    "budget above a million": budget("1000001", "1000001", "less than or equal to 1000000"),
    "budget in quotes": budget('"500"', '"500"', "write a number"),
    "budget with a currency": budget("500 USD", '"500 USD"', "write a number"),
    "budget with a thousands separator": budget("1,500", '"1,500"', "write a number"),
    "budget with an underscore": budget("1_500", '"1_500"', "write a number"),
    "boolean as budget": budget("true", "true", "write a number"),
    # misspelt and unknown keys
    "unknown key": unknown("colour: red", "colour", "valid are: name, owner, pilot"),
    "misspelt section": unknown("storge: {}", "storge", "did you mean storage?"),
    "section in upper case": unknown("STORAGE: {}", "STORAGE", "did you mean storage?"),
    "misspelt key in a section": unknown(
        "storage:\n  retentionDay: 9", "storage.retentionDay", "did you mean retentionDays?"
    ),
    "key in snake case": unknown(
        "storage:\n  retention_days: 9", "storage.retention_days", "did you mean retentionDays?"
    ),
    "key at the wrong level": unknown("gpus: 1", "gpus", "did you mean compute.gpus?"),
    "key in the wrong section": unknown(
        "tracking:\n  parallelism: 1", "tracking.parallelism", "did you mean compute.parallelism?"
    ),
    "target in the platform": unknown("target: aws", "target", "valid are: name"),
    "huge unknown key": unknown(f"{'k' * 900}: 1", f"{'k' * 60}…", "valid are: name"),
    "key with an escape sequence": unknown('"\\e[31mred": 1', "'\\x1b[31mred'", "valid are"),
    # choices
    "misspelt size": added(
        "size: smal", line=6, key="size", found='"smal"', remedy="did you mean small?"
    ),
    "unknown size": added(
        "size: 10", line=6, key="size", found="10", remedy="valid are: small, medium, large"
    ),
    "unknown engine": section("orchestration.engine", "cron", '"cron"', "valid are: airflow"),
    "misspelt engine": section("tracking.engine", "ml-flow", '"ml-flow"', "did you mean mlflow?"),
    "unknown exposure": section("access.exposure", "pub", '"pub"', "valid are: private, public"),
    # sections
    "empty section": added(
        "storage:", line=6, key="storage", found="nothing", remedy="write its keys below it"
    ),
    "list as section": added(
        "compute: [1]", line=6, key="compute", found="a list", remedy="write its keys below it"
    ),
    "yes as boolean": section("storage.versioning", "yes", '"yes"', "true or false"),
    "on as boolean": section("storage.versioning", "on", '"on"', "true or false"),
    "number as boolean": section("storage.versioning", "1", "1", "true or false"),
    "retention of no day": section("storage.retentionDays", "0", "0", "greater than or equal to 1"),
    "retention of eleven years": section("storage.retentionDays", "4000", "4000", "equal to 3650"),
    "retention in part days": section("storage.retentionDays", "1.5", "1.5", "a whole number"),
    "retention in words": section("storage.retentionDays", "90d", '"90d"', "a whole number"),
    "retention in octal": section("storage.retentionDays", "010", '"010"', "a whole number"),
    "retention without versioning": added(
        "storage:\n  versioning: false\n  retentionDays: 90",
        line=8,
        key="storage.retentionDays",
        found="90 with versioning: false",
        remedy="remove it, or set versioning: true",
    ),
    "no task at once": section("compute.parallelism", "0", "0", "greater than or equal to 1"),
    "too many tasks at once": section("compute.parallelism", "65", "65", "less than or equal"),
    "boolean as number of tasks": section("compute.parallelism", "true", "true", "whole number"),
    "number beyond all bounds": section("compute.parallelism", "9" * 30, "1e+30", "whole number"),
    "fewer GPUs than none": section("compute.gpus", "-1", "-1", "greater than or equal to 0"),
    "too many GPUs": section("compute.gpus", "9", "9", "less than or equal to 8"),
    "logs kept for no day": section("orchestration.logRetentionDays", "0", "0", "or equal to 1"),
    "public without host": added(
        "access:\n  exposure: public",
        line=6,
        key="access.host",
        found="nothing with exposure: public",
        remedy="add the host name",
    ),
    "host without exposure": section(
        "access.host", "a.example.org", '"a.example.org" with exposure: private', "set exposure"
    ),
    "private with host": added(
        "access:\n  exposure: private\n  host: a.example.org",
        line=8,
        key="access.host",
        found='"a.example.org" with exposure: private',
        remedy="remove it, or set exposure: public",
    ),
}

HOST = "access:\n  exposure: public\n  host: "
BAD_HOSTS = {
    "empty": '""',
    "single label": "localhost",
    "address": "10.0.0.1",
    "url": "https://a.example.org",
    "upper case": "A.example.org",
    "wildcard": '"*.example.org"',
    "trailing dot": "a.example.org.",
    "label of 64 characters": f"{'a' * 64}.org",
    "longer than 253 characters": ".".join(["a" * 60] * 5),
    "dash before a dot": "a-.example.org",
    "unicode": "ä.example.org",
}
WRONG |= {
    f"host: {what}": added(
        f"{HOST}{value}", line=8, key="access.host", found="", remedy="a full host name"
    )
    for what, value in BAD_HOSTS.items()
}

ADDRESS = "an e-mail address in lower case"
BAD_EMAILS = {
    "empty": '""',
    "a name of the platform's own": "admin",
    "the other one": "workload",
    "their address in Airflow": "admin@localhost",
    "nothing before the at sign": '"@example.org"',
    "nothing after the at sign": '"ann@"',
    "two at signs": "ann@ben@example.org",
    "two dots": "ann..b@example.org",
    "a dot at the end": "ann.@example.org",
    "a space": "ann b@example.org",
    "a display name": "Ann <ann@example.org>",
    "upper case": "Ann@example.org",
    "an umlaut": "änn@example.org",
    "a slash": "ann/b@example.org",
    "255 characters": f"{'a' * 243}@example.org",
}


def person(line: str, number: int = 0) -> str:
    """The key of a line of a person."""
    return f"access.people[{number}].{line}"


def people(*lines: str) -> str:
    return "\n".join(["access:", "  people:", *(f"    - {{{line}}}" for line in lines)])


WRONG |= {
    f"e-mail: {what}": added(
        people(f"email: {value}, role: user"),
        line=8,
        key=person("email"),
        found="",
        remedy=ADDRESS,
    )
    for what, value in BAD_EMAILS.items()
}
WRONG |= {
    "unknown role": added(
        people("email: ann@example.org, role: owner"),
        line=8,
        key=person("role"),
        found='"owner"',
        remedy="valid are: viewer, user, admin",
    ),
    "no role": added(
        people("email: ann@example.org"),
        line=8,
        key=person("role"),
        found="nothing",
        remedy="add it: `viewer`: sees everything",
    ),
    "a person a second time": dataclasses.replace(
        added(
            people(
                "email: ann@example.org, role: user",
                "email: ben@example.org, role: user",
                "email: ann@example.org, role: viewer",
            ),
            line=10,
            key=person("email", 2),
            found='"ann@example.org" a second time',
            remedy="give each person one line",
        ),
        by_schema=False,  # it compares whole items alone
    ),
    "51 people": added(
        people(*(f"email: p{number}@example.org, role: user" for number in range(51))),
        line=7,
        key="access.people",
        found="a list",
        remedy="write a list of 50 or fewer items",
    ),
    "people by name": section("access.people", "{ann: user}", "a mapping", "write a list"),
}

GROUPS = "roles: {user: [team]}"


def oidc(issuer: str = "https://id.example.org", roles: str = GROUPS, more: str = "") -> str:
    """A provider, whose keys begin in line 8."""
    lines = (f"issuer: {issuer}", "clientId: c", roles, more)
    return "\n".join(["access:", "  oidc:", *(f"    {line}" for line in lines if line)])


BAD_ISSUERS = (
    "http://id.example.org",
    "id.example.org",
    "https://id.example.org?tenant=a",
    "https://ann@id.example.org",
    "http://localhost.example.org",
    "https://",
)
WRONG |= {
    f"issuer {issuer}": added(
        oidc(issuer),
        line=8,
        key="access.oidc.issuer",
        found="",
        remedy="a URL with https:// and without a query",
    )
    for issuer in BAD_ISSUERS
}
WRONG |= {
    "a provider without groups": dataclasses.replace(
        added(
            oidc(roles="roles: {user: []}"),
            line=10,
            key="access.oidc.roles",
            found="no group",
            remedy="name the groups of your provider",
        ),
        by_schema=False,
    ),
    "a group with two roles": dataclasses.replace(
        added(
            oidc(roles="roles: {viewer: [all, team], admin: [team]}"),
            line=10,
            key="access.oidc.roles.viewer[1]",
            found='"team", a group of admin too',
            remedy="give each group one role",
        ),
        by_schema=False,
    ),
    "a group without a name": dataclasses.replace(
        added(
            oidc(roles='roles: {viewer: [""]}'),
            line=10,
            key="access.oidc.roles.viewer[0]",
            found="nothing",
            remedy="name a group",
        ),
        by_schema=False,
    ),
    "scopes without openid": dataclasses.replace(
        added(
            oidc(more="scopes: [email]"),
            line=11,
            key="access.oidc.scopes",
            found="a list",
            remedy="add openid",
        ),
        by_schema=False,
    ),
    "a secret in the file": added(
        oidc(more="clientSecret: hidden"),
        line=11,
        key="access.oidc.clientSecret",
        found="",
        remedy="",
    ),
    "people beside a provider": dataclasses.replace(
        added(
            f"{oidc()}\n  people: [{{email: ann@example.org, role: user}}]",
            line=11,
            key="access.people",
            found="1 with oidc",
            remedy="its groups say who logs in",
        ),
        by_schema=False,
    ),
}


def loaded(text: str, today: date | None = TODAY) -> Platform:
    Path("platform.yaml").write_text(text, encoding="utf-8")
    return load("platform.yaml", today=today)


def refused(text: str, today: date | None = TODAY) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        loaded(text, today)
    return caught.value


def test_there_are_at_least_sixty_wrong_inputs() -> None:
    assert len(WRONG) >= 60


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_wrong_input_is_refused_where_it_stands_with_its_remedy(wrong: Wrong) -> None:
    (problem,) = refused(wrong.text).problems
    assert (problem.file, problem.line, problem.key) == ("platform.yaml", wrong.line, wrong.key)
    assert wrong.found in problem.found
    assert wrong.remedy in problem.remedy
    assert len(str(problem)) < 500


@pytest.mark.parametrize(
    "wrong",
    [wrong for wrong in WRONG.values() if wrong.by_schema],
    ids=[what for what, wrong in WRONG.items() if wrong.by_schema],
)
def test_the_schema_refuses_what_the_model_refuses(wrong: Wrong) -> None:
    Path("platform.yaml").write_text(wrong.text, encoding="utf-8")
    data = yaml_reader.read(Path("platform.yaml")).data
    assert not Draft202012Validator(json_schema.of_platform()).is_valid(data)


def test_a_problem_reads_as_one_line() -> None:
    assert str(refused(BASE.replace(NAME, "name: Demo"))) == (
        'platform.yaml:1: name: found "Demo"; write up to 30 lower-case letters, digits and dashes,'
        " a letter first and no dash last, such as churn-model"
    )


def test_all_errors_come_at_once_in_the_order_of_the_file() -> None:
    text = "nam: demo\nowner: a b\npilot:\n  expires: 2020-01-01\n  monthlyBudget: -1\nsize: tiny\n"
    error = refused(text)
    assert error.exit_code == 2
    assert [(problem.line, problem.key) for problem in error.problems] == [
        (1, "name"),
        (1, "nam"),
        (2, "owner"),
        (4, "pilot.expires"),
        (5, "pilot.monthlyBudget"),
        (6, "size"),
    ]
    assert len(str(error).splitlines()) == 6


def test_contradictions_are_found_beside_other_errors() -> None:
    text = BASE.replace(NAME, "name: Demo") + (
        "storage:\n  versioning: false\n  retentionDays: 3\naccess:\n  exposure: public\n"
    )
    assert [problem.key for problem in refused(text).problems] == [
        "name",
        "storage.retentionDays",
        "access.host",
    ]


def test_a_long_list_of_problems_is_cut() -> None:
    error = refused(BASE + "".join(f"key{number}: 1\n" for number in range(60)))
    assert len(error.problems) == 60
    assert str(error).splitlines()[50:] == ["… and 10 more"]


def test_fifty_problems_are_all_named() -> None:
    error = refused(BASE + "".join(f"key{number}: 1\n" for number in range(50)))
    assert len(str(error).splitlines()) == 50
    assert "more" not in str(error)


def test_a_file_that_is_no_mapping_is_refused() -> None:
    (problem,) = refused("- name\n").problems
    assert problem.found == "a list"


def test_five_lines_are_enough_and_the_rest_has_defaults() -> None:
    assert loaded(BASE).model_dump() == {
        "name": "demo",
        "owner": "ml-team@example.org",
        "pilot": {"expires": date(2027, 12, 31), "monthly_budget": 500.0, "at_expiry": "stop"},
        "size": "small",
        "storage": {"versioning": True, "retention_days": 90},
        "compute": {"parallelism": 0, "gpus": 0},
        "orchestration": {
            "engine": "airflow",
            "log_retention_days": 30,
            "dags": None,
            "objects": None,
            "requirements": None,
        },
        "tracking": {"engine": "mlflow"},
        "access": {"exposure": "private", "host": "", "people": [], "oidc": None},
        "workload": None,
    }


def test_every_key_can_be_given() -> None:
    platform = loaded(
        BASE.replace("500", "1500.5")
        + "size: large\nstorage:\n  versioning: true\n  retentionDays: 7\n"
        "compute:\n  parallelism: 64\n  gpus: 8\n"
        "orchestration:\n  engine: airflow\n  logRetentionDays: 3650\n"
        "tracking:\n  engine: mlflow\naccess:\n  exposure: public\n  host: a.b-c.example.org\n"
        "  people: [{email: a.b+c_d-1@mail.example.org, role: viewer}]\n"
    )
    assert platform.pilot.monthly_budget == 1500.5
    assert (platform.size, platform.storage.retention_days) == ("large", 7)
    assert (platform.compute.parallelism, platform.compute.gpus) == (64, 8)
    assert platform.orchestration.log_retention_days == 3650
    assert (platform.access.exposure, platform.access.host) == ("public", "a.b-c.example.org")
    assert platform.access.roles == {"a.b+c_d-1@mail.example.org": "viewer"}


@pytest.mark.parametrize(
    "issuer",
    [
        "https://id.example.org",
        "https://id.example.org/",
        "https://id.example.org:8443/realms/team",
        "http://localhost:8080",
        "http://127.0.0.1:8080/dex",
    ],
)
def test_a_provider_has_usual_scopes_and_its_roles_are_ranked(issuer: str) -> None:
    provider = loaded(BASE + oidc(issuer)).access.oidc
    assert provider
    assert provider.issuer == issuer
    assert (provider.scopes, provider.groups_claim) == (["openid", "profile", "email"], "groups")
    assert list(provider.roles.by_rank.items()) == [
        ("admin", []),
        ("user", ["team"]),
        ("viewer", []),
    ]


@pytest.mark.parametrize("name", ["a", "a1", "a-b", "a--b", "x" * 30])
def test_dns_labels_are_names(name: str) -> None:
    assert loaded(BASE.replace(NAME, f"name: {name}")).name == name


@pytest.mark.parametrize(
    "owner", ["a", "ml_team", "ML.Team-1", "a.b_c-d@mail.example.org", "a@b", "x" * 63]
)
def test_addresses_and_team_names_are_owners(owner: str) -> None:
    assert loaded(BASE.replace(OWNER, f"owner: {owner}")).owner == owner


@pytest.mark.parametrize("budget", ["0.01", "1e3", "1000000", "1000000.0"])
def test_any_number_of_dollars_up_to_a_million_is_a_budget(budget: str) -> None:
    platform = loaded(BASE.replace(BUDGET, f"monthlyBudget: {budget}"))
    assert platform.pilot.monthly_budget == float(budget)


@pytest.mark.parametrize("day", [TODAY + timedelta(days=1), TODAY + timedelta(days=731)])
def test_a_pilot_ends_between_tomorrow_and_in_two_years(day: date) -> None:
    platform = loaded(BASE.replace(EXPIRES, f"expires: {day}"))
    assert platform.pilot.expires == day


def test_the_expiry_may_be_quoted() -> None:
    platform = loaded(BASE.replace(EXPIRES, 'expires: "2027-12-31"'))
    assert platform.pilot.expires == date(2027, 12, 31)


@pytest.mark.parametrize("day", ["2026-11-23", "2028-11-23"])
def test_the_first_and_the_last_possible_expiry_are_accepted(day: str) -> None:
    assert loaded(BASE.replace(EXPIRES, f"expires: {day}")).pilot.expires == date.fromisoformat(day)


@pytest.mark.parametrize("day", ["2020-01-01", "9999-12-31"])
def test_an_expired_platform_is_read_where_the_day_does_not_matter(day: str) -> None:
    platform = loaded(BASE.replace(EXPIRES, f"expires: {day}"), today=None)
    assert platform.pilot.expires == date.fromisoformat(day)


def test_without_a_day_everything_else_is_still_checked() -> None:
    (problem,) = refused(BASE.replace(BUDGET, "monthlyBudget: 0"), today=None).problems
    assert problem.key == "pilot.monthlyBudget"


def test_a_platform_does_not_change() -> None:
    platform = loaded(BASE)
    with pytest.raises(ValidationError):
        platform.name = "other"  # type: ignore[misc]
    with pytest.raises(ValidationError):
        platform.storage.versioning = False  # type: ignore[misc]


def test_a_loaded_platform_points_into_its_file() -> None:
    platform = loaded(f"{BASE}compute:\n  gpus: 1\n")
    problem = platform.problem("compute.gpus", found="1", remedy="set 0")
    assert str(problem) == "platform.yaml:7: compute.gpus: found 1; set 0"


def test_a_platform_made_in_code_points_to_no_line() -> None:
    pilot = {"expires": date(2027, 12, 31), "monthlyBudget": 5}
    platform = Platform.model_validate({"name": "demo", "owner": "team", "pilot": pilot})
    problem = platform.problem("size", found="small", remedy="set large")
    assert str(problem) == "platform.yaml: size: found small; set large"


def test_the_schema_accepts_every_key() -> None:
    data = json.loads(
        '{"name": "a", "owner": "b", "pilot": {"expires": "2027-12-31", "monthlyBudget": 1},'
        '"compute": {"parallelism": 1}, "storage": {"versioning": false},'
        '"access": {"exposure": "public", "host": "a.example.org",'
        '"people": [{"email": "ann@example.org", "role": "admin"}]}}'
    )
    Draft202012Validator.check_schema(json_schema.of_platform())
    Draft202012Validator(json_schema.of_platform()).validate(data)
