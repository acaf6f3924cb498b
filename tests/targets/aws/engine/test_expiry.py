"""The end of a pilot, on a clock that is moved: what is written happens, and an `up` heals it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from tests.targets.aws.engine.test_pause import hourly, server
from tests.targets.aws.moved_clock import MovedClock, due
from tests.targets.aws.stage import Stage, stage

pytestmark = [pytest.mark.engine, pytest.mark.timeout(900)]


def write(made: Stage, **pilot: object) -> None:
    """Change the section `pilot` of platform.yaml."""
    file = made.stack.project / "platform.yaml"
    platform = yaml.safe_load(file.read_text())
    platform["pilot"] |= pilot
    file.write_text(yaml.safe_dump(platform))


def last_day(made: Stage) -> date:
    platform = yaml.safe_load((made.stack.project / "platform.yaml").read_text())
    return date.fromisoformat(str(platform["pilot"]["expires"]))


def test_a_stack_whose_end_is_not_written_goes_on_and_says_what_to_write(tmp_path: Path) -> None:
    with stage(tmp_path) as made:
        made.up()
        said = made.stack.run("preview").replace("\n", " ")
        assert "nothing ends by itself" in said
        assert "write `atExpiry: stop` under `pilot` in platform.yaml" in said
        assert due(made.cloud) == []
        made.down()
        assert made.stack.traces() == []


def test_what_bills_stops_after_the_last_day_and_an_up_brings_it_back(tmp_path: Path) -> None:
    with stage(tmp_path) as made:
        made.configure(tracking={"server": "tracking-server"})
        write(made, atExpiry="stop")
        made.up()
        said = made.stack.run("preview").replace("\n", " ")
        assert "UTC: stop (managed Airflow is deleted with its history" in said
        midnight = datetime.combine(last_day(made), datetime.min.time()) + timedelta(days=1)
        clock = MovedClock(made.cloud)

        assert clock.move(midnight) == []
        assert len(hourly(made)) == 3
        assert set(clock.move(midnight + timedelta(minutes=30))) == {
            "airflow:DeleteEnvironment",
            "sagemaker:StopMlflowTrackingServer",
        }
        assert clock.move(midnight + timedelta(hours=2)) == [
            "ec2:DeleteNatGateway",
            "ec2:ReleaseAddress",
        ]
        assert hourly(made) == []
        assert server(made) == "Stopped"
        said = made.stack.run("status", expect=1).replace("\n", " ")
        assert "not running: airflow, mlflow, network" in said

        write(made, expires=last_day(made) + timedelta(days=7))
        changes = made.up()
        assert changes["create"] >= 3
        assert len(hourly(made)) == 3
        assert server(made) == "Started"
        assert {each.at.date() for each in due(made.cloud)} == {last_day(made) + timedelta(days=1)}
        assert set(made.up()) == {"same"}
        MovedClock(made.cloud).move(midnight + timedelta(days=30))
        made.down()
        assert made.stack.traces() == []
