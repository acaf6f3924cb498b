"""Logins to both consoles by a real OpenID Connect provider: rights by group, and refusals."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from http import HTTPStatus
from typing import Any

import httpx
import pytest
import yaml
from testkit.identity_provider import IdentityProvider, identity_provider
from testkit.support.people import CREATED, OK, Login
from testkit.support.stacks import Stack
from testkit.support.waiting import eventually

from pilothouse.services.oidc import AIRFLOW_CALLBACK, MLFLOW_CALLBACK

pytestmark = [pytest.mark.live, pytest.mark.timeout(900)]

PEOPLE = {
    "ada@example.org": ["ml-admins", "everyone"],
    "ugo@example.org": ["ml-team"],
    "vera@example.org": ["everyone"],
    "nora@example.org": ["sales"],
    "olaf@example.org": [],
    "rita@example.org": ["ml-team"],
    "hand@example.org": ["everyone"],
}
ROLES = {"admin": ["ml-admins"], "user": ["ml-team"], "viewer": ["everyone"]}
REFUSED = HTTPStatus.FORBIDDEN
DAG = "/api/v2/dags/pilothouse_workload"


@pytest.fixture(scope="module")
def provider(stack: Stack, contract: Any) -> Iterator[IdentityProvider]:
    """A provider that lets both consoles of the stack log people in."""
    airflow, mlflow = contract["orchestration"]["uri"], contract["tracking"]["uri"]
    redirects = [airflow + AIRFLOW_CALLBACK, mlflow + MLFLOW_CALLBACK]
    with identity_provider(PEOPLE, redirects) as running:
        yield running


@pytest.fixture(scope="module")
def connected(
    stack: Stack, provider: IdentityProvider, logins: tuple[Login, Login]
) -> Iterator[Stack]:
    """The stack with this provider, and without it at the end."""
    file = stack.project / "platform.yaml"
    before = file.read_text()
    connect(stack, provider)
    stack.run("up")
    yield stack
    file.write_text(before)
    stack.settings()
    stack.run("up")
    assert not [name for name in accounts(*logins) if name.endswith("@example.org")]


@pytest.fixture(scope="module")
def logins(contract: Any) -> tuple[Login, Login]:
    """The stack's administrators of MLflow and of Airflow, by password."""
    addresses = {name: contract[name]["uri"] for name in ("tracking", "orchestration")}
    tracking, orchestration = (
        Login(**addresses, **contract[name]["login"]) for name in ("tracking", "orchestration")
    )
    return tracking, orchestration


def accounts(tracking: Login, orchestration: Login) -> set[str]:
    """The names of all accounts in both consoles."""
    listed = tracking.mlflow("GET", "2.0/mlflow/users/list").raise_for_status().json()["users"]
    with closing(orchestration.airflow_page()) as page:
        users = page.get("/auth/fab/v1/users").raise_for_status().json()["users"]
    return {user["username"] for user in (*listed, *users)}


def connect(stack: Stack, provider: IdentityProvider) -> None:
    """Write `access.oidc` of the platform, and the client's secret."""
    file = stack.project / "platform.yaml"
    platform = yaml.safe_load(file.read_text())
    oidc = {
        "issuer": provider.issuer,
        "clientId": provider.client,
        "scopes": ["openid", "profile", "email", "groups"],
        "roles": ROLES,
    }
    platform["access"] = {"oidc": oidc}
    file.write_text(yaml.safe_dump(platform))
    (stack.project / "secret").write_text(provider.secret + "\n")
    stack.settings(oidc={"clientSecretFile": "secret"})


@contextmanager
def browsing(base: str) -> Iterator[httpx.Client]:
    """A browser that follows redirects and keeps cookies."""
    with httpx.Client(
        base_url=base,
        timeout=60,
        trust_env=False,
        follow_redirects=True,
        headers={"Accept": "text/html,*/*"},
    ) as browser:
        yield browser


class Consoles:
    """Both consoles in the browser of somebody who has logged in to each, or was refused."""

    def __init__(
        self, provider: IdentityProvider, airflow: httpx.Client, mlflow: httpx.Client, email: str
    ) -> None:
        self._airflow, self._mlflow = airflow, mlflow
        home = {"next": f"{str(airflow.base_url).rstrip('/')}/pools"}
        asked = airflow.get("/api/v2/auth/login", params=home)
        assert "Sign In with" in asked.text, asked.text
        query = asked.url.query.decode()
        there = airflow.get(f"/auth/login/oidc?{query}")
        self.airflow_page = provider.log_in(airflow, there, email)
        self.mlflow_page = provider.log_in(mlflow, mlflow.get("/"), email)

    def airflow(self, method: str, path: str, body: Any = None) -> int:
        """The status of a call of Airflow's API by its console."""
        return self._airflow.request(method, path, json=body).status_code

    def mlflow(self, method: str, path: str, body: Any = None) -> int:
        """The status of a call of MLflow's API by a script of its console."""
        headers = {"Accept": "application/json", "Sec-Fetch-Mode": "cors"}
        call = f"/ajax-api/2.0/mlflow/{path}"
        return self._mlflow.request(method, call, json=body, headers=headers).status_code

    def rights(self) -> dict[str, bool]:
        """What the person may do: see, work, and administer, in both consoles alike."""
        run = {"experiment_id": "0"}
        allowed = {
            "see": (
                self.airflow("GET", DAG),
                self.mlflow("POST", "experiments/search", {"max_results": 1}),
            ),
            "work": (
                self.airflow("PATCH", DAG, {"is_paused": False}),
                self.mlflow("POST", "runs/create", run),
            ),
            "administer": (
                self.airflow("GET", "/auth/fab/v1/users"),
                self.mlflow("PATCH", "users/update-admin", {"username": "none", "is_admin": False}),
            ),
        }
        refused = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
        both = {name: {code not in refused for code in codes} for name, codes in allowed.items()}
        assert all(len(answers) == 1 for answers in both.values()), allowed
        return {name: answers == {True} for name, answers in both.items()}

    def cookies(self) -> dict[str, set[str]]:
        """The attributes of the consoles' cookies, by name."""
        jars = (self._airflow.cookies.jar, self._mlflow.cookies.jar)
        return {
            cookie.name: {
                f"{name}={value}" if (value := cookie.get_nonstandard_attr(name)) else name
                for name in ("HttpOnly", "SameSite")
                if cookie.has_nonstandard_attr(name)
            }
            for jar in jars
            for cookie in jar
            if cookie.domain == "127.0.0.1"
        }

    def leave_mlflow(self) -> None:
        """Log out of MLflow."""
        assert "Logged out" in self._mlflow.get("/oidc/logout").text


@pytest.fixture
def consoles(
    connected: Stack, contract: Any, provider: IdentityProvider
) -> Iterator[Callable[[str], Consoles]]:
    """Logs somebody in to both consoles, each in a browser of its own."""
    with ExitStack() as browsers:

        def open_for(email: str) -> Consoles:
            airflow, mlflow = (
                browsers.enter_context(browsing(contract[name]["uri"]))
                for name in ("orchestration", "tracking")
            )
            return Consoles(provider, airflow, mlflow, email)

        yield open_for


@pytest.mark.parametrize(
    ("email", "rights"),
    [
        ("vera@example.org", {"see": True, "work": False, "administer": False}),
        ("ugo@example.org", {"see": True, "work": True, "administer": False}),
        ("ada@example.org", {"see": True, "work": True, "administer": True}),
    ],
)
def test_the_highest_role_of_a_persons_groups_counts_in_both_consoles(
    consoles: Callable[[str], Consoles], email: str, rights: dict[str, bool]
) -> None:
    assert consoles(email).rights() == rights


@pytest.mark.parametrize("email", ["nora@example.org", "olaf@example.org"])
def test_who_is_in_no_named_group_gets_nothing(
    consoles: Callable[[str], Consoles], logins: tuple[Login, Login], email: str
) -> None:
    refused = consoles(email)
    for page in (refused.airflow_page, refused.mlflow_page):
        assert f"{email} is in none of the groups" in page.text
    assert refused.rights() == {"see": False, "work": False, "administer": False}
    assert email not in accounts(*logins)


def test_rights_follow_the_groups_at_the_next_login(
    consoles: Callable[[str], Consoles], provider: IdentityProvider
) -> None:
    email, unpause = "rita@example.org", ("PATCH", DAG, {"is_paused": False})
    before = consoles(email)
    assert before.rights()["work"]
    provider.set_groups(email, ["everyone"])
    viewer = consoles(email)
    eventually(lambda: viewer.airflow(*unpause) == REFUSED, seconds=60)  # Airflow's cache
    assert viewer.rights() == {"see": True, "work": False, "administer": False}
    provider.set_groups(email, ["sales"])
    assert consoles(email).rights()["see"] is False
    eventually(lambda: before.airflow("GET", DAG) == REFUSED, seconds=60)
    assert before.mlflow("POST", "runs/create", {"experiment_id": "0"}) == REFUSED


def test_an_account_that_somebody_made_by_hand_is_nobodys_by_the_provider(
    consoles: Callable[[str], Consoles], logins: tuple[Login, Login]
) -> None:
    hand = {"username": "hand@example.org", "password": "made by hand 1"}
    tracking, orchestration = logins
    assert tracking.mlflow("POST", "2.0/mlflow/users/create", json=hand).status_code == OK
    names = {"first_name": "Hand", "last_name": "Made", "email": hand["username"]}
    body = {**hand, **names, "roles": [{"name": "Viewer"}]}
    assert orchestration.airflow("POST", "/auth/fab/v1/users", body) in (OK, CREATED)
    try:
        refused = consoles("hand@example.org")
        assert "account of Airflow&#39;s own" in refused.airflow_page.text
        assert "account of MLflow&#x27;s own" in refused.mlflow_page.text
        assert refused.rights()["see"] is False
    finally:
        tracking.mlflow("DELETE", "2.0/mlflow/users/delete", json={"username": hand["username"]})
        orchestration.airflow("DELETE", f"/auth/fab/v1/users/{hand['username']}")


def test_the_platforms_own_logins_go_on_by_password(
    connected: Stack, contract: Any, logins: tuple[Login, Login]
) -> None:
    keys = {
        "MLFLOW_TRACKING_USERNAME": "MLFLOW_TRACKING_PASSWORD",
        "AIRFLOW_USERNAME": "AIRFLOW_PASSWORD",
    }
    secrets = contract["tracking"]["secrets"] | contract["orchestration"]["secrets"]
    addresses = {name: contract[name]["uri"] for name in ("tracking", "orchestration")}
    tracking, orchestration = (
        Login(**addresses, username=secrets[name], password=secrets[password])
        for name, password in keys.items()
    )
    assert tracking.starts_run("0") == OK
    assert orchestration.airflow("GET", DAG) == OK
    assert logins[0].makes_user() == OK
    logins[0].mlflow("DELETE", "2.0/mlflow/users/delete", json={"username": "made"})
    wrong = Login(**addresses, username="ada@example.org", password="")
    assert wrong.is_known() == (False, False)


def test_a_client_without_a_login_is_asked_for_a_password(connected: Stack, contract: Any) -> None:
    search = f"{contract['tracking']['uri']}/api/2.0/mlflow/experiments/search?max_results=1"
    reply = httpx.get(search, trust_env=False)
    assert reply.status_code == HTTPStatus.UNAUTHORIZED
    assert reply.headers["WWW-Authenticate"].startswith("Basic")


@pytest.mark.parametrize(
    ("console", "path"), [("tracking", MLFLOW_CALLBACK), ("orchestration", AIRFLOW_CALLBACK)]
)
def test_a_code_that_this_browser_did_not_ask_for_logs_nobody_in(
    connected: Stack, contract: Any, console: str, path: str
) -> None:
    with browsing(contract[console]["uri"]) as browser:
        page = browser.get(path, params={"code": "of another", "state": "of another"})
        assert "Not logged in" in page.text or "was denied" in page.text, page.text
        assert {"_token", "mlflow_session"}.isdisjoint(browser.cookies)


def test_cookies_are_kept_from_scripts_and_from_other_sites(
    consoles: Callable[[str], Consoles],
) -> None:
    person = consoles("vera@example.org")
    expected = {"HttpOnly", "SameSite=Lax"}
    names = ("session", "_token", "mlflow_session")
    assert person.cookies() == dict.fromkeys(names, expected)


def test_a_logout_ends_the_session(consoles: Callable[[str], Consoles]) -> None:
    person = consoles("vera@example.org")
    person.leave_mlflow()
    call = ("POST", "experiments/search", {"max_results": 1})
    assert person.mlflow(*call) == HTTPStatus.UNAUTHORIZED


def test_a_wrong_secret_is_refused_before_anything_is_changed(connected: Stack) -> None:
    file = connected.project / "secret"
    right = file.read_text()
    file.write_text("wrong")
    try:
        said = connected.run("up", expect=2)
        assert "refuses the client 'pilothouse' with its secret: invalid_client" in said
        assert "check access.oidc.clientId in platform.yaml" in said
        file.write_text("")
        said = connected.run("up", expect=2)
        assert f"oidc.clientSecretFile: found nothing in {file}" in said
    finally:
        file.write_text(right)
    connected.run("preview", "--expect-no-changes")


def test_the_secret_is_in_no_log_and_not_in_the_plain_state(
    connected: Stack, consoles: Callable[[str], Consoles], provider: IdentityProvider
) -> None:
    consoles("vera@example.org")
    logs = [path.read_text(errors="replace") for path in connected.project.rglob("*.log")]
    assert logs
    for text in (*logs, connected.pulumi("stack", "export"), connected.run("status")):
        assert provider.secret not in text
