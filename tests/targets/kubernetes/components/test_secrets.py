"""Secrets that the state alone has: they change only when they are asked to."""

from typing import Any

from pilothouse.targets.kubernetes.components.secrets import SecretsProvider

KINDS = {"ann@example.org": "password", "ben@example.org": "password"}
PROVIDER = SecretsProvider()


def create() -> dict[str, Any]:
    made = PROVIDER.create({"kinds": KINDS}).outs
    assert made is not None
    return made


def update(olds: dict[str, Any], **news: Any) -> dict[str, Any]:
    made = PROVIDER.update("id", olds, {"kinds": KINDS, **news}).outs
    assert made is not None
    return made


def is_changed(olds: dict[str, Any], **news: Any) -> bool:
    return bool(PROVIDER.diff("id", olds, {"kinds": KINDS, **news}).changes)


def test_a_rotation_is_done_once_and_lasts() -> None:
    olds, asked = create(), {"ann@example.org": "1"}
    assert is_changed(olds, rotations=asked)
    news = update(olds, rotations=asked)
    assert news["values"]["ann@example.org"] != olds["values"]["ann@example.org"]
    assert news["values"]["ben@example.org"] == olds["values"]["ben@example.org"]
    assert news["revision"] != olds["revision"]
    assert not is_changed(news, rotations=asked)
    assert not is_changed(news)
    assert is_changed(news, rotations={"ann@example.org": "2"})


def test_the_secret_of_who_left_goes_and_the_others_stay() -> None:
    olds = create()
    only = {"ben@example.org": "password"}
    assert is_changed(olds, kinds=only)
    values = update(olds, kinds=only)["values"]
    assert values == {"ben@example.org": olds["values"]["ben@example.org"]}
