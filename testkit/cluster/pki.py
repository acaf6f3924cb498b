"""The cluster's certificates, and a kubeconfig for each of its components."""

from __future__ import annotations

import base64
import json
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from testkit.cluster.settings import API_ADDRESS, API_PORT, NODE, NODE_ADDRESS

_CLIENT = ExtendedKeyUsageOID.CLIENT_AUTH
_SERVER = ExtendedKeyUsageOID.SERVER_AUTH
_LIFETIME = timedelta(days=365)
_WITH_KUBECONFIG = ("admin", "controller-manager", "scheduler", "kube-proxy", "kubelet")


@dataclass(frozen=True)
class Authority:
    """A certificate that signs others, and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


@dataclass(frozen=True)
class Subject:
    """Whom a certificate is for: Kubernetes reads the user and the group from it."""

    user: str
    group: str = ""
    usages: tuple[x509.ObjectIdentifier, ...] = (_CLIENT,)
    names: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()


_SUBJECTS = {
    "apiserver": Subject(
        "kube-apiserver",
        usages=(_SERVER,),
        names=(
            "localhost",
            "kubernetes",
            "kubernetes.default",
            "kubernetes.default.svc",
            "kubernetes.default.svc.cluster.local",
        ),
        addresses=(API_ADDRESS, NODE_ADDRESS, "127.0.0.1"),
    ),
    "apiserver-kubelet-client": Subject("kube-apiserver-kubelet-client", "system:masters"),
    "admin": Subject("admin", "system:masters"),
    "controller-manager": Subject("system:kube-controller-manager"),
    "scheduler": Subject("system:kube-scheduler"),
    "kube-proxy": Subject("system:kube-proxy"),
    "kubelet": Subject(
        f"system:node:{NODE}", "system:nodes", (_CLIENT, _SERVER), (NODE,), (NODE_ADDRESS,)
    ),
}


def make(folder: Path) -> None:
    """Fill a folder with all of it, unless it is there."""
    if folder.exists():
        return
    unfinished = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700, parents=True)
    _fill(unfinished)
    unfinished.rename(folder)


def _fill(folder: Path) -> None:
    authority = _authority(folder, "ca")
    for name, subject in _SUBJECTS.items():
        _issue(folder, name, subject, authority)
    _issue(
        folder, "front-proxy-client", Subject("front-proxy-client"), _authority(folder, "front-ca")
    )
    _write_key_pair(folder, "service-accounts")
    for name in _WITH_KUBECONFIG:
        (folder / f"{name}.kubeconfig").write_text(_kubeconfig(folder, name))


def _authority(folder: Path, name: str) -> Authority:
    key = _key(folder, name)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
    certificate = (
        _builder(subject, subject, key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    _write(folder / f"{name}.crt", certificate)
    return Authority(certificate, key)


def _issue(folder: Path, name: str, subject: Subject, authority: Authority) -> None:
    key = _key(folder, name)
    issuer = authority.certificate.subject
    builder = (
        _builder(_distinguished(subject), issuer, key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage(subject.usages), critical=False)
    )
    if subject.names:
        builder = builder.add_extension(_alternatives(subject), critical=False)
    _write(folder / f"{name}.crt", builder.sign(authority.key, hashes.SHA256()))


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + _LIFETIME)
    )


def _distinguished(subject: Subject) -> x509.Name:
    group = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, subject.group)] if subject.group else []
    return x509.Name([*group, x509.NameAttribute(NameOID.COMMON_NAME, subject.user)])


def _alternatives(subject: Subject) -> x509.SubjectAlternativeName:
    names = [x509.DNSName(name) for name in subject.names]
    addresses = [x509.IPAddress(ip_address(address)) for address in subject.addresses]
    return x509.SubjectAlternativeName([*names, *addresses])


def _key(folder: Path, name: str) -> ec.EllipticCurvePrivateKey:
    key = ec.generate_private_key(ec.SECP256R1())
    path = folder / f"{name}.key"
    path.touch(mode=0o600)
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return key


def _write_key_pair(folder: Path, name: str) -> None:
    public = _key(folder, name).public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (folder / f"{name}.pub").write_bytes(pem)


def _write(path: Path, certificate: x509.Certificate) -> None:
    path.write_bytes(certificate.public_bytes(Encoding.PEM))


def _kubeconfig(folder: Path, name: str) -> str:
    """A kubeconfig that holds its certificates, in JSON, which is YAML too."""
    cluster = {
        "server": f"https://{NODE_ADDRESS}:{API_PORT}",
        "certificate-authority-data": _encoded(folder / "ca.crt"),
    }
    user = {
        "client-certificate-data": _encoded(folder / f"{name}.crt"),
        "client-key-data": _encoded(folder / f"{name}.key"),
    }
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "test", "cluster": cluster}],
        "users": [{"name": name, "user": user}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": name}}],
        "current-context": "test",
    }
    return json.dumps(content, indent=2)


def _encoded(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()
