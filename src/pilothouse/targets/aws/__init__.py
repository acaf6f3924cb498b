"""The platform on AWS, from managed services."""

from pilothouse.targets.descriptor import Target

_HERE = "pilothouse.targets.aws"
_TRACKING = f"{_HERE}.components.tracking:AwsTracking"  # SageMaker's own tracking is an MLflow

TARGET = Target(
    settings=f"{_HERE}.settings.target:AwsSettings",
    files=f"{_HERE}.settings.team_files:read",
    foundation=f"{_HERE}.components.foundation:AwsFoundation",
    storage=f"{_HERE}.components.storage:AwsStorage",
    compute=f"{_HERE}.components.compute:AwsCompute",
    tracking={"mlflow": _TRACKING, "managed": _TRACKING},
    orchestration={
        "airflow": f"{_HERE}.components.orchestration:MwaaOrchestration",
        "managed": f"{_HERE}.components.orchestration:PipelinesOrchestration",
    },
    operations=f"{_HERE}.operations.target:AwsOperations",
    costs=f"{_HERE}.operations.costs:model",
    pipeline=f"{_HERE}.operations.pipeline:access",
    clients=f"{_HERE}.clients.target:AwsClients",
    permissions=f"{_HERE}.operations.deployer_policy:documents",
    lacks={
        "public-access": "serves nothing publicly",
        "removal": "removes nothing without the engine, which proves that nothing is left",
        "people": "makes no accounts for people, since its own identities decide who may do what "
        "(by IAM, permit sagemaker-mlflow:*, or sagemaker:CallMlflowAppApi on an App, and "
        "airflow:CreateWebLoginToken on the environment's role Viewer, Op or Admin)",
        "oidc": "logs people in by identities of its own (connect the provider to IAM Identity "
        "Center, whose permission sets permit what docs/consoles.md lists)",
    },
    plugins=("aws",),
    install="pip install 'pilothouse[aws]'",
    example_settings="""\
# Where everything is made, and the only account in which it is made.
region: eu-west-1
accountId: "123456789012"
""",
)
