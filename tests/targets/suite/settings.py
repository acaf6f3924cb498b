"""The settings of a target and what it lacks: every target passes."""

import json
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pydantic
import pytest

from pilothouse import targets
from pilothouse.config.platform_spec import ENGINES
from pilothouse.plan import FEATURES
from pilothouse.program import load
from tests.targets.suite import platforms
from tests.targets.suite.mocked_types import SETTINGS


class SettingsSuite:
    """What a stack file may say for `target`, and what platform.yaml may not."""

    target: ClassVar[str]

    def test_its_settings_refuse_unknown_keys(self) -> None:
        model = targets.load(self.target, "settings")
        assert issubclass(model, pydantic.BaseModel)
        with pytest.raises(pydantic.ValidationError, match="extra_forbidden"):
            model.model_validate({**SETTINGS[self.target], "unheardOf": 1})

    def test_every_setting_is_described(self) -> None:
        model = targets.load(self.target, "settings")
        assert all(field.description for field in model.model_fields.values())

    def test_a_plan_can_be_made_again_from_its_definition(self, tmp_path: Path) -> None:
        """What the state keeps of a stack is all that `down` needs, once the files are gone."""
        for example, target in platforms.CARRIED:
            if target != self.target:
                continue
            project = platforms.project_of(example, tmp_path / example.stem)
            made = platforms.plan_of(project, target)
            kept = json.loads(json.dumps(load.definition_of(made)))
            (project / load.PLATFORM_FILE).unlink()
            again = load.plan_of_definition(project, made.stack, kept)
            assert again.platform.model_dump() == made.platform.model_dump()
            assert replace(again, platform=made.platform) == made

    def test_what_it_lacks_has_a_reason(self) -> None:
        """Each feature that it lacks, and each engine that no component of its provides."""
        target = targets.registered()[self.target]
        assert set(target.lacks) <= set(FEATURES)
        assert all(target.lacks.values())
        for capability, engines in ENGINES.items():
            offered = set(getattr(target, capability))
            assert offered <= set(engines)
            lacking = {engine for engine in engines if f"{capability}.{engine}" in target.lacks}
            assert offered | lacking == set(engines)
            assert offered & lacking == set()
