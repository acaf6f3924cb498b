"""The constructors of the kubernetes target as `program.build` calls them, for mypy."""

from pilothouse.targets.kubernetes.components.compute import KubernetesCompute
from pilothouse.targets.kubernetes.components.foundation import KubernetesFoundation
from pilothouse.targets.kubernetes.components.orchestration import KubernetesOrchestration
from pilothouse.targets.kubernetes.components.storage import KubernetesStorage
from pilothouse.targets.kubernetes.components.tracking import KubernetesTracking
from pilothouse.targets.kubernetes.settings.target import KubernetesSettings
from pilothouse.targets.shared.component import (
    MakeCompute,
    MakeFoundation,
    MakeOrchestration,
    MakeStorage,
    MakeTracking,
)

FOUNDATION: MakeFoundation[KubernetesSettings, KubernetesFoundation] = KubernetesFoundation
STORAGE: MakeStorage[KubernetesFoundation] = KubernetesStorage
COMPUTE: MakeCompute[KubernetesFoundation, KubernetesStorage] = KubernetesCompute
Tracking = MakeTracking[KubernetesFoundation, KubernetesStorage, KubernetesCompute]
TRACKING: Tracking = KubernetesTracking
Orchestration = MakeOrchestration[
    KubernetesFoundation, KubernetesStorage, KubernetesCompute, KubernetesTracking
]
ORCHESTRATION: Orchestration = KubernetesOrchestration
