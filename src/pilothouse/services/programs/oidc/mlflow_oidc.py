"""MLflow's authorization function where its console logs in by OpenID Connect.

MLflow's basic authentication calls `authenticate` for each request, as `authorization_function` of
its configuration. Clients go on by password; a browser without one is sent to the provider. The
session is a signed cookie with the name of an account, whose rights MLflow looks up each time. The
account is made at the first login and gets the role of the person's groups at each one.
"""

import logging
import secrets
import time
from functools import cache
from html import escape
from http import HTTPStatus
from typing import Any

from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client import OAuth
from flask import Response, current_app, redirect, request, session
from joserfc.errors import JoseError
from mlflow.exceptions import MlflowException
from mlflow.server.auth import authenticate_request_basic_auth, store
from mlflow.utils.workspace_utils import DEFAULT_WORKSPACE_NAME
from oidc_provider import (
    MARK,
    PROVIDER,
    SETTINGS,
    Person,
    Provider,
    Refused,
    no_role,
    own_address,
    registration,
)
from requests import RequestException
from werkzeug.datastructures import Authorization
from werkzeug.wrappers import Response as BaseResponse

LOGIN, CALLBACK, LOGOUT = "/oidc/login", "/oidc/callback", "/oidc/logout"
COOKIE = "mlflow_session"
ADMIN = "admin"
ROLES = {role: f"pilothouse-{role}" for role in ("viewer", "user")}
LOG = logging.getLogger("pilothouse.oidc")


def authenticate() -> Authorization | BaseResponse:
    """Who sends this request, or what the sender gets instead."""
    if request.authorization:
        return _by_password()
    if not _has_own_cookie():
        address = own_address(request.path, request.query_string.decode())
        return redirect(address, HTTPStatus.TEMPORARY_REDIRECT)
    pages = {LOGIN: _login, CALLBACK: _callback, LOGOUT: _logout}
    if page := pages.get(request.path):
        return page()
    if name := _session_name():
        return Authorization("basic", {"username": name, "password": None})
    return _ask()


def _ask() -> Authorization | BaseResponse:
    """What a request without a login gets: a page the provider's, a client the usual prompt."""
    if request.method == "GET" and "text/html" in request.headers.get("Accept", ""):
        return redirect(LOGIN)
    if "Sec-Fetch-Mode" in request.headers:  # a script of the console: no prompt for a password
        return Response("Log in again: reload the page.", HTTPStatus.UNAUTHORIZED)
    return _by_password()


def _by_password() -> Authorization | BaseResponse:
    answer: Authorization | BaseResponse = authenticate_request_basic_auth()
    return answer


def _has_own_cookie() -> bool:
    """Whether this request's session was read from the cookie of this module.

    The first request's is not: Flask reads it before MLflow imports this. The cookie is not Flask's
    own, since Airflow's session has that at another port of the same host.
    """
    if current_app.config["SESSION_COOKIE_NAME"] == COOKIE:
        return True
    current_app.config.update(
        SESSION_COOKIE_NAME=COOKIE,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=SETTINGS["tracking_url"].startswith("https:"),
    )
    return False


@cache
def _provider() -> Provider:
    provider: Provider = OAuth(current_app).register(PROVIDER, **registration())
    return provider


def _login() -> BaseResponse:
    base = SETTINGS["tracking_url"] or request.host_url
    try:
        answer: BaseResponse = _provider().authorize_redirect(base.rstrip("/") + CALLBACK)
    except (OAuthError, RequestException) as error:
        return _page(HTTPStatus.BAD_GATEWAY, f"The provider does not log anybody in: {error}")
    return answer


def _callback() -> BaseResponse:
    try:
        person = _provider().person(_provider().authorize_access_token())
        _converge(person)
    except (OAuthError, JoseError, RequestException, Refused) as error:
        session.clear()
        return _page(HTTPStatus.FORBIDDEN, f"Not logged in: {error}")
    session.clear()
    session["name"] = person.email
    session["until"] = time.time() + SETTINGS["session_seconds"]
    return redirect("/")


def _logout() -> Response:
    session.clear()
    return _page(HTTPStatus.OK, "Logged out.")


def _page(status: HTTPStatus, text: str) -> Response:
    if status != HTTPStatus.OK:
        LOG.warning("%s", text)
    link = f'<p><a href="{LOGIN}">Log in</a></p>'
    return Response(f"<!doctype html><p>{escape(text)}</p>{link}", status, mimetype="text/html")


def _session_name() -> str:
    """The account of the session; "" where it is over or the account is gone."""
    name = str(session.get("name", ""))
    if not name or session["until"] < time.time():
        return ""
    try:
        store.get_user(name)
    except MlflowException:
        return ""
    return name


def _converge(person: Person) -> None:
    """Give the person's account the rights of the role; raises Refused where it gets none."""
    name = person.email
    ids = {role.name: role.id for role in store.list_roles([DEFAULT_WORKSPACE_NAME])}
    if person.role and not store.has_user(name):
        user = store.create_user(name, secrets.token_urlsafe(32))
        store.assign_role_to_user(user.id, ids[MARK])
    user = store.get_user(name) if store.has_user(name) else None
    held = {role.name for role in store.list_user_roles(user.id)} if user else {MARK}
    if MARK not in held:
        raise Refused(f"{name} is an account of MLflow's own, without a login by provider")
    if user:
        _set_rights(user, person.role, held, ids)
    if not person.role:
        raise Refused(no_role(person))


def _set_rights(user: Any, role: str, held: set[str], ids: dict[str, int]) -> None:
    wanted = ROLES.get(role)
    for name in ROLES.values():
        if name == wanted and name not in held:
            store.assign_role_to_user(user.id, ids[name])
        elif name != wanted and name in held:
            store.unassign_role_from_user(user.id, ids[name])
    if user.is_admin != (role == ADMIN):
        store.update_user(user.username, is_admin=role == ADMIN)
