"""The constructors of the aws target as `program.build` calls them, for mypy."""

from pilothouse.targets.aws.components.compute import AwsCompute
from pilothouse.targets.aws.components.foundation import AwsFoundation
from pilothouse.targets.aws.components.orchestration import (
    MwaaOrchestration,
    PipelinesOrchestration,
)
from pilothouse.targets.aws.components.storage import AwsStorage
from pilothouse.targets.aws.components.tracking import AwsTracking
from pilothouse.targets.aws.settings.target import AwsSettings
from pilothouse.targets.shared.component import (
    MakeCompute,
    MakeFoundation,
    MakeOrchestration,
    MakeStorage,
    MakeTracking,
)

FOUNDATION: MakeFoundation[AwsSettings, AwsFoundation] = AwsFoundation
STORAGE: MakeStorage[AwsFoundation] = AwsStorage
COMPUTE: MakeCompute[AwsFoundation, AwsStorage] = AwsCompute
Tracking = MakeTracking[AwsFoundation, AwsStorage, AwsCompute]
TRACKING: Tracking = AwsTracking
Orchestration = MakeOrchestration[AwsFoundation, AwsStorage, AwsCompute, AwsTracking]
AIRFLOW: Orchestration = MwaaOrchestration
MANAGED: Orchestration = PipelinesOrchestration
