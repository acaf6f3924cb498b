"""A schedule in cron's words is put into EventBridge's, and means the same times."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from croniter import croniter

from pilothouse.targets.aws.settings import schedule

TABLE = {
    "0 6 * * *": "cron(0 6 * * ? *)",
    "* * * * *": "cron(* * * * ? *)",
    "*/15 * * * *": "cron(0,15,30,45 * * * ? *)",
    "5/20 * ? * ?": "cron(5,25,45 * * * ? *)",
    "30 8-17/3 * * *": "cron(30 8,11,14,17 * * ? *)",
    "0 8-17 * * *": "cron(0 8-17 * * ? *)",
    "0 22-2 * * *": "cron(0 0-2,22,23 * * ? *)",
    "0 0 1,15 * *": "cron(0 0 1,15 * ? *)",
    "0 0 1-31 * *": "cron(0 0 * * ? *)",
    "0 0 2-31 * *": "cron(0 0 2-31 * ? *)",
    "0 0 31 jan,MAR-may *": "cron(0 0 31 1,3-5 ? *)",
    "0 6 * * 0": "cron(0 6 ? * SUN *)",
    "0 6 * * 7": "cron(0 6 ? * SUN *)",
    "0 6 * * 1-5": "cron(0 6 ? * MON-FRI *)",
    "0 6 * * mon,Wed": "cron(0 6 ? * MON,WED *)",
    "0 6 * * 5-7": "cron(0 6 ? * SUN,FRI,SAT *)",
    "0 6 * * fri-mon": "cron(0 6 ? * SUN,MON,FRI,SAT *)",
    "0 6 * * */2": "cron(0 6 ? * SUN,TUE,THU,SAT *)",
    "0 6 * 6 0-6": "cron(0 6 * 6 ? *)",
}
NAMES = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
TIMES = 400


@pytest.mark.parametrize("cron", TABLE)
def test_a_schedule_has_eventbridges_six_fields(cron: str) -> None:
    assert schedule.find_obstacle(cron) is None
    assert schedule.to_eventbridge(cron) == TABLE[cron]


@pytest.mark.parametrize("cron", TABLE)
def test_both_mean_the_same_times(cron: str) -> None:
    begin = datetime(2027, 11, 23, tzinfo=UTC)
    wanted = croniter(cron, begin - timedelta(minutes=1))
    times = due(schedule.to_eventbridge(cron), begin)
    for _ in range(TIMES):
        assert next(times) == wanted.get_next(datetime)


def due(expression: str, begin: datetime) -> Iterator[datetime]:
    """The times from `begin` on that an expression of EventBridge's names, by its own rules."""
    minutes, hours, days, months, weekdays, year = expression.removeprefix("cron(")[:-1].split()
    assert [days, weekdays].count("?") == 1
    assert year == "*"
    day = begin
    while True:
        weekday = NAMES[day.isoweekday() % 7]
        is_due = has(weekdays, weekday) if days == "?" else has(days, day.day)
        if is_due and has(months, day.month):
            for hour in [hour for hour in range(24) if has(hours, hour)]:
                for minute in [minute for minute in range(60) if has(minutes, minute)]:
                    yield day.replace(hour=hour, minute=minute)
        day += timedelta(days=1)


def has(field: str, value: int | str) -> bool:
    """Whether a field lists the value, or has it in a range."""
    every = NAMES if value in NAMES else [str(number) for number in range(60)]
    place = every.index(str(value))
    ranges = [part.partition("-") for part in field.split(",")]
    return field == "*" or any(
        every.index(first) <= place <= every.index(last or first) for first, _, last in ranges
    )


def test_the_longest_expression_is_one_that_eventbridge_takes() -> None:
    gaps = ",".join(str(minute) for minute in range(60) if minute % 3)
    hours = ",".join(str(hour) for hour in range(24) if hour % 3)
    days = ",".join(str(day) for day in range(1, 32) if day % 3)
    assert len(schedule.to_eventbridge(f"{gaps} {hours} {days} 1,2,4,5,7,8,10,11 *")) <= 256


@pytest.mark.parametrize(
    ("cron", "found"),
    [
        ("0 6 1 * 1", "days of the month and days of the week"),
        ("0 6 */2 * mon", "days of the month and days of the week"),
        ("0 6 l * *", "l, which"),
        ("0 6 15w * *", "15w, which"),
        ("0 6 * * 5#2", "5#2, which"),
        ("0 6 * * L5", "L5, which"),
        ("r r * * *", "r, which"),
        ("0 6 * * *,1", "*,1, which"),
    ],
)
def test_what_eventbridge_cannot_keep_is_told(cron: str, found: str) -> None:
    assert croniter.is_valid(cron)
    obstacle = schedule.find_obstacle(cron)
    assert obstacle is not None
    assert found in obstacle.found
    with pytest.raises(ValueError, match="which"):
        schedule.to_eventbridge(cron)
