import urllib.request

import httpx
import pytest

from pilothouse.proxies import bypassing

PROXY = "http://127.0.0.1:9"  # a port on which nothing listens


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "127.0.0.1,localhost,::1"),
        ({"NO_PROXY": ".corp, db", "no_proxy": "db,"}, ".corp,db,127.0.0.1,localhost,::1"),
        ({"no_proxy": "localhost"}, "localhost,127.0.0.1,::1"),
        ({"NO_PROXY": " * "}, "*"),
    ],
)
def test_what_the_user_has_there_stays_and_this_machine_is_added(
    given: dict[str, str], expected: str
) -> None:
    assert bypassing(given) == {"NO_PROXY": expected, "no_proxy": expected}


def test_hosts_are_added_once() -> None:
    expected = "127.0.0.1,localhost,::1,mlflow.ns.svc"
    assert bypassing({}, ["127.0.0.1", "mlflow.ns.svc"])["NO_PROXY"] == expected
    assert bypassing(bypassing({}), ["mlflow.ns.svc"])["NO_PROXY"] == expected


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "mlflow.ns.svc"])
def test_clients_ask_the_proxy_for_everything_else_only(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, PROXY)
        monkeypatch.setenv(name.lower(), PROXY)
    for name, value in bypassing({}, ["mlflow.ns.svc"]).items():
        monkeypatch.setenv(name, value)
    assert urllib.request.proxy_bypass(host)
    assert not urllib.request.proxy_bypass("s3.eu-west-1.amazonaws.com")
    with httpx.Client() as client:
        assert client._transport_for_url(httpx.URL(f"http://{host}")) is client._transport
        elsewhere = httpx.URL("https://registry.example.org")
        assert client._transport_for_url(elsewhere) is not client._transport
