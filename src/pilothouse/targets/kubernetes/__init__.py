"""The platform on a Kubernetes cluster: one namespace a stack, every object in the diff."""

from pilothouse.targets.descriptor import Target

_HERE = "pilothouse.targets.kubernetes"

TARGET = Target(
    settings=f"{_HERE}.settings.target:KubernetesSettings",
    foundation=f"{_HERE}.components.foundation:KubernetesFoundation",
    storage=f"{_HERE}.components.storage:KubernetesStorage",
    compute=f"{_HERE}.components.compute:KubernetesCompute",
    tracking={"mlflow": f"{_HERE}.components.tracking:KubernetesTracking"},
    orchestration={"airflow": f"{_HERE}.components.orchestration:KubernetesOrchestration"},
    operations=f"{_HERE}.operations.target:KubernetesOperations",
    costs=f"{_HERE}.operations.costs:model",
    pipeline=f"{_HERE}.operations.pipeline:access",
    clients=f"{_HERE}.clients.target:KubernetesClients",
    renderer=f"{_HERE}.operations.rendering:render",
    images=f"{_HERE}.objects.images:required_images",
    lacks={
        "removal": "removes nothing without the engine, which proves that nothing is left",
        "tracking.managed": "has no tracking service of its own",
        "orchestration.managed": "has no pipelines of its own",
    },
    plugins=("kubernetes",),
    # Plugins before 4.29 do not know the argument of the provider, and read this variable.
    variables={"PULUMI_K8S_ENABLE_PATCH_FORCE": "true"},
    install="pip install 'pilothouse[kubernetes]'",
)
