"""Bucket: made in the real store, its settings set, what was changed by hand seen and healed."""

import json
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import boto3
import pytest

from pilothouse.errors import PilothouseError
from pilothouse.services import seaweedfs
from pilothouse.targets.local.resources import bucket
from pilothouse.targets.local.resources.bucket import BucketProvider
from tests.targets.local.crud import State, create, is_changed, is_gone, refresh, update
from tests.targets.local.stores import Stores

pytestmark = pytest.mark.live
PROVIDER = BucketProvider()
numbers = count()

MakeBucket = Callable[..., State]


def admin(state: State) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=state["endpoint"],
        region_name="us-east-1",
        aws_access_key_id=state["access_key"],
        aws_secret_access_key=state["secret_key"],
    )


@pytest.fixture
def made(stores: Stores) -> Iterator[MakeBucket]:
    """Make a bucket with these settings; each is removed."""
    states: list[State] = []

    def make(**settings: Any) -> State:
        name = f"trial-{next(numbers)}"
        policy = json.dumps(seaweedfs.bucket_policy("data", name))
        own = {"name": name, "bucket": name, "policy": policy}
        given = {**stores.state["Bucket data-bucket"], **own}
        states.append(
            create(PROVIDER, {**given, "versioning": True, "retention_days": 5.0} | settings)
        )
        return states[-1]

    yield make
    for state in states:
        if not is_gone(PROVIDER, state):
            admin(state).delete_bucket(Bucket=state["bucket"])


def rules(state: State) -> list[dict[str, Any]]:
    found = admin(state).get_bucket_lifecycle_configuration(Bucket=state["bucket"])
    return list(found["Rules"])


def test_the_platforms_buckets_are_as_asked_for(stores: Stores) -> None:
    for role in ("data", "artifacts", "logs"):
        assert stores.drift(f"Bucket {role}-bucket") == ""


def test_versions_go_after_the_retention(made: MakeBucket) -> None:
    state = made()
    status = admin(state).get_bucket_versioning(Bucket=state["bucket"])["Status"]
    assert status == "Enabled"
    (rule,) = rules(state)
    assert rule["NoncurrentVersionExpiration"]["NoncurrentDays"] == 5
    assert "Expiration" not in rule


def test_an_overwritten_object_can_be_read_again(made: MakeBucket) -> None:
    state = made()
    store, name = admin(state), state["bucket"]
    first = store.put_object(Bucket=name, Key="k", Body=b"one")["VersionId"]
    second = store.put_object(Bucket=name, Key="k", Body=b"two")["VersionId"]
    old = store.get_object(Bucket=name, Key="k", VersionId=first)["Body"].read()
    assert (old, first != second) == (b"one", True)
    for version in (first, second):
        store.delete_object(Bucket=name, Key="k", VersionId=version)


def test_objects_go_after_the_retention_where_there_are_no_versions(made: MakeBucket) -> None:
    state = made(versioning=False, retention_days=9.0)
    assert rules(state)[0]["Expiration"]["Days"] == 9
    assert "Status" not in admin(state).get_bucket_versioning(Bucket=state["bucket"])
    assert refresh(PROVIDER, state)["drift"] == ""


def test_without_retention_nothing_goes(made: MakeBucket) -> None:
    state = made(retention_days=0.0)
    assert bucket._rules(admin(state), state["bucket"]) == []
    assert refresh(PROVIDER, state)["drift"] == ""


def test_changed_settings_are_set(made: MakeBucket) -> None:
    state = made()
    assert is_changed(PROVIDER, state, {"versioning": False})
    state = update(PROVIDER, state, {"versioning": False, "retention_days": 0.0})
    assert admin(state).get_bucket_versioning(Bucket=state["bucket"])["Status"] == "Suspended"
    assert bucket._rules(admin(state), state["bucket"]) == []
    state = update(PROVIDER, state, {"versioning": True, "retention_days": 6.0})
    assert rules(state)[0]["NoncurrentVersionExpiration"]["NoncurrentDays"] == 6


def test_a_bucket_that_is_there_is_adopted(made: MakeBucket) -> None:
    state = made()
    admin(state).put_object(Bucket=state["bucket"], Key="k", Body=b"x")
    again = create(PROVIDER, state)
    assert refresh(PROVIDER, again)["drift"] == ""
    versions = admin(state).list_object_versions(Bucket=state["bucket"])["Versions"]
    assert [version["Key"] for version in versions] == ["k"]
    for version in versions:
        admin(state).delete_object(Bucket=state["bucket"], Key="k", VersionId=version["VersionId"])


def suspend(state: State) -> None:
    admin(state).put_bucket_versioning(
        Bucket=state["bucket"], VersioningConfiguration={"Status": "Suspended"}
    )


def forget(state: State) -> None:
    admin(state).delete_bucket_lifecycle(Bucket=state["bucket"])


def open_settings(state: State) -> None:
    admin(state).delete_bucket_policy(Bucket=state["bucket"])


@pytest.mark.parametrize("change", [suspend, forget, open_settings])
def test_what_was_changed_by_hand_is_seen_and_healed(
    made: MakeBucket, change: Callable[[State], None]
) -> None:
    state = made()
    change(state)
    seen = refresh(PROVIDER, state)
    assert seen["drift"] == "settings changed"
    assert is_changed(PROVIDER, seen, {"bucket": seen["bucket"]})
    healed = update(PROVIDER, seen, {})
    assert refresh(PROVIDER, healed)["drift"] == ""


def test_a_removed_bucket_is_seen_and_made_again(made: MakeBucket) -> None:
    state = made()
    admin(state).delete_bucket(Bucket=state["bucket"])
    assert is_gone(PROVIDER, state)
    create(PROVIDER, state)
    assert refresh(PROVIDER, state)["drift"] == ""


def test_another_name_is_another_bucket() -> None:
    state = {"bucket": "one", "drift": ""}
    assert PROVIDER.diff("id", state, {"bucket": "two"}).replaces == ["bucket"]


def test_a_store_that_is_away_is_no_removed_bucket(made: MakeBucket) -> None:
    state = {**made(), "endpoint": "http://127.0.0.1:9"}
    assert refresh(PROVIDER, state)["drift"].startswith("the store does not answer")


def test_a_store_that_refuses_is_an_error_in_the_end(
    made: MakeBucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = made()
    monkeypatch.setattr(bucket, "TIMEOUT", 0.3)
    with pytest.raises(PilothouseError, match=f"cannot create bucket {state['bucket']}"):
        create(PROVIDER, {**state, "secret_key": "a wrong one"})
    assert "403" in refresh(PROVIDER, {**state, "secret_key": "a wrong one"})["drift"]
