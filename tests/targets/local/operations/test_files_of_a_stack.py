"""Home, Secrets and Certificates: what they write, keep and take away."""

import json
import ssl
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from pilothouse.targets.local.processes import files
from pilothouse.targets.local.resources.certificates import PARTS, CertificatesProvider
from pilothouse.targets.local.resources.home import KEEP_DATA_VARIABLE, HomeProvider
from pilothouse.targets.local.resources.secrets import SecretsProvider
from tests.targets.local.crud import create, is_changed, is_gone, refresh, update


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def home_of(folder: Path) -> dict[str, Any]:
    return {"name": "home", "path": str(folder / "deep" / "stack"), "tags": {"owner": "a team"}}


def test_a_home_is_made_with_its_mark(folder: Path) -> None:
    made = create(HomeProvider(), home_of(folder))
    home = Path(made["path"])
    assert made["drift"] == ""
    assert json.loads((home / "pilothouse.json").read_text()) == {"owner": "a team"}
    assert (home / "data").is_dir()
    assert mode(home) & 0o066 == 0


def test_a_home_that_is_there_is_adopted(folder: Path) -> None:
    home = Path(create(HomeProvider(), home_of(folder))["path"])
    (home / "data" / "rows").write_text("kept")
    HomeProvider().create(home_of(folder))
    assert (home / "data" / "rows").read_text() == "kept"


def test_a_home_goes_with_all_that_is_in_it(folder: Path) -> None:
    made = create(HomeProvider(), home_of(folder))
    home = Path(made["path"])
    (home / "services" / "x").mkdir(parents=True)
    (home / "link").symlink_to(folder)
    HomeProvider().delete("home", made)
    HomeProvider().delete("home", made)
    assert not home.exists()
    assert folder.is_dir()
    assert is_gone(HomeProvider(), made)


def test_data_and_secrets_are_kept_if_asked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = create(HomeProvider(), home_of(folder))
    home = Path(made["path"])
    for name in ("data", "secrets", "log", "services", "tls"):
        (home / name).mkdir(exist_ok=True)
        (home / name / "file").write_text(name)
    monkeypatch.setenv(KEEP_DATA_VARIABLE, "1")
    HomeProvider().delete("home", made)
    assert sorted(path.name for path in home.iterdir()) == ["data", "pilothouse.json", "secrets"]
    assert (home / "data" / "file").read_text() == "data"


def test_a_home_elsewhere_is_another_home(folder: Path) -> None:
    made = create(HomeProvider(), home_of(folder))
    moved = {**home_of(folder), "path": str(folder / "other")}
    assert HomeProvider().diff("home", made, moved).replaces == ["path"]
    assert not is_changed(HomeProvider(), made, home_of(folder))


def secrets_of(folder: Path, **more: str) -> dict[str, Any]:
    kinds = {"door": "password", "user": "access-key", "box": "fernet", **more}
    return {"name": "app-secrets", "home": str(folder), "kinds": kinds}


def test_secrets_are_made_once(folder: Path) -> None:
    first = create(SecretsProvider(), secrets_of(folder))
    again = create(SecretsProvider(), secrets_of(folder))
    assert first["values"] == again["values"]
    assert len(set(first["values"].values())) == 3
    assert all(len(value) >= 20 for value in first["values"].values())


def test_secrets_of_two_stacks_differ(folder: Path) -> None:
    one, two = (create(SecretsProvider(), secrets_of(folder / name)) for name in "ab")
    assert set(one["values"].values()).isdisjoint(two["values"].values())


def test_secrets_are_their_owners_only(folder: Path) -> None:
    SecretsProvider().create(secrets_of(folder))
    path = folder / "secrets" / "app-secrets.json"
    assert mode(path) == 0o600
    assert mode(path.parent) == 0o700
    assert [entry.name for entry in path.parent.iterdir()] == ["app-secrets.json"]


def test_a_new_kind_leaves_the_others_alone(folder: Path) -> None:
    olds = create(SecretsProvider(), secrets_of(folder))
    assert is_changed(SecretsProvider(), olds, secrets_of(folder, gate="password"))
    news = update(SecretsProvider(), olds, secrets_of(folder, gate="password"))
    assert news["values"].items() > olds["values"].items()


def test_a_changed_or_removed_file_of_secrets_is_seen(folder: Path) -> None:
    made = create(SecretsProvider(), secrets_of(folder))
    path = folder / "secrets" / "app-secrets.json"
    assert refresh(SecretsProvider(), made)["drift"] == ""
    for text in ('{"door": "mine"}', "no JSON", None):
        path.write_text(text) if text else path.unlink()
        seen = refresh(SecretsProvider(), made)
        assert seen["drift"] == "changed"
        assert is_changed(SecretsProvider(), seen, secrets_of(folder))


KILLED_CREATE = """
import os, signal, sys
from pilothouse.targets.local.resources.secrets import SecretsProvider
kinds = {"door": "password"}
SecretsProvider().ensure({"name": "app-secrets", "home": sys.argv[1], "kinds": kinds})
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_secrets_survive_a_create_that_was_killed_before_it_could_tell(folder: Path) -> None:
    subprocess.run([sys.executable, "-c", KILLED_CREATE, str(folder)], check=False)
    kept = json.loads((folder / "secrets" / "app-secrets.json").read_text())
    assert create(SecretsProvider(), secrets_of(folder))["values"].items() > kept.items()


def certificates_of(folder: Path) -> dict[str, Any]:
    return {"name": "certificates", "folder": str(folder / "tls")}


def test_certificates_are_made_and_only_their_owner_reads_them(folder: Path) -> None:
    CertificatesProvider().create(certificates_of(folder))
    for name in PARTS:
        assert mode(folder / "tls" / name) == 0o600
    context = ssl.create_default_context(cafile=str(folder / "tls" / "ca.pem"))
    context.load_cert_chain(folder / "tls" / "cert.pem", folder / "tls" / "key.pem")


def test_a_certificate_is_the_authoritys_own_for_loopback_and_lasts(folder: Path) -> None:
    CertificatesProvider().create(certificates_of(folder))
    authority, certificate = (
        x509.load_pem_x509_certificate((folder / "tls" / name).read_bytes())
        for name in ("ca.pem", "cert.pem")
    )
    certificate.verify_directly_issued_by(authority)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(address) for address in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1"]
    assert certificate.not_valid_after_utc.timestamp() > time.time() + 5 * 365 * 86400


def test_whole_certificates_stay_and_incomplete_ones_are_made_again_all(folder: Path) -> None:
    made = create(CertificatesProvider(), certificates_of(folder))
    before = {name: (folder / "tls" / name).read_text() for name in PARTS}
    CertificatesProvider().create(certificates_of(folder))
    assert {name: (folder / "tls" / name).read_text() for name in PARTS} == before
    (folder / "tls" / "ca.pem").unlink()
    seen = refresh(CertificatesProvider(), made)
    assert seen["drift"] == "incomplete"
    CertificatesProvider().update("id", seen, certificates_of(folder))
    assert refresh(CertificatesProvider(), made)["drift"] == ""
    assert all((folder / "tls" / name).read_text() != before[name] for name in PARTS)


def test_certificates_go(folder: Path) -> None:
    made = create(CertificatesProvider(), certificates_of(folder))
    CertificatesProvider().delete("id", made)
    CertificatesProvider().delete("id", made)
    assert not (folder / "tls").exists()


def test_a_private_file_replaces_another_whole(folder: Path) -> None:
    path = folder / "new" / "file"
    files.write_private(path, "one")
    inode = path.stat().st_ino
    files.write_private(path, "two")
    assert path.read_text() == "two"
    assert path.stat().st_ino != inode
    assert [entry.name for entry in path.parent.iterdir()] == ["file"]


def test_a_file_that_cannot_be_read_holds_nothing(folder: Path) -> None:
    (folder / "binary").write_bytes(b"\xff\xfe")
    assert not files.holds(folder / "binary", "")
    assert not files.holds(folder / "missing", "")
    assert not files.holds(folder, "")
