"""The constructors of the local target as `program.build` calls them, for mypy."""

from pilothouse.targets.local.components.compute import LocalCompute
from pilothouse.targets.local.components.foundation import LocalFoundation
from pilothouse.targets.local.components.orchestration import LocalOrchestration
from pilothouse.targets.local.components.storage import LocalStorage
from pilothouse.targets.local.components.tracking import LocalTracking
from pilothouse.targets.local.settings.target import LocalSettings
from pilothouse.targets.shared.component import (
    MakeCompute,
    MakeFoundation,
    MakeOrchestration,
    MakeStorage,
    MakeTracking,
)

FOUNDATION: MakeFoundation[LocalSettings, LocalFoundation] = LocalFoundation
STORAGE: MakeStorage[LocalFoundation] = LocalStorage
COMPUTE: MakeCompute[LocalFoundation, LocalStorage] = LocalCompute
Tracking = MakeTracking[LocalFoundation, LocalStorage, LocalCompute]
TRACKING: Tracking = LocalTracking
ORCHESTRATION: MakeOrchestration[LocalFoundation, LocalStorage, LocalCompute, LocalTracking] = (
    LocalOrchestration
)
