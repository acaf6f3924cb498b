import copy
import dataclasses
import re
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from pilothouse.config.platform_spec import Platform, load
from pilothouse.errors import InvalidInput, shown
from pilothouse.naming import LabelRule, NamingRule, check_stack
from pilothouse.plan import FEATURES, Plan, make

NONE: dict[str, str] = {}
NO_GPUS = {"gpu": "offers no GPUs"}
NOT_PUBLIC = {"public-access": "serves nothing publicly"}
HOME = Path("/home/team/pilot")
LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?")
PHYSICAL = re.compile(r"[a-z]([a-z0-9]|-(?!-))*[a-z0-9]")


def platform(name: str = "demo", **given: Any) -> Platform:
    pilot = {"expires": date(2027, 12, 31), "monthlyBudget": 5}
    base = {"name": name, "owner": "ml-team@example.org", "pilot": pilot}
    return Platform.model_validate(base | given)


def plan(asked: Platform | None = None, stack: str = "local", **given: Any) -> Plan:
    rest: dict[str, Any] = {
        "project": HOME,
        "target": "here",
        "lacks": NONE,
        "settings": None,
    } | given
    return make(asked or platform(), stack=stack, **rest)


def test_a_plan_says_what_was_asked_and_where() -> None:
    asked, settings = platform(), object()
    made = plan(asked, settings=settings)
    assert (made.platform, made.stack, made.target) == (asked, "local", "here")
    assert made.settings is settings
    assert made.project == HOME
    assert (made.size, made.parallelism) == ("small", 4)


@pytest.mark.parametrize(("size", "tasks"), [("small", 4), ("medium", 16), ("large", 32)])
def test_the_size_decides_how_many_tasks_run_at_once(size: str, tasks: int) -> None:
    made = plan(platform(size=size))
    assert (made.size, made.parallelism) == (size, tasks)


def test_the_platform_may_say_how_many_tasks_run_at_once() -> None:
    assert plan(platform(size="large", compute={"parallelism": 3})).parallelism == 3


def test_a_plan_does_not_change() -> None:
    made = plan()
    with pytest.raises(dataclasses.FrozenInstanceError):
        made.stack = "other"  # type: ignore[misc]


def test_two_plans_of_the_same_are_equal_and_so_is_a_copy() -> None:
    assert plan() == plan()
    assert copy.deepcopy(plan()) == plan()


def test_everything_is_marked_with_platform_stack_owner_and_expiry() -> None:
    assert dict(plan().tags) == {
        "pilothouse-platform": "demo",
        "pilothouse-stack": "local",
        "pilothouse-owner": "ml-team_example.org",
        "pilothouse-expires": "2027-12-31",
    }


STACKS = ["local", "Local", "a_b", "a-b", "a.b", "a--b", "-a", "a-", ".a", "-", "x" * 63, "x" * 64]
STACKS += ["x" * 99 + "y", "x" * 99 + "z", "a" * 56 + "-" * 10]


@pytest.mark.parametrize("stack", STACKS)
def test_every_tag_fits_a_kubernetes_label(stack: str) -> None:
    for name, value in plan(stack=stack).tags.items():
        assert LABEL.fullmatch(name)
        assert LABEL.fullmatch(value)


def test_stacks_are_told_apart_by_their_tag() -> None:
    assert len({plan(stack=stack).tags["pilothouse-stack"] for stack in STACKS}) == len(STACKS)


def test_a_tag_keeps_the_name_of_a_stack_that_fits() -> None:
    assert plan(stack="Prod.EU_1").tags["pilothouse-stack"] == "Prod.EU_1"
    assert plan(stack="x" * 63).tags["pilothouse-stack"] == "x" * 63
    assert plan(stack="-Prod").tags["pilothouse-stack"] == "prod-79a3d3"
    assert plan(stack="-").tags["pilothouse-stack"] == "3973e0"
    assert plan(stack="x" * 55 + "-" * 10).tags["pilothouse-stack"] == "x" * 55 + "-9099e2"
    assert plan(stack="x" * 55 + "-yyyyyyyyy").tags["pilothouse-stack"] == "x" * 55 + "-f15dfe"
    assert plan(stack="x" * 64).tags["pilothouse-stack"] == "x" * 56 + "-7ce100"


def test_a_name_says_platform_stack_and_role_and_ends_with_the_stacks_own_suffix() -> None:
    assert plan().name("postgres") == "demo-local-postgres-8d4bf3"
    assert plan().suffix == "8d4bf3"


def test_a_name_is_the_same_whatever_else_is_asked() -> None:
    other = plan(platform(size="large", owner="b"), target="there", settings=7, project=Path("/"))
    assert other.name("data") == plan().name("data")


def test_a_name_at_the_limit_is_whole_and_one_above_it_is_cut() -> None:
    whole = plan().name("r" * 45)
    assert whole == f"demo-local-{'r' * 45}-8d4bf3"
    assert len(whole) == 63
    cut = plan().name("r" * 46)
    assert cut == f"demo-local-{'r' * 38}-ec9a65-8d4bf3"
    assert len(cut) == 63


def test_a_name_is_not_cut_after_a_dash() -> None:
    assert plan().name("ab-cdefghijk", rule=NamingRule(limit=27)) == "demo-local-ab-c300a7-8d4bf3"


PLATFORMS = ["a", "a-b", "a--b", "b", "a-a", "x" * 30]
ROLES = ["data", "data-1", "b", "b-data", "r" * 40, "r" * 70, "r" * 70 + "s"]


@pytest.mark.parametrize("limit", [24, 32, 40, 63, 64, 255])
def test_names_are_safe_distinct_and_within_the_limit(limit: int) -> None:
    seen = set()
    for name, stack, role in product(PLATFORMS, STACKS, ROLES):
        made = plan(platform(name), stack).name(role, rule=NamingRule(limit=limit))
        assert len(made) <= limit
        assert PHYSICAL.fullmatch(made)
        assert made.startswith("a" if name.startswith("a") else name[0])
        seen.add(made)
    assert len(seen) == len(PLATFORMS) * len(STACKS) * len(ROLES)


def test_names_of_one_stack_share_a_suffix_that_no_other_stack_has() -> None:
    suffixes = set()
    for name, stack in product(PLATFORMS, STACKS):
        made = plan(platform(name), stack)
        names = [made.name(role, rule=NamingRule(limit=24)) for role in ROLES]
        assert all(name.endswith(f"-{made.suffix}") for name in names)
        suffixes.add(made.suffix)
    assert len(suffixes) == len(PLATFORMS) * len(STACKS)


def test_platform_and_stack_do_not_run_into_each_other() -> None:
    assert plan(platform("a-b"), "c").name("r") != plan(platform("a"), "b-c").name("r")
    assert plan(platform("ab"), "c").suffix != plan(platform("a"), "bc").suffix


@pytest.mark.parametrize("role", ["", "Data", "1data", "-data", "data-", "da_ta", "data\n", "ä"])
def test_a_role_that_is_no_lower_case_name_is_a_mistake(role: str) -> None:
    with pytest.raises(ValueError, match=r"no name for role .* in 63 characters"):
        plan().name(role)


def test_a_limit_too_tight_is_a_mistake() -> None:
    assert len(plan().name("postgres", rule=NamingRule(limit=24))) <= 24
    with pytest.raises(ValueError, match="no name for role 'data' in 23 characters"):
        plan().name("data", rule=NamingRule(limit=23))


def test_what_a_target_cannot_do_is_refused_where_it_is_asked(
    tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    text = (
        "name: demo\nowner: team\npilot: {expires: 2027-12-31, monthlyBudget: 5}\n"
        "compute:\n  gpus: 2\naccess:\n  exposure: public\n  host: demo.example.org\n"
    )
    Path("platform.yaml").write_text(text)
    asked = load("platform.yaml", today=None)
    with pytest.raises(InvalidInput) as caught:
        plan(asked, lacks=NO_GPUS | NOT_PUBLIC)
    gpus, exposure = str(caught.value).splitlines()
    assert gpus == (
        "platform.yaml:5: compute.gpus: found 2; target here offers no GPUs: "
        "set 0, or choose a target that does"
    )
    assert exposure == (
        "platform.yaml:7: access.exposure: found public; target here serves nothing publicly: "
        "set private and remove host demo.example.org, or choose a target that does"
    )


PUBLIC = {"exposure": "public", "host": "demo.example.org"}
PEOPLE = [{"email": "ann@example.org", "role": "user"}]
REMOVED = {"expires": date(2027, 12, 31), "monthlyBudget": 5, "atExpiry": "remove"}
OIDC = {"issuer": "https://id.example.org", "clientId": "c", "roles": {"user": ["team"]}}


@pytest.mark.parametrize(
    ("given", "feature", "key"),
    [
        ({"compute": {"gpus": 1}}, "gpu", "compute.gpus"),
        ({"access": PUBLIC}, "public-access", "access.exposure"),
        ({"access": {"people": PEOPLE}}, "people", "access.people"),
        ({"access": {"oidc": OIDC}}, "oidc", "access.oidc"),
        ({"pilot": REMOVED}, "removal", "pilot.atExpiry"),
        ({"orchestration": {"engine": "managed"}}, "orchestration.managed", "orchestration.engine"),
        ({"tracking": {"engine": "managed"}}, "tracking.managed", "tracking.engine"),
        ({}, "orchestration.airflow", "orchestration.engine"),
        ({}, "tracking.mlflow", "tracking.engine"),
    ],
)
def test_what_is_asked_for_is_refused_only_where_it_is_lacking(
    given: Any, feature: str, key: str
) -> None:
    others = {name: "lacks it" for name in FEATURES if name != feature}
    default = {"orchestration.airflow", "tracking.mlflow"}
    others = {name: reason for name, reason in others.items() if name not in default}
    assert plan(platform(**given), lacks=others).platform == platform(**given)
    with pytest.raises(InvalidInput) as caught:
        plan(platform(**given), lacks={feature: "lacks it"})
    assert [problem.key for problem in caught.value.problems] == [key]


def test_the_reason_is_the_targets_and_the_remedy_names_the_default_engine() -> None:
    asked = platform(orchestration={"engine": "managed"})
    with pytest.raises(InvalidInput) as caught:
        plan(asked, lacks={"orchestration.managed": "has no pipelines of its own"})
    assert str(caught.value) == (
        "platform.yaml: orchestration.engine: found managed; target here has no pipelines of its "
        "own: set airflow, or choose a target that does"
    )


def test_a_modest_platform_asks_for_no_feature_but_the_default_engines() -> None:
    lacks = dict.fromkeys(FEATURES, "lacks it")
    with pytest.raises(InvalidInput) as caught:
        plan(lacks=lacks)
    keys = {problem.key for problem in caught.value.problems}
    assert keys == {"orchestration.engine", "tracking.engine"}


def test_a_feature_that_does_not_exist_is_a_mistake() -> None:
    with pytest.raises(ValueError, match=r"target 'here' lacks unknown features: \['gpus'\]"):
        plan(lacks={"gpus": "none", "gpu": "none"})


STORAGE_ACCOUNT = NamingRule(limit=24, separator="", is_global=True)
"""As Azure names storage accounts: 3 to 24 lower-case letters and digits, unique worldwide."""


@pytest.mark.parametrize(("name", "role"), [*product(PLATFORMS, ROLES)])
def test_a_name_without_a_separator_has_letters_and_digits_only(name: str, role: str) -> None:
    made = {stack: plan(platform(name), stack).name(role, rule=STORAGE_ACCOUNT) for stack in STACKS}
    assert all(re.fullmatch("[a-z0-9]{3,24}", text) for text in made.values())
    assert len(set(made.values())) == len(STACKS)


def test_a_globally_unique_name_ends_with_a_longer_digest() -> None:
    own, everywhere = plan().name("data"), plan().name("data", rule=NamingRule(is_global=True))
    assert everywhere.startswith(own)
    assert len(everywhere) == len(own) + 4


def test_the_targets_rule_is_that_of_every_name() -> None:
    assert plan(naming=STORAGE_ACCOUNT).name("data").isalnum()


@pytest.mark.parametrize("stack", STACKS)
def test_labels_in_lower_case_have_no_capital_and_no_dot(stack: str) -> None:
    made = plan(platform(owner="ML.Team@example.org"), stack, labels=LabelRule(lower_case=True))
    for value in made.tags.values():
        assert re.fullmatch("[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?", value)


def test_labels_in_lower_case_tell_stacks_apart() -> None:
    rule = LabelRule(lower_case=True)
    made = {plan(stack=stack, labels=rule).tags["pilothouse-stack"] for stack in STACKS}
    assert len(made) == len(STACKS)
    assert plan(stack="prod-eu_1", labels=rule).tags["pilothouse-stack"] == "prod-eu_1"


@pytest.mark.parametrize("stack", ["", "a/b", "a b", "é", ".", "..", "a" * 101])
def test_a_stack_name_that_pulumi_does_not_take_is_refused(stack: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        plan(stack=stack)
    assert str(caught.value) == (
        f"stack: found {shown(stack)}; use up to 100 letters, digits, dashes, dots and underscores"
    )


@pytest.mark.parametrize("stack", ["a", "A.b_C-1", ".a", "a" * 100])
def test_a_stack_name_that_pulumi_takes_is_accepted(stack: str) -> None:
    check_stack(stack)
