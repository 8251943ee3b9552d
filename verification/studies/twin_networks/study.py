"""Stability of stochastic gradient descent, seen on twins that differ in one example."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, ClassVar

from genbounds.verification.runs.cells import Cell, Result
from genbounds.verification.studies.phenomenon import Claim, Curves, Extent, Finding, Panel, Phenomenon, Trap
from genbounds.verification.studies.twin_networks import figure, growth, linear, networks, starts, theorems
from genbounds.verification.studies.twin_networks.cells import LinearTwins, NetworkTwins, Starts

BASE_N, BASE_STEP = 100, Fraction(1, 20)
"""The setting from which n, the step size and the number of epochs are varied, one at a time."""
HARDT = "Hardt, Recht and Singer 2016"


class TwinNetworks(Phenomenon):
    """Distances of twins, the bounds where their assumptions hold, and what the start says of the gap."""

    name = "twin_networks"
    revision = 2
    title = "Stability: twins that differ in one example"
    description = (
        "Networks that differ in one training example: how far apart they end, the bounds on the gap, and what the start predicts."
    )
    dtype = "float64"
    claims = (
        Claim(
            "recursion",
            "Two runs of gradient descent that differ in one example are never farther apart than the growth recursion says.",
            f"{HARDT}, Lemma 2.5 with Lemmas 3.6 and 3.7",
        ),
        Claim("expected gap", "The expected gap is at most the stability that the steps give.", f"{HARDT}, Theorems 3.8 and 3.12"),
        Claim(
            "start and gap",
            "The expected gap is at most a bound that falls with the curvature at the start.",
            "Kuzborskij and Lampert 2018, with the constants that genbounds derives",
        ),
        Claim("network", "The gap of a ReLU network is at most the bound with the constants that were measured.", f"{HARDT}, Theorem 3.12"),
        Claim("first hit", "Until they meet the replaced example, twins are one and the same network.", f"{HARDT}, Lemma 3.11"),
        Claim("late hit", "The later the replaced example is first met, the closer the twins end.", f"{HARDT}, section 3.5"),
        Claim(
            "sublinear",
            "The distance grows sublinearly in the number of steps: as it is, normalised, and in every layer.",
            f"{HARDT}, experiments and Theorem 3.12",
        ),
        Claim(
            "more examples",
            "After equally many steps, twins are closer if there are more examples.",
            HARDT,
            "exponent -1 of n in the bounds",
        ),
        Claim(
            "larger steps", "Larger steps drive twins farther apart.", f"{HARDT}, experiments", "exponent 1 of the step size in Theorem 3.8"
        ),
        Claim("train faster", "More epochs give a larger gap: train faster, generalize better.", f"{HARDT}, experiments"),
        Claim(
            "curvature",
            "Of several starts, those with smaller curvature end with smaller gaps.",
            "Kuzborskij and Lampert 2018: data-dependent stability",
        ),
        Claim(
            "early risk",
            "Of several starts, those with smaller risk end with smaller gaps.",
            "Kuzborskij and Lampert 2018: data-dependent stability",
        ),
    )
    panels = (
        Panel("Where the constants are known: linear models", figure.draw_linear, 2.5),
        Panel("A ReLU network: distance of twins", figure.draw_growth, 2.9),
        Panel("Dependence on n and on the step size", figure.draw_dependence, 2.4),
        Panel("Curvature of the start and gap at the end", figure.draw_starts, 2.6),
    )
    caption = (
        "Top: the mean distance of linear twins, with the recursion that bounds it (dashed). Second: the distance of network twins: as "
        "it is, divided by the norm, divided by the norm in each layer, and by the time at which the example was first met; the dashed "
        "line is linear growth from the first epoch. Third: the last distance as n or the step size is varied, with the exponents of the "
        "bounds (dashed). Bottom: one point for each start; the claim is judged by the ranks within each task."
    )
    seconds: ClassVar = {"thumbnail": 2.8, "quick": 39.0, "full": 64.0}

    def cells(self) -> Sequence[Cell]:
        """Linear twins of three kinds, network twins around one setting, and tasks with eight starts each."""
        sizes: dict[Extent, tuple[int, int, int, int]] = {
            "thumbnail": (100, 3, 1600, 3),
            "quick": (2000, 8, 6400, 10),
            "full": (4000, 12, 6400, 20),
        }
        pairs, seeds, steps, tasks = sizes[self.extent]
        varied = [(BASE_N, BASE_STEP), (4 * BASE_N, BASE_STEP), (BASE_N, BASE_STEP / 4)]
        if self.extent != "thumbnail":
            varied += [(BASE_N // 2, BASE_STEP), (2 * BASE_N, BASE_STEP), (BASE_N, BASE_STEP / 8), (BASE_N, BASE_STEP / 2)]
        twins = 6 if self.extent == "thumbnail" else 16
        return [
            LinearTwins("separable", "logistic", 200, Fraction(1, 16), pairs),
            LinearTwins("separable", "sigmoid", 200, Fraction(1, 8), pairs),
            LinearTwins("digits_0_vs_rest", "sigmoid", 200, Fraction(1, 2), pairs),
            *(NetworkTwins(n, step, steps, twins, seed) for seed in range(seeds) for n, step in varied),
            Starts(tasks, BASE_N, BASE_STEP, 3 if self.extent == "thumbnail" else 10, 6 if self.extent == "thumbnail" else 32),
        ]

    def run_tile(self, cells: Sequence[Cell]) -> list[Result]:
        """Each cell by itself: its pairs or twins are one batch."""
        return [_MEASURE[type(cell)](cell) for cell in cells]

    def findings(self, cells: Sequence[Cell], results: Sequence[Result]) -> Sequence[Finding]:
        """Theorems first, then the effects."""
        found = list(zip(cells, results, strict=True))
        linear_found, network_found, start_found = ([pair for pair in found if isinstance(pair[0], kind)] for kind in _MEASURE)
        return [
            theorems.recursion(linear_found),
            theorems.expected_gap(linear_found, self.alpha / 2),
            theorems.start_and_gap(linear_found, self.alpha / 2),
            theorems.network(network_found),
            theorems.first_hit(network_found),
            *growth.findings(network_found, BASE_N, BASE_STEP),
            *growth.starts(start_found),
        ]

    def curves(self, cells: Sequence[Cell], results: Sequence[Result]) -> Curves:
        """Means over seeds of all that is drawn."""
        found = list(zip(cells, results, strict=True))
        linear_found, network_found, start_found = ([pair for pair in found if isinstance(pair[0], kind)] for kind in _MEASURE)
        drawn = [
            {"loss": cell.loss, "population": cell.population, **{name: result[name] for name in ("steps", "distance", "limit")}}
            for cell, result in linear_found
        ]
        names = ("curvature", "gap")
        return {
            "linear": drawn,
            **growth.curves(network_found, BASE_N, BASE_STEP),
            "starts": {name: [row for _, result in start_found for row in result[name]] for name in names},
        }

    def alt(self, curves: Curves) -> str:
        """First and last distances, and the range of the curvatures."""
        linear = "; ".join(
            f"{one['loss']} on {one['population']}: {one['distance'][-1]:.2g}, limit {one['limit'][-1]:.2g}" for one in curves["linear"]
        )
        base, curvature = curves["base"], [value for row in curves["starts"]["curvature"] for value in row]
        return (
            f"Last mean distance of linear twins: {linear}. The ReLU network: {base['raw'][0]:.2g} after {base['steps'][0]} steps, "
            f"{base['raw'][-1]:.2g} after {base['steps'][-1]}. Curvatures of the starts from {min(curvature):.2g} to {max(curvature):.2g}."
        )

    def trap(self) -> Trap:
        """Twins whose distances were doubled, as if the replaced example had been met twice."""
        cells, sound = theorems.made_up()
        faulty = [{**result, "quotient": 2 * result["quotient"]} if "quotient" in result else result for result in sound]
        return Trap("distances of linear twins doubled", "recursion", cells, faulty, sound)


_MEASURE: dict[type, Any] = {LinearTwins: linear.measure, NetworkTwins: networks.measure, Starts: starts.measure}
