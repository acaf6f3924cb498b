"""The `affinity` of pods, with the fields and the rules of core/v1 Affinity."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from pilothouse.config.section import Section
from pilothouse.config.validation import refusal
from pilothouse.errors import shown

Weight = Annotated[int, Field(ge=1, le=100)]
Key = Annotated[str, Field(min_length=1)]
Operator = Literal["In", "NotIn", "Exists", "DoesNotExist"]


class _Expression(Section):
    key: Key = Field(description="The key of the label.")
    values: list[str] = Field(
        default_factory=list, description="The values that it is compared with."
    )

    def _check_count(self, operator: str) -> None:
        counts = {"In": "one or more", "NotIn": "one or more", "Gt": "one", "Lt": "one"}
        count = counts.get(operator, "no")
        fits = {"no": not self.values, "one": len(self.values) == 1}.get(count, bool(self.values))
        if not fits:
            remedy = f"operator {operator} takes {count} values"
            raise refusal(key="values", found=f"{len(self.values)} values", remedy=remedy)


class LabelExpression(_Expression):
    """A condition on the labels of pods or namespaces."""

    operator: Operator = Field(description="The comparison of the label.")

    @model_validator(mode="after")
    def _check_values(self) -> Self:
        self._check_count(self.operator)
        return self


class NodeExpression(_Expression):
    """A condition on the labels or fields of nodes."""

    operator: Literal["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"] = Field(
        description="The comparison of the label or field. Gt and Lt take one whole number."
    )

    @model_validator(mode="after")
    def _check_values(self) -> Self:
        self._check_count(self.operator)
        wrong = [value for value in self.values if not value.lstrip("-").isdigit()]
        if self.operator in ("Gt", "Lt") and wrong:
            remedy = f"operator {self.operator} takes a whole number"
            raise refusal(key="values", found=shown(wrong[0]), remedy=remedy)
        return self


class NodeTerm(Section):
    """Conditions that a node must all meet."""

    match_expressions: list[NodeExpression] = Field(
        default_factory=list, description="Conditions on labels."
    )
    match_fields: list[NodeExpression] = Field(
        default_factory=list, description="Conditions on fields."
    )


class NodeTerms(Section):
    """Terms of which a node must meet one."""

    node_selector_terms: list[NodeTerm] = Field(min_length=1, description="The terms.")


class PreferredNodes(Section):
    """Nodes that are preferred."""

    weight: Weight = Field(description="The weight of the preference, from 1 to 100.")
    preference: NodeTerm = Field(description="The preferred nodes.")


class NodeAffinity(Section):
    """Rules about the nodes that pods are scheduled on."""

    required_during_scheduling_ignored_during_execution: NodeTerms | None = Field(
        default=None, description="Required nodes."
    )
    preferred_during_scheduling_ignored_during_execution: list[PreferredNodes] = Field(
        default_factory=list, description="Preferred nodes."
    )


class LabelSelector(Section):
    """Pods or namespaces by their labels."""

    match_labels: dict[str, str] = Field(
        default_factory=dict, description="Labels that they must have."
    )
    match_expressions: list[LabelExpression] = Field(
        default_factory=list, description="Conditions that they must all meet."
    )


class PodTerm(Section):
    """Nodes by the pods that already run there."""

    topology_key: Key = Field(
        description="The node label whose values define the topology domains."
    )
    label_selector: LabelSelector | None = Field(
        default=None, description="The labels of the pods."
    )
    namespaces: list[str] = Field(default_factory=list, description="The namespaces of the pods.")
    namespace_selector: LabelSelector | None = Field(
        default=None, description="The namespaces of the pods, by labels."
    )


class PreferredPods(Section):
    """Pods that are preferred or avoided."""

    weight: Weight = Field(description="The weight of the preference, from 1 to 100.")
    pod_affinity_term: PodTerm = Field(description="The pods and the topology domain.")


class PodAffinity(Section):
    """Rules about the pods that a pod is scheduled with, or apart from."""

    required_during_scheduling_ignored_during_execution: list[PodTerm] = Field(
        default_factory=list, description="Required rules."
    )
    preferred_during_scheduling_ignored_during_execution: list[PreferredPods] = Field(
        default_factory=list, description="Preferred rules."
    )


class Affinity(Section):
    """Rules of scheduling by nodes and by other pods."""

    node_affinity: NodeAffinity | None = Field(default=None, description="Rules about nodes.")
    pod_affinity: PodAffinity | None = Field(
        default=None, description="Rules about pods to be scheduled with."
    )
    pod_anti_affinity: PodAffinity | None = Field(
        default=None, description="Rules about pods to be scheduled apart from."
    )
