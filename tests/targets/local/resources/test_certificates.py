"""Certificates: private files that belong together, for loopback."""

import ssl
import time
from pathlib import Path
from typing import Any

from cryptography import x509

from pilothouse.targets.local.resources.certificates import PARTS, CertificatesProvider
from tests.targets.local.crud import create, refresh
from tests.targets.local.machine import mode_of


def certificates_of(folder: Path) -> dict[str, Any]:
    return {"name": "certificates", "folder": str(folder / "tls")}


def test_certificates_are_made_and_only_their_owner_reads_them(folder: Path) -> None:
    CertificatesProvider().create(certificates_of(folder))
    for name in PARTS:
        assert mode_of(folder / "tls" / name) == 0o600
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
