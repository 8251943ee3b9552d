"""The declared directions far outside the ranges in which a reference can be computed: constants of 1e-30 to 1e30, 10^12 steps."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import pytest

from genbounds.bounds import get

Inputs = dict[str, Any]
UNITS = {"empirical_risk", "tandem_risk", "expected_risk", "delta", "disagreement"}


def spread(source: random.Random, low: float, high: float) -> float:
    """A number of any order of magnitude from 10^low to 10^high."""
    return float(10 ** source.uniform(low, high))


def descent(source: random.Random) -> Inputs:
    return {
        "lipschitz": spread(source, -30, 30),
        "smoothness": spread(source, -30, 6),
        "step_scale": spread(source, -30, 4),
        "steps": int(spread(source, 0, 12)),
        "n": int(spread(source, 0.5, 12)),
        "loss_range": spread(source, -10, 10),
    }


def one_pass(source: random.Random) -> Inputs:
    smoothness, steps = spread(source, -12, 3), int(spread(source, 0, 9))
    largest = min(1 / smoothness, 1 / (16 * smoothness**2 * max(math.log(steps), 1e-9) ** 2))
    return {
        "lipschitz": spread(source, -30, 30),
        "smoothness": smoothness,
        "curvature": smoothness * source.uniform(0.01, 1),
        "step_scale": 0.99 * largest * source.random(),
        "expected_risk": spread(source, -30, 0),
        "steps": steps,
        "n": steps * source.choice([1, 2, 100]),
    }


def subgradients(source: random.Random) -> Inputs:
    steps, n = int(spread(source, 0, 15)), int(spread(source, 0, 15))
    return {"lipschitz": spread(source, -30, 30), "step_size": spread(source, -30, 30), "steps": steps, "n": n}


def gibbs(source: random.Random) -> Inputs:
    return {
        "empirical_risk": source.choice([0, 1e-30, source.random()]),
        "kl": source.choice([0, spread(source, -30, 12)]),
        "n": int(spread(source, 0.5, 12)),
        "delta": source.choice([1e-300, 1e-9, 0.5, 0.999]),
    }


def pairs(source: random.Random) -> Inputs:
    found = gibbs(source)
    return {"tandem_risk": found.pop("empirical_risk"), **found}


def votes(source: random.Random) -> Inputs:
    found = gibbs(source)
    risk = found["empirical_risk"]
    return {**found, "disagreement": 2 * risk * (1 - risk) * source.random()}


CASES: list[tuple[str, str, Callable[[random.Random], Inputs]]] = [
    ("stability.hardt2016nonconvex", "integer", descent),
    ("stability.hardt2016nonconvex", "printed", descent),
    ("stability.kuzborskij_lampert2018", "", one_pass),
    ("stability.bassily2020nonsmooth", "derived", subgradients),
    *((f"pac_bayes.{name}", "", gibbs) for name in ("mcallester1999", "mcallester2003", "shalev_shwartz2014pac_bayes", "quadratic")),
    *((f"pac_bayes.{name}", "", gibbs) for name in ("mcallester", "seeger2002", "maurer2004", "langford2001", "catoni_grid")),
    ("pac_bayes.masegosa2020tandem", "", pairs),
    ("pac_bayes.germain2015pac_bound_1", "", votes),
]


def moved(source: random.Random, name: str, value: Any) -> Any:
    """A larger value of an input."""
    if isinstance(value, int) and name not in UNITS | {"kl"}:
        return value * source.choice([1, 2, 10]) + source.choice([1, 3])
    larger = value * source.choice([1.0001, 2, 1e3])
    return max(value, min(larger, 0.9999)) if name in UNITS else larger


@pytest.mark.slow
@pytest.mark.parametrize(("name", "form", "draw"), CASES, ids=[f"{name}-{form}" for name, form, _ in CASES])
def test_a_declared_direction_holds_over_all_magnitudes(name: str, form: str, draw: Callable[[random.Random], Inputs]) -> None:
    bound: Any = get(name)
    source, declared, compared = random.Random(0), bound.declaration, 0
    printed = {"form": form} if form else {}
    # The integer form is monotone in the constants in which the printed one, of the same declaration, is sound by inclusion alone.
    skipped = set() if form == "integer" else set(declared.by_inclusion)
    signs = {**dict.fromkeys(declared.increasing, 1), **dict.fromkeys(declared.decreasing, -1)}
    for _ in range(25):
        inputs = draw(source)
        for key, sign in signs.items():
            if key in skipped or (key == "loss_range" and key not in inputs):
                continue
            larger = {**inputs, key: moved(source, key, inputs[key])}
            try:
                below, above = (bound(**given, **printed).value for given in (inputs, larger)[::sign])
            except ValueError:  # beyond a step size that the theorem admits
                continue
            assert below <= above * (1 + 1e-9), (key, inputs, larger[key])
            compared += 1
    assert compared >= 50
