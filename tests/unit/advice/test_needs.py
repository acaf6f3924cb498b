"""`needs.yaml`: what is refused, its template, and what an editor knows of it."""

from pathlib import Path

import pytest

from pilothouse.advice import catalogue, needs, template
from pilothouse.errors import InvalidInput

KNOWN = catalogue.load()
LEAST = "team: {people: 3, operationsHours: 4}\nbudget: 500\n"


def refusal(tmp_path: Path, text: str) -> str:
    file = tmp_path / "needs.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInput) as raised:
        needs.read(file, KNOWN)
    return str(raised.value)


@pytest.mark.parametrize(
    ("line", "place", "words"),
    [
        ("mustHaves: [experiment-traking]", ":3: mustHaves", "did you mean experiment-tracking"),
        ("existing: {accounts: [ibm]}", ":3: existing.accounts", "valid are: aws, azure"),
        ("residency: {region: mars}", ":3: residency.region", "asia-pacific, eu, us"),
        ("residency: {place: cellar}", ":3: residency.place", "own-hardware"),
        ("weights: {buget: 2}", ":3: weights.buget", "did you mean budget"),
        ("weights: {workloads.notebok: 2}", ":3: weights", "did you mean workloads.notebooks"),
        ("weights: {budget: -1}", ":3: weights.budget", "greater than or equal to 0"),
        ("gpu: true", ":3: gpu", "gpu"),
    ],
)
def test_a_wrong_need_is_refused_with_its_place_and_a_remedy(
    tmp_path: Path, line: str, place: str, words: str
) -> None:
    message = refusal(tmp_path, f"{LEAST}{line}\n")
    assert place in message
    assert words in message


def test_every_problem_is_named_at_once(tmp_path: Path) -> None:
    message = refusal(tmp_path, f"{LEAST}mustHaves: [a, b]\n")
    assert len(message.splitlines()) == 2


def test_the_template_is_valid_and_has_every_key(tmp_path: Path) -> None:
    file = tmp_path / "needs.yaml"
    file.write_text(template.render(KNOWN, {}), encoding="utf-8")
    read = needs.read(file, KNOWN)
    assert read.model_fields_set == needs.Needs.model_fields.keys() - {"weights"}


def test_answers_stand_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "needs.yaml"
    answers = {"team.people": 12, "mustHaves": ["audit-log"], "existing.cluster": True}
    file.write_text(template.render(KNOWN, answers), encoding="utf-8")
    read = needs.read(file, KNOWN)
    assert (read.team.people, read.must_haves) == (12, ["audit-log"])
    assert read.existing.cluster


@pytest.mark.parametrize(
    ("key", "answer"),
    [
        ("team.people", "many"),
        ("team.people", "-1"),
        ("team.people", "0"),
        ("team.people", "2.5"),
        ("budget", "0"),
        ("team.skills", "python, cobol"),
        ("workloads.scheduled", "perhaps"),
        ("lockIn", "none"),
    ],
)
def test_an_answer_that_is_none_is_asked_again(key: str, answer: str) -> None:
    question = next(each for each in template.questions(KNOWN) if each.key == key)
    with pytest.raises((ValueError, InvalidInput)):
        template.answer(KNOWN, question, answer)


def test_the_schema_knows_the_words_of_the_catalogue() -> None:
    schema = needs.schema(KNOWN)
    assert schema["properties"]["mustHaves"]["items"]["enum"] == sorted(KNOWN.capabilities)
    existing = schema["$defs"]["Existing"]["properties"]
    assert existing["accounts"]["items"]["enum"] == ["aws", "azure", "databricks", "gcp"]
