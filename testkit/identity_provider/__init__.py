"""A real OpenID Connect provider on this machine, Canaille, with people in groups."""

from __future__ import annotations

import json
import re
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from secrets import token_urlsafe

import httpx

from testkit.support import environments

HERE = Path(__file__).parent
HOST = "localhost"  # no cookie goes to a console at 127.0.0.1
INPUT = re.compile(r"<input\b[^>]*>")
ATTRIBUTE = re.compile(r'([a-z]+)="([^"]*)"')


@dataclass
class IdentityProvider:
    """A provider; the passwords are by e-mail address."""

    port: int
    process: subprocess.Popen[str]
    client: str = "pilothouse"
    secret: str = field(default_factory=token_urlsafe)
    passwords: dict[str, str] = field(default_factory=dict)

    @property
    def issuer(self) -> str:
        """The issuer, which is the provider's URL."""
        return f"http://{HOST}:{self.port}"

    def tell(self, line: object) -> None:
        """Send the process a line, and wait until it has done that."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(line) + "\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "done\n"

    def set_groups(self, email: str, groups: Sequence[str]) -> None:
        """Put a person into these groups, and out of all others."""
        self.tell({"email": email, "groups": list(groups)})

    def log_in(self, browser: httpx.Client, page: httpx.Response, email: str) -> httpx.Response:
        """Fill in the provider's forms, from `page` on; the first page elsewhere."""
        answers = {"login": email, "password": self.passwords[email]}
        while str(page.url).startswith(self.issuer):
            fields = [dict(ATTRIBUTE.findall(each)) for each in INPUT.findall(page.text)]
            values = {
                each["name"]: answers.get(each["name"], unescape(each.get("value", "")))
                for each in fields
                if "name" in each
            }
            assert answers.keys() & values.keys(), page.text
            page = browser.post(page.url, data=values)
        return page


@contextmanager
def identity_provider(
    people: Mapping[str, Sequence[str]], redirects: Sequence[str]
) -> Iterator[IdentityProvider]:
    """A provider that knows people by their e-mail addresses, each in groups; gone at the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    lock = HERE / "locks" / "canaille.txt"
    python = environments.installed("canaille", lock) / "bin" / "python"
    with subprocess.Popen(
        [python, str(HERE / "serve.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        made = IdentityProvider(port, process, passwords={each: token_urlsafe() for each in people})
        try:
            made.tell(_configuration(made, people, redirects))
            yield made
        finally:
            process.kill()


def _configuration(
    provider: IdentityProvider, people: Mapping[str, Sequence[str]], redirects: Sequence[str]
) -> object:
    return {
        "host": HOST,
        "port": provider.port,
        "key": token_urlsafe(),
        "client": provider.client,
        "secret": provider.secret,
        "redirects": list(redirects),
        "people": {
            email: {"password": provider.passwords[email], "groups": list(groups)}
            for email, groups in people.items()
        },
    }
