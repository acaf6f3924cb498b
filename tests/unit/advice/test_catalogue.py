"""The catalogue: every row is about something, and says where it is from."""

from datetime import UTC, date, datetime
from urllib.parse import urlsplit

import pytest

from pilothouse import targets
from pilothouse.advice import catalogue
from pilothouse.advice.catalogue import OPEN_SOURCE

KNOWN = catalogue.load()
WANTED = {
    *("sagemaker", "vertex-ai", "azure-ml", "databricks", "mlrun", "mlflow", "airflow", "prefect"),
    *("metaflow", "wandb", "neptune", "kubernetes", "s3", "gcs"),
}


def test_it_has_the_systems_that_teams_choose_from() -> None:
    assert KNOWN.systems.keys() >= WANTED


@pytest.mark.parametrize("name", KNOWN.systems)
def test_a_system_has_known_capabilities_a_source_and_a_day(name: str) -> None:
    system = KNOWN.systems[name]
    assert set(system.offers) <= KNOWN.capabilities - {OPEN_SOURCE}
    assert urlsplit(system.source).scheme == "https"
    assert date(2026, 1, 1) <= system.date <= datetime.now(UTC).date()


@pytest.mark.parametrize("name", KNOWN.options)
def test_an_option_consists_of_systems_that_are_there(name: str) -> None:
    option = KNOWN.options[name]
    assert option.systems
    assert not any(KNOWN.systems[system].ended for system in option.systems)
    assert option.regions.keys() == KNOWN.regions
    assert option.target is None or option.target in targets.registered()


def test_every_target_is_an_option() -> None:
    assert {each.target for each in KNOWN.options.values()} >= set(targets.BUILT_IN)


def test_every_capability_is_offered_by_something() -> None:
    offered = {name for system in KNOWN.systems.values() for name in system.offers}
    assert offered == KNOWN.capabilities - {OPEN_SOURCE}


def test_an_option_is_open_source_if_all_of_it_is() -> None:
    assert KNOWN.offering(KNOWN.options["kubernetes"], OPEN_SOURCE)
    assert not KNOWN.offering(KNOWN.options["aws-managed"], OPEN_SOURCE)
