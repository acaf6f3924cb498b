"""The configuration of Airflow's FAB auth manager whose console logs in by OpenID Connect.

Airflow's API server executes it as `[fab] config_file`. An account is made at the first login and
gets the role of the person's groups at each one. `/auth/token` goes on by password, for clients.
"""

from typing import Any

from airflow.providers.fab.auth_manager.security_manager.override import (
    FabAirflowSecurityManagerOverride,
)
from flask import flash
from flask_appbuilder.const import AUTH_OAUTH
from oidc_provider import MARK, PROVIDER, Refused, no_role, registration

ROLES = {"viewer": "Viewer", "user": "Op", "admin": "Admin"}


class SecurityManager(FabAirflowSecurityManagerOverride):  # type: ignore[misc]
    """FAB's users, of whom only those with the mark log in by the provider."""

    def get_oauth_user_info(self, provider: str, resp: dict[str, Any]) -> dict[str, Any]:
        """What FAB knows of who has logged in at the provider; Refused is also shown."""
        try:
            person = self.oauth_remotes[provider].person(resp)
        except Refused as error:
            flash(str(error), "danger")
            raise
        if not person.role:
            flash(no_role(person), "danger")
        return {
            "username": person.email,
            "email": person.email,
            "first_name": person.name,
            "last_name": "",
            "role_keys": [person.role] if person.role else [],
        }

    def auth_user_oauth(self, userinfo: dict[str, Any], rotate_session_id: bool = True) -> Any:
        """The account with the role of today's groups; None, without any right, if it has none."""
        name = userinfo["username"]
        user = self.find_user(username=name) or self.find_user(email=name)
        if user and MARK not in {role.name for role in user.roles}:
            flash(f"{name} is an account of Airflow's own, without a login by provider", "danger")
            return None
        if userinfo["role_keys"]:
            return super().auth_user_oauth(userinfo, rotate_session_id)
        if user:
            user.roles = [self.find_role(MARK)]
            self.update_user(user)
            self.reset_user_sessions(user)
        return None


SECURITY_MANAGER_CLASS = SecurityManager
AUTH_TYPE = AUTH_OAUTH
AUTH_USER_REGISTRATION = True
AUTH_USER_REGISTRATION_ROLE = MARK
AUTH_ROLES_MAPPING = {role: [name] for role, name in ROLES.items()}
AUTH_ROLES_SYNC_AT_LOGIN = True
OAUTH_PROVIDERS = [
    {
        "name": PROVIDER,
        "icon": "fa-sign-in",
        "token_key": "access_token",
        "remote_app": registration(),
    }
]
