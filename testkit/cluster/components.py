"""The programs that make up the node: their configuration files and their command lines."""

from __future__ import annotations

from pathlib import Path
from string import Template

from testkit.cluster.settings import (
    API_PORT,
    CNI_PLUGINS,
    COREDNS,
    DNS_ADDRESS,
    NAME,
    NODE,
    NODE_ADDRESS,
    PACKAGE,
    PAUSE,
    PODS,
    SERVICES,
    Places,
)

SOCKET = "/run/containerd/containerd.sock"  # in the mount namespace, where /run is private
_ETCD = "http://127.0.0.1:2379"
_PEER = "http://127.0.0.1:2380"


def configure(places: Places) -> None:
    """Write the configuration files; CNI's into a folder that holds nothing else."""
    for name in ("containerd.toml", "kubelet.yaml", "kube-proxy.yaml"):
        (places.run / name).write_text(manifest(name, places))
    (places.run / "cni").mkdir(exist_ok=True)
    (places.run / "cni" / "10-test.conflist").write_text(manifest("cni.conflist", places))


def manifest(name: str, places: Places) -> str:
    """A file of `manifests` with its addresses, names and folders filled in."""
    return Template((PACKAGE / "manifests" / name).read_text()).substitute(
        run=places.run,
        socket=SOCKET,
        cni_plugins=CNI_PLUGINS,
        name=NAME,
        node=NODE,
        pods=PODS,
        dns=DNS_ADDRESS,
        pause=PAUSE,
        coredns=COREDNS,
    )


def store(places: Places) -> dict[str, list[str]]:
    """What runs before the API server: its store, and what runs containers."""
    return {
        "etcd": [
            "etcd",
            "--name=test",
            f"--data-dir={places.run}/etcd",
            f"--listen-client-urls={_ETCD}",
            f"--advertise-client-urls={_ETCD}",
            f"--listen-peer-urls={_PEER}",
            f"--initial-advertise-peer-urls={_PEER}",
            f"--initial-cluster=test={_PEER}",
            "--logger=zap",
        ],
        "containerd": ["containerd", "--config", f"{places.run}/containerd.toml"],
    }


def api_server(places: Places) -> dict[str, list[str]]:
    """The API server, which the others need."""
    pki = places.pki
    return {
        "kube-apiserver": [
            *("kube", "kube-apiserver", f"--etcd-servers={_ETCD}"),
            f"--advertise-address={NODE_ADDRESS}",
            "--bind-address=0.0.0.0",
            f"--secure-port={API_PORT}",
            f"--service-cluster-ip-range={SERVICES}",
            "--authorization-mode=Node,RBAC",
            "--enable-admission-plugins=NodeRestriction,PodSecurity",
            "--allow-privileged=true",
            "--profiling=false",
            f"--client-ca-file={pki}/ca.crt",
            f"--tls-cert-file={pki}/apiserver.crt",
            f"--tls-private-key-file={pki}/apiserver.key",
            *_towards_kubelet(pki),
            *_service_accounts(pki),
            *_front_proxy(pki),
        ]
    }


def _towards_kubelet(pki: Path) -> list[str]:
    return [
        f"--kubelet-client-certificate={pki}/apiserver-kubelet-client.crt",
        f"--kubelet-client-key={pki}/apiserver-kubelet-client.key",
        f"--kubelet-certificate-authority={pki}/ca.crt",
        "--kubelet-preferred-address-types=InternalIP",
    ]


def _service_accounts(pki: Path) -> list[str]:
    return [
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={pki}/service-accounts.pub",
        f"--service-account-signing-key-file={pki}/service-accounts.key",
    ]


def _front_proxy(pki: Path) -> list[str]:
    return [
        f"--requestheader-client-ca-file={pki}/front-ca.crt",
        "--requestheader-allowed-names=front-proxy-client",
        "--requestheader-username-headers=X-Remote-User",
        "--requestheader-group-headers=X-Remote-Group",
        "--requestheader-extra-headers-prefix=X-Remote-Extra-",
        f"--proxy-client-cert-file={pki}/front-proxy-client.crt",
        f"--proxy-client-key-file={pki}/front-proxy-client.key",
    ]


def clients(places: Places) -> dict[str, list[str]]:
    """What talks to the API server."""
    pki = places.pki
    return {
        "kube-controller-manager": [
            *("kube", "kube-controller-manager", *_as(pki, "controller-manager")),
            f"--service-account-private-key-file={pki}/service-accounts.key",
            f"--root-ca-file={pki}/ca.crt",
            f"--cluster-signing-cert-file={pki}/ca.crt",
            f"--cluster-signing-key-file={pki}/ca.key",
            "--use-service-account-credentials",
        ],
        "kube-scheduler": ["kube", "kube-scheduler", *_as(pki, "scheduler")],
        "kubelet": [
            *("kube", "kubelet", f"--config={places.run}/kubelet.yaml"),
            f"--kubeconfig={pki}/kubelet.kubeconfig",
            f"--hostname-override={NODE}",
            f"--node-ip={NODE_ADDRESS}",
            f"--root-dir={places.run}/kubelet",
        ],
        "kube-proxy": ["kube", "kube-proxy", f"--config={places.run}/kube-proxy.yaml"],
        "addons": [
            *("addons", f"--kubeconfig={places.kubeconfig}", f"--volumes={places.run}/volumes")
        ],
    }


def _as(pki: Path, name: str) -> list[str]:
    """The options of what is its only instance and shows its figures to nobody."""
    kubeconfig = pki / f"{name}.kubeconfig"
    return [
        f"--kubeconfig={kubeconfig}",
        f"--authentication-kubeconfig={kubeconfig}",
        f"--authorization-kubeconfig={kubeconfig}",
        "--bind-address=127.0.0.1",
        "--leader-elect=false",
    ]
