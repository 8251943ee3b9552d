"""The logits are found in whatever a forward returns, chosen by name or place where there are several."""

from __future__ import annotations

import dataclasses
from collections import OrderedDict, namedtuple
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from genbounds.models import certify, summarize
from genbounds.models.measuring.held_out_errors import errors_by_running, held_out_errors
from genbounds.models.tracing.outputs import logits_in

ONE, OTHER = torch.ones(2, 3), torch.ones(2, 5)
Pair = namedtuple("Pair", ["features", "scores"])


@dataclasses.dataclass
class Record:
    """As libraries of transformers return it: a cache that is not a tensor, and what was not asked for."""

    logits: Tensor | None = None
    cache: Any = None
    hidden: tuple[Tensor, ...] | None = None


class Bare:
    """No container that torch knows, with an attribute."""

    logits = ONE


class ModelOutput(OrderedDict[str, Any]):
    """A mapping that is read by attributes as well."""


def test_logits_are_found_in_containers() -> None:
    found: list[Any] = [ONE, [ONE], (None, ONE), {"x": ONE}, {"other": OTHER, "logits": ONE}, [[ONE], 3], Bare(), Record(ONE, object())]
    for output in [*found, Record(ONE, None, (OTHER, OTHER)), ModelOutput(a=OTHER, logits=ONE)]:
        assert logits_in(output, "model") is ONE
    for output in ((ONE, OTHER), {}, None, 3.0, object(), Record()):
        with pytest.raises(ValueError, match="model must return one tensor of logits"):
            logits_in(output, "model")


@pytest.mark.parametrize(
    ("output", "chosen"),
    [
        (Pair(OTHER, ONE), "scores"),
        (Pair(OTHER, ONE), 1),
        ((OTHER, ONE), "1"),
        ((OTHER, ONE), -1),
        ({"a": ONE, "logits": OTHER}, "a"),
        ({"a": OTHER, "b": [OTHER, {"c": ONE}]}, "b.1.c"),
        (Record(OTHER, None, (OTHER, ONE)), "hidden.1"),
    ],
)
def test_one_of_several_is_chosen(output: Any, chosen: str | int) -> None:
    assert logits_in(output, "model", chosen) is ONE


def test_a_wrong_choice_lists_what_there_is() -> None:
    with pytest.raises(ValueError, match=r"got dict with 'a' \(2, 5\), 'b' \(2, 3\): choose one, such as output='a'"):
        logits_in({"a": OTHER, "b": ONE}, "model")
    for chosen in ("c", 2, -3):
        with pytest.raises(ValueError, match=r"output must name a tensor that model returns, got .* for 'a' \(2, 5\), 'b' \(2, 3\)"):
            logits_in({"a": OTHER, "b": ONE}, "model", chosen)
    with pytest.raises(ValueError, match="output must be left out, got 'a': model returns one tensor"):
        logits_in(ONE, "model", "a")
    for wrong in (True, 1.5):
        with pytest.raises(ValueError, match="output must be the name or the position of a tensor"):
            logits_in((ONE, OTHER), "model", wrong)  # type: ignore[arg-type]


class Several(nn.Module):
    """Whatever it is called with goes on; two tensors, and an object that torch.export does not know, come back."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, *args: Any, **options: Any) -> Any:
        found = self.inner(*args, **options)
        return {"features": 2.0 * args[0], "cache": object(), "scores": found}


@pytest.mark.slow
def test_a_network_is_measured_by_the_output_that_is_chosen() -> None:
    torch.manual_seed(0)
    inner = nn.Sequential(nn.Linear(4, 5), nn.GELU(), nn.Linear(5, 3))
    x, y = torch.randn(7, 4), torch.arange(7) % 3
    network, wanted = Several(inner), summarize(inner, x, y)
    found = summarize(network, x, y, output="scores", initial=network)
    assert found.margins.tolist() == wanted.margins.tolist()
    assert found.notes == ("of what model returns, 'scores' is taken for the logits",)
    assert held_out_errors(network, found, x, y, output=1) == (wanted.errors, 7)
    assert errors_by_running(network, [(x, y)], "scores") == (wanted.errors, 7, 0)
    facts = dict(certify(network, (x, y), output="scores", held_out=(x + 1, y)).facts)
    assert facts["note"] == found.notes[0]
    with pytest.raises(ValueError, match=r"model must return one tensor of logits, got dict with 'features' \(2, 4\), 'scores' \(2, 3\)"):
        summarize(network, x, y)
