"""The settings of a local stack: what is refused."""

from typing import Any

import pydantic
import pytest

from pilothouse.targets.local.settings.target import BLOCK, LocalSettings


@pytest.mark.parametrize(
    "wrong",
    [
        {"basePort": 1023},
        {"basePort": 65536 - BLOCK},
        {"basePort": "21000"},
        {"basePort": 21000.5},
        {"basePort": True},
        {"home": ""},
        {"home": 7},
        {"environments": ""},
        {"postgresUser": ""},
        {"postgres_user": "nobody"},
        {"port": 21000},
    ],
    ids=str,
)
def test_wrong_settings_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(pydantic.ValidationError):
        LocalSettings.model_validate(wrong)


def test_the_last_block_fits() -> None:
    assert LocalSettings.model_validate({"basePort": 65535 - BLOCK}).base_port == 65535 - BLOCK
