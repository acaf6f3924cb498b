"""What every resource of this machine has in common: its errors."""

from __future__ import annotations

import pytest

from pilothouse.errors import PilothouseError
from pilothouse.targets.local.resources.converge import (
    ConvergingProvider,
    Props,
    UnexpectedError,
)
from tests.targets.local.crud import create


class Failing(ConvergingProvider):
    """Ends in an error of the wanted kind."""

    def ensure(self, props: Props) -> Props:
        raise props["error"]

    def observe(self, props: Props) -> str | None:
        raise props["error"]

    def remove(self, props: Props) -> None:
        raise props["error"]


def test_an_error_that_nobody_foresaw_has_its_type_and_place() -> None:
    props = {"name": "x", "error": KeyError("port")}
    place = rf"^KeyError: 'port' \({__file__}:\d+, in \w+\)$"
    with pytest.raises(UnexpectedError, match=place):
        create(Failing(), props)
    with pytest.raises(UnexpectedError, match=place):
        Failing().read("x", props)
    with pytest.raises(UnexpectedError, match=place):
        Failing().delete("x", props)


def test_an_error_for_the_user_stays_as_it_is() -> None:
    with pytest.raises(PilothouseError, match=r"^the port is taken$"):
        create(Failing(), {"name": "x", "error": PilothouseError("the port is taken")})
