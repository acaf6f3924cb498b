"""The consoles as people meet them: through a forwarded port, logged in as a browser does."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from pilothouse.targets.kubernetes.clients import port_forward

CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@contextmanager
def forwarded(url: str) -> Iterator[int]:
    """Another port of 127.0.0.1 in front of `url`, forwarded as `open` and `ssh -L` do."""
    there = urlsplit(url)

    def dial(*_: object) -> socket.socket:
        return socket.create_connection((there.hostname, there.port))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(port_forward, "_dial", dial)
        nowhere: Any = None
        with port_forward.forward_port(nowhere, "", "", 0) as port:
            yield port


@contextmanager
def airflow_session(base: str, login: dict[str, str]) -> Iterator[httpx.Client]:
    """Airflow's console at `base` after a login; AssertionError where a redirect leaves it.

    The login is the one that the console's own pages lead to, by its form.
    """
    with httpx.Client(base_url=base, timeout=60, trust_env=False, follow_redirects=True) as browser:
        form = browser.get("/api/v2/auth/login", params={"next": f"{base}/pools"})
        stays_at(base, form)
        token = CSRF.search(form.text)
        assert token, form.text
        home = browser.post(form.url, data={**login, "csrf_token": token[1]})
        stays_at(base, home)
        assert home.url.path == "/pools"
        yield browser
        stays_at(base, browser.get("/api/v2/auth/logout"))
        assert browser.get("/api/v2/pools").status_code == httpx.codes.UNAUTHORIZED


def stays_at(base: str, reply: httpx.Response) -> None:
    """Every redirect and the last page are below `base`, and there is such a page."""
    visited = [str(each.url) for each in (*reply.history, reply)]
    assert all(url.startswith(f"{base}/") for url in visited), visited
    assert reply.is_success, (reply.status_code, visited)
