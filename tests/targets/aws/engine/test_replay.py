"""The graph as calls to AWS's services in memory: made, read back, and removed in reverse."""

from pathlib import Path
from typing import Any

import pytest
from testkit.fake_providers.aws import account
from testkit.fake_providers.aws.clients import Refused
from testkit.fake_providers.aws.replay import Replay
from testkit.fake_providers.core.protocol import Failed
from testkit.support.accounts import REGION

from tests.targets.aws.replays import replayed

CASES: list[tuple[str, dict[str, Any]]] = [
    ("minimal", {}),
    ("large", {"compute": {"domain": True}}),
    (
        "minimal",
        {
            "network": {"egress": "endpoints"},
            "tracking": {"server": "tracking-server"},
            "engine": "managed",
            "storage": {"encryption": "s3"},
        },
    ),
]


def drifted(replay: Replay) -> dict[str, Any]:
    """What is not as it was asked for."""
    seen = {f"{made.token} {made.name}": (made, replay.read(made)) for made in replay.made}
    return {
        name: None if now is None else (made.inputs, now.inputs)
        for name, (made, now) in seen.items()
        if now is None or now.inputs != made.inputs
    }


@pytest.mark.parametrize(("example", "settings"), CASES)
def test_a_platform_is_made_as_asked_for_and_removed_without_a_trace(
    example: str, settings: dict[str, Any], tmp_path: Path
) -> None:
    with replayed(tmp_path, example, **settings) as replay:
        assert len(replay.made) > 45
        assert drifted(replay) == {}
        assert len(account.contents(REGION)) > 20
        replay.delete_all()
        assert account.contents(REGION) == []
        keys = [made for made in replay.made if made.token == "aws:kms/key:Key"]
        assert sorted(account.dying_keys(REGION)) == sorted(key.resource_id for key in keys)


IN_USE = {
    "Subnet": "private-a",
    "SecurityGroup": "members",
    "Vpc": "vpc",
    "InternetGateway": "internet",
    "Role": "job-role",
}
"""What others stand on, by its kind; the second public subnet, for one, nothing does."""


def test_what_is_in_use_cannot_go_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with replayed(tmp_path, "minimal") as replay:
        monkeypatch.setattr("testkit.fake_providers.aws.resources.PATIENCE", 0.0)
        for kind, name in IN_USE.items():
            first = next(
                resource
                for resource in replay.made
                if resource.token.endswith(f":{kind}") and resource.name == name
            )
            with pytest.raises(Failed) as refused:
                replay.delete(first)
            assert isinstance(refused.value.__cause__, Refused), kind
            assert refused.value.__cause__.code in {"DependencyViolation", "DeleteConflict"}, kind
