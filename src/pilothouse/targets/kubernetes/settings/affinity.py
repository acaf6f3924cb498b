"""`affinity` of pods in Kubernetes' own words, with Kubernetes' own rules."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from pilothouse.config.section import Section
from pilothouse.config.validation import refusal
from pilothouse.errors import shown

Weight = Annotated[int, Field(ge=1, le=100)]
Key = Annotated[str, Field(min_length=1)]
Operator = Literal["In", "NotIn", "Exists", "DoesNotExist"]


class _Expression(Section):
    key: Key = Field(description="The label.")
    values: list[str] = Field(default_factory=list, description="What it is compared with.")

    def _check(self, operator: str) -> None:
        counts = {"In": "one or more", "NotIn": "one or more", "Gt": "one", "Lt": "one"}
        wanted = counts.get(operator, "no")
        fits = {"no": not self.values, "one": len(self.values) == 1}.get(wanted, bool(self.values))
        if not fits:
            remedy = f"operator {operator} takes {wanted} values"
            raise refusal(key="values", found=f"{len(self.values)} values", remedy=remedy)


class LabelExpression(_Expression):
    """A condition on the labels of pods or namespaces."""

    operator: Operator = Field(description="How the label is compared.")

    @model_validator(mode="after")
    def _takes_its_values(self) -> Self:
        self._check(self.operator)
        return self


class NodeExpression(_Expression):
    """A condition on the labels or fields of nodes."""

    operator: Literal["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"] = Field(
        description="How the label is compared; Gt and Lt with one whole number."
    )

    @model_validator(mode="after")
    def _takes_its_values(self) -> Self:
        self._check(self.operator)
        wrong = [value for value in self.values if not value.lstrip("-").isdigit()]
        if self.operator in ("Gt", "Lt") and wrong:
            remedy = f"operator {self.operator} takes a whole number"
            raise refusal(key="values", found=shown(wrong[0]), remedy=remedy)
        return self


class NodeTerm(Section):
    """Conditions that a node meets, all of them."""

    match_expressions: list[NodeExpression] = Field(default_factory=list, description="On labels.")
    match_fields: list[NodeExpression] = Field(default_factory=list, description="On fields.")


class NodeTerms(Section):
    """Terms of which a node meets one."""

    node_selector_terms: list[NodeTerm] = Field(min_length=1, description="The terms.")


class PreferredNodes(Section):
    """Nodes that are taken if they can be had."""

    weight: Weight = Field(description="From 1 to 100.")
    preference: NodeTerm = Field(description="The nodes.")


class NodeAffinity(Section):
    """Which nodes pods are put on."""

    required_during_scheduling_ignored_during_execution: NodeTerms | None = Field(
        default=None, description="The nodes that will do."
    )
    preferred_during_scheduling_ignored_during_execution: list[PreferredNodes] = Field(
        default_factory=list, description="The nodes that are better."
    )


class LabelSelector(Section):
    """Pods or namespaces by their labels."""

    match_labels: dict[str, str] = Field(default_factory=dict, description="Labels that they have.")
    match_expressions: list[LabelExpression] = Field(
        default_factory=list, description="Conditions that they meet, all of them."
    )


class PodTerm(Section):
    """Nodes by the pods that run there already."""

    topology_key: Key = Field(description="The label of nodes that says what is one place.")
    label_selector: LabelSelector | None = Field(default=None, description="The pods.")
    namespaces: list[str] = Field(default_factory=list, description="Where those pods are.")
    namespace_selector: LabelSelector | None = Field(
        default=None, description="Where those pods are, by labels."
    )


class PreferredPods(Section):
    """Places that are taken or avoided if that can be had."""

    weight: Weight = Field(description="From 1 to 100.")
    pod_affinity_term: PodTerm = Field(description="The places.")


class PodAffinity(Section):
    """Which pods a pod is put beside, or away from."""

    required_during_scheduling_ignored_during_execution: list[PodTerm] = Field(
        default_factory=list, description="What has to be."
    )
    preferred_during_scheduling_ignored_during_execution: list[PreferredPods] = Field(
        default_factory=list, description="What is better."
    )


class Affinity(Section):
    """Where pods are put, by nodes and by other pods."""

    node_affinity: NodeAffinity | None = Field(default=None, description="By nodes.")
    pod_affinity: PodAffinity | None = Field(default=None, description="Beside these pods.")
    pod_anti_affinity: PodAffinity | None = Field(default=None, description="Away from these pods.")
