"""Quantities as the API server writes them."""

import pytest

from testkit.fake_providers.kubernetes.quantities import canonical, normalized


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("0.01", "10m"), ("1000m", "1"), ("1", "1"), ("1.5", "1500m"), ("0", "0"),
        ("1024Mi", "1Gi"), ("0.5Gi", "512Mi"), ("64Mi", "64Mi"), ("100Mi", "100Mi"),
        ("1000", "1k"), ("2000M", "2G"), ("a lot", "a lot"),
    ],
)  # fmt: skip
def test_an_amount_has_one_way_of_writing(given: str, expected: str) -> None:
    assert canonical(given) == expected


def test_only_quantities_are_touched() -> None:
    given = {"resources": {"limits": {"cpu": "1000m"}}, "env": [{"name": "A", "value": "1000m"}]}
    assert normalized([given]) == [given | {"resources": {"limits": {"cpu": "1"}}}]
    assert normalized({"resources": {"requests": {"storage": "1024Mi"}}}) == {
        "resources": {"requests": {"storage": "1Gi"}}
    }
