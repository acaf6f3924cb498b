"""An API that ends each Job at once, as `jobs.run` and `jobs.run_template` wait for it."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.targets.kubernetes.fake_api import Document, FakeApi, listed


@dataclass
class Jobs(FakeApi):
    """Each job of `namespace` ends with `condition`, and the log of its pod is `log`."""

    namespace: str = ""
    condition: str = "Complete"
    log: str = ""
    made: list[Document] = field(default_factory=list)

    def answer(self, method: str, path: str, body: Document) -> tuple[int, Document | str]:
        pods = f"/api/v1/namespaces/{self.namespace}/pods"
        if path.startswith(f"{pods}?") and "job-name" in path:
            statuses = [{"name": "main", "state": {"terminated": {}}}]
            head = {"name": "job-pod", "namespace": self.namespace}
            return 200, listed({"metadata": head, "status": {"containerStatuses": statuses}})
        if path.startswith(f"{pods}/job-pod/log?"):
            return 200, self.log
        if method == "POST" and path == f"/apis/batch/v1/namespaces/{self.namespace}/jobs":
            self.made.append(body)
            ended = {"type": self.condition, "status": "True", "message": "as told"}
            made = f"{path}/{body['metadata']['name']}"
            self.documents[made] = body | {"status": {"conditions": [ended]}}
            return 201, body
        return super().answer(method, path, body)
