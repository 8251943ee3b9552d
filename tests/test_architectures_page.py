"""The page of architectures: it says what is stored, no bracket in it is refuted, and every refusal says what to do."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch
from torch import nn

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from docs.architectures import own  # noqa: E402
from docs.architectures.attack import steepness  # noqa: E402
from docs.architectures.page import BEGIN, END, PAGE, stored, table  # noqa: E402
from docs.architectures.trial import attempted  # noqa: E402

TRIALS = stored()


def test_the_page_says_what_is_stored() -> None:
    written = PAGE.read_text(encoding="utf-8").split(BEGIN)[1].split(END)[0]
    assert written == table(TRIALS), "run python -m docs.architectures"


def test_most_of_many_architectures_are_read_and_none_ends_in_an_error() -> None:
    assert len({trial["name"] for trial in TRIALS}) == len(TRIALS) >= 120
    assert sum(trial["outcome"] == "read" for trial in TRIALS) >= 0.75 * len(TRIALS)
    assert [trial for trial in TRIALS if trial["outcome"] not in ("read", "refused")] == []


def refuted(trial: dict[str, float]) -> bool:
    """Whether ascent found a place that is steeper than the upper bound; its own rounding is far below a millionth."""
    upper = trial["upper"]
    return upper is not None and max(trial["lower"], trial["ascent"] * (1 - 1e-6)) > upper


def test_no_bracket_is_refuted() -> None:
    assert [trial["name"] for trial in TRIALS if trial["outcome"] == "read" and refuted(trial)] == []
    assert refuted({"lower": 0.0, "ascent": 1.01, "upper": 1.0})


@pytest.mark.parametrize("trial", [trial for trial in TRIALS if trial["outcome"] == "refused"], ids=lambda trial: trial["name"])
def test_a_refusal_names_the_place_and_what_to_do(trial: dict[str, str]) -> None:
    where, _, remedy = trial["said"].partition(": ")
    assert len(where) > 5, trial["said"]
    assert len(remedy) > 5, trial["said"]


def test_ascent_finds_the_norm_of_a_linear_map() -> None:
    layer = nn.Linear(3, 3)
    with torch.no_grad():
        layer.weight.copy_(torch.diag(torch.tensor([1.0, 2.0, 5.0])))
    assert steepness(layer, torch.randn(4, 3, generator=torch.Generator().manual_seed(0))) == pytest.approx(5.0, rel=1e-12)


@pytest.mark.slow
def test_a_trial_today_ends_as_it_is_stored() -> None:
    known = {trial["name"]: trial for trial in TRIALS}
    for architecture in own.architectures()[:3]:
        found, before = attempted(architecture), known[architecture.name]
        assert (found["outcome"], found["parameters"]) == (before["outcome"], before["parameters"])
        assert found["upper"] == pytest.approx(before["upper"], rel=1e-6)
