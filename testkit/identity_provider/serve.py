"""Canaille with people, groups and one client in memory, by its own interpreter.

The first line of standard input has all of these as JSON. Each further one has the `groups` of the
person `email` from then on. Every line is answered by one when that is so.
"""

import json
import sys
import threading
from datetime import UTC, datetime
from typing import Any

from canaille import create_app
from canaille.app import models
from canaille.backends import Backend
from werkzeug.serving import make_server


def main() -> None:
    """Serve until standard input ends."""
    given = json.loads(sys.stdin.readline())
    address = f"{given['host']}:{given['port']}"
    app = create_app(
        {
            "SECRET_KEY": given["key"],
            "SERVER_NAME": address,
            "PREFERRED_URL_SCHEME": "http",
            "CANAILLE": {
                "DATABASE": "memory",
                "CAPTCHA_ENABLED": False,
                "ENABLE_PASSWORD_RECOVERY": False,
                "HTMX": False,
                "JAVASCRIPT": False,
                "SMTP": None,
            },
            "CANAILLE_OIDC": {},
        }
    )
    with app.app_context(), Backend.instance.session():
        _fill(given)
    server = make_server(given["host"], given["port"], app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    _answer()
    for line in sys.stdin:
        with app.app_context(), Backend.instance.session():
            _join(**json.loads(line))
        _answer()


def _answer() -> None:
    print("done", flush=True)  # noqa: T201 - the sign that the parent waits for


def _fill(given: Any) -> None:
    save = Backend.instance.save
    for email, person in given["people"].items():
        names = {"user_name": email, "formatted_name": email, "family_name": email}
        save(models.User(**names, emails=[email], password=person["password"]))
        _join(email, person["groups"])
    save(
        models.Client(
            client_id=given["client"],
            client_secret=given["secret"],
            client_id_issued_at=datetime.now(UTC),
            client_name="pilothouse",
            client_uri="http://127.0.0.1",  # a trusted one: nobody is asked for a consent
            redirect_uris=given["redirects"],
            grant_types=["authorization_code"],
            response_types=["code"],
            scope=["openid", "email", "profile", "groups"],
            token_endpoint_auth_method="client_secret_basic",
        )
    )


def _join(email: str, groups: list[str]) -> None:
    """Make the person a member of these groups alone; a group without a member is none."""
    backend = Backend.instance
    user = backend.get(models.User, user_name=email)
    known = {group.display_name: group for group in backend.query(models.Group)}
    for name in sorted({*known, *groups}):
        group = known.get(name) or models.Group(display_name=name, members=[])
        others = [member for member in group.members if member.user_name != email]
        group.members = [*others, user] if name in groups else others
        if group.members:
            backend.save(group)
        else:
            backend.delete(group)


if __name__ == "__main__":
    main()
