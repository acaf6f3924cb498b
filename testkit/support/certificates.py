"""Certificates of servers by authorities of the tests' own."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

_LIFETIME = timedelta(days=1)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


@dataclass(frozen=True)
class Authority:
    """An authority with a key of its own."""

    name: str
    _key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    @property
    def certificate(self) -> str:
        """Its own certificate, in PEM."""
        return self._signed(self.name, self._key.public_key(), x509.BasicConstraints(True, 0))

    def issue(self, host: str) -> tuple[str, str]:
        """The certificate of the server `host`, and its key, in PEM."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.DNSName(host)])
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return self._signed(host, key.public_key(), names), private.decode()

    def _signed(
        self, subject: str, key: ec.EllipticCurvePublicKey, extension: x509.ExtensionType
    ) -> str:
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder()
            .issuer_name(_named(self.name))
            .subject_name(_named(subject))
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - _LIFETIME)
            .not_valid_after(now + _LIFETIME)
            .add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
            .sign(self._key, hashes.SHA256())
        )
        return certificate.public_bytes(Encoding.PEM).decode()
