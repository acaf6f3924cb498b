"""A target whose cloud is a folder: each thing in it is a file, and an object in a bucket too."""

from pilothouse.naming import LabelRule, NamingRule
from pilothouse.targets.descriptor import Target

TARGET = Target(
    settings="pilothouse_toy.settings:ToySettings",
    foundation="pilothouse_toy.components:ToyFoundation",
    storage="pilothouse_toy.components:ToyStorage",
    compute="pilothouse_toy.components:ToyCompute",
    tracking=dict.fromkeys(("mlflow", "managed"), "pilothouse_toy.components:ToyTracking"),
    orchestration=dict.fromkeys(
        ("airflow", "managed"), "pilothouse_toy.components:ToyOrchestration"
    ),
    operations="pilothouse_toy.operations:ToyOperations",
    clients="pilothouse_toy.clients:ToyClients",
    lacks={
        "gpu": "offers no GPUs",
        "public-access": "serves nothing publicly",
        "people": "knows nobody",
        "dag-requirements": "installs nothing for DAGs",
        "removal": "removes nothing by itself",
    },
    naming=NamingRule(limit=24, separator="", is_global=True),
    labels=LabelRule(lower_case=True),
    install="pip install pilothouse-toy",
)
