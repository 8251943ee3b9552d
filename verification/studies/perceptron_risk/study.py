"""The perceptron on trial: mistakes and the proof's inequalities in each run, expected risks, and data that are not separable."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from genbounds.verification.checks.effects import slope_effect
from genbounds.verification.checks.mean_limits import mean_interval
from genbounds.verification.checks.outcomes import Outcome
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.populations import population
from genbounds.verification.populations.protocol import Array
from genbounds.verification.runs.cells import Cell, Result
from genbounds.verification.studies.perceptron import PerceptronCell
from genbounds.verification.studies.perceptron_risk.cells import BasisCell, NoisyCell, result_of
from genbounds.verification.studies.perceptron_risk.figure import PANELS
from genbounds.verification.studies.perceptron_risk.theory import mistakes_allowed, risk_allowed
from genbounds.verification.studies.phenomenon import Claim, Curves, Extent, Finding, Phenomenon, Trap

POOLS = ("separable", "digits_0_vs_rest")
RATE = (-1.2, -0.8)
_NOVIKOFF = "Novikoff, On convergence proofs for perceptrons, 1962"
_SIZES: dict[Extent, dict[str, Any]] = {
    "thumbnail": {"basis": (4, 16, 64), "n": (50, 150, 500), "draws": 8, "seeds": 3, "noise": (0.0, 0.1), "length": 300},
    "quick": {"basis": (2, 8, 32, 128), "n": (100, 300, 1000), "draws": 40, "seeds": 5, "noise": (0.0, 0.05, 0.1, 0.2), "length": 1000},
    "full": {
        "basis": (2, 8, 32, 128),
        "n": (100, 300, 1000, 3000),
        "draws": 40,
        "seeds": 5,
        "noise": (0.0, 0.05, 0.1, 0.2),
        "length": 1000,
    },
}
BASIS_SEEDS = 2
"""Basis vectors leave nothing to chance but signs and orders: more seeds would say nothing new."""


class PerceptronRisk(Phenomenon):
    """Theorems on mistakes, which hold in each run, and theorems on expected risks, compared with exact risks averaged over samples."""

    name = "perceptron_risk"
    revision = 2
    dtype = "float64"
    title = "The perceptron"
    description = "The perceptron's mistakes, the two sides of the proof, its expected risks, and its mistakes where labels are flipped."
    claims: ClassVar[tuple[Claim, ...]] = (
        Claim(
            "mistakes",
            "On data that a vector separates with margin gamma the perceptron makes at most (R/gamma)^2 mistakes.",
            _NOVIKOFF,
            printed="(R/gamma)^2",
        ),
        Claim(
            "attained",
            ("The bound cannot be improved: on d basis vectors the perceptron makes exactly (R/gamma)^2 = d mistakes."),
            _NOVIKOFF,
        ),
        Claim(
            "two sides",
            "In every run with M mistakes, M gamma <= <w, u> <= ||w|| <= S, where S^2 is the sum of ||x||^2 over the mistakes, and S "
            "is at most R sqrt(M).",
            f"{_NOVIKOFF}, the proof",
        ),
        Claim(
            "random iterate",
            "After one pass over n examples, a random iterate has an expected risk of at most (1/n)(R/gamma)^2.",
            "Novikoff 1962 with the online-to-batch conversion of Helmbold and Warmuth 1995",
            printed="(1/n)(R/gamma)^2",
        ),
        Claim(
            "last weights",
            "If the perceptron cycles through the sample until no mistake is left, its last weights have an expected risk of at most "
            "(1/(n + 1))(R/gamma)^2.",
            "Freund and Schapire 1999, Corollary 1; Vapnik and Chervonenkis 1974, by leaving one out",
            printed="(1/(n + 1))(R/gamma)^2",
        ),
        Claim(
            "rate",
            "The expected risk itself falls as 1/n, as the bounds do (exponent between -1.2 and -0.8).",
            "Novikoff 1962, and the two above",
        ),
        Claim(
            "Freund and Schapire",
            "On any sequence the perceptron makes at most ((R + D)/gamma)^2 mistakes, where D^2 is the sum of the squared margin "
            "violations.",
            "Freund and Schapire, Large margin classification using the perceptron algorithm, 1999, Theorem 2",
            printed="((R + D)/gamma)^2",
        ),
        Claim(
            "hinge loss",
            "On any sequence the number M of mistakes satisfies sqrt(M) <= (R ||u|| + sqrt(R^2 ||u||^2 + 4 L))/2, where L is the "
            "hinge loss of any vector u.",
            "Gentile, The robustness of the p-norm algorithms, 2003",
        ),
    )
    panels = PANELS
    caption = (
        "Top: the mistakes on basis vectors lie on the bound (dashed), and those of other runs lie below it. Middle: expected risks, "
        "estimated by means of exact risks over samples, with their bounds (dashed). Bottom: mistakes where some labels are flipped at "
        "random (mean and range over runs), compared with the two bounds that allow for flipped labels, each optimised over the "
        "comparison vector and the margin."
    )
    seconds: ClassVar[dict[Extent, float]] = {"thumbnail": 2.5, "quick": 36.0, "full": 60.0}

    def cells(self) -> Sequence[BasisCell | NoisyCell | PerceptronCell]:
        """Basis vectors, risks at several n, and flipped labels, for each seed."""
        size = _SIZES[self.extent]
        found: list[BasisCell | NoisyCell | PerceptronCell] = []
        for seed in range(size["seeds"]):
            found += [BasisCell(dimension, 2, seed) for dimension in size["basis"] if seed < BASIS_SEEDS]
            found += [
                PerceptronCell(pool, n, passes, size["draws"], "realistic", seed)
                for pool in POOLS
                for passes in ("one", "all")
                for n in size["n"]
            ]
            found += [NoisyCell("separable", noise, size["length"], size["draws"] // 4, seed) for noise in size["noise"]]
        return found

    def run_tile(self, cells: Sequence[Cell]) -> list[Result]:
        """The perceptrons of each cell as one batch."""
        return [result_of(cell) for cell in cells]

    def findings(self, cells: Sequence[Cell], results: Sequence[Result]) -> Sequence[Finding]:
        """One for each claim."""
        basis, risks, noisy = (_of(kind, cells, results) for kind in (BasisCell, PerceptronCell, NoisyCell))
        return [
            _mistakes(risks),
            _attained(basis),
            _two_sides(basis, risks),
            _expected(risks, "one", self.alpha),
            _expected(risks, "all", self.alpha),
            _rate(risks),
            _run_bound("Freund and Schapire", "freund_schapire", noisy),
            _run_bound("hinge loss", "hinge", noisy),
        ]

    def curves(self, cells: Sequence[Cell], results: Sequence[Result]) -> Curves:
        """Mistakes with their bounds, risks with theirs, and mistakes by the share of flipped labels."""
        basis, risks, noisy = (_of(kind, cells, results) for kind in (BasisCell, PerceptronCell, NoisyCell))
        drawn: dict[str, Any] = {
            "basis": {
                "bound": [float(result["bound"]) for _, result in basis],
                "mistakes": [max(result["mistakes"]) for _, result in basis],
            }
        }
        for name in POOLS:
            own = [(cell, result) for cell, result in risks if cell.population == name]
            drawn[name] = {
                "ratio": mistakes_allowed(name),
                "most": max(max(result["mistakes"]) for _, result in own),
            }
            for passes in ("one", "all"):
                sizes = sorted({cell.n for cell, _ in own if cell.passes == passes})
                values = [_values(own, passes, n) for n in sizes]
                drawn[name][passes] = {
                    "n": sizes,
                    "risk": [float(v.mean()) for v in values],
                    "bound": [risk_allowed(name, passes, n) for n in sizes],
                }
        levels = sorted({cell.noise for cell, _ in noisy})
        drawn["noisy"] = {"noise": levels, "length": noisy[0][0].n}
        for key in ("mistakes", "freund_schapire", "hinge"):
            values = [np.concatenate([result[key] for cell, result in noisy if cell.noise == level]).astype(float) for level in levels]
            drawn["noisy"][key] = [[float(v.mean()), float(v.min()), float(v.max())] for v in values]
        return drawn

    def alt(self, curves: Curves) -> str:
        """The ends of the curves."""
        ends = []
        for name in POOLS:
            one = curves[name]["one"]
            ends.append(
                f"{name.replace('_', ' ')}: risk {one['risk'][-1]:.2g} at n = {one['n'][-1]}, where {one['bound'][-1]:.2g} is allowed"
            )
        noisy = curves["noisy"]
        mistakes, hinge, freund = (noisy[key][-1][0] for key in ("mistakes", "hinge", "freund_schapire"))
        return (
            f"Mistakes on basis vectors equal the bound up to {max(curves['basis']['mistakes'])}. Random iterates, {'; '.join(ends)}. "
            f"With {noisy['noise'][-1]:.0%} of the labels flipped there are {mistakes:.0f} mistakes; the bound by the hinge loss allows "
            f"{hinge:.0f} and that of Freund and Schapire {freund:.0f}."
        )

    def trap(self) -> Trap:
        """Random iterates whose risk is above what the theorem allows at that n."""
        cells: list[Cell] = []
        results: list[dict[str, Any]] = []
        for seed in range(3):
            cells.append(BasisCell(4, 2, seed))
            results.append({"mistakes": [4, 4], "broken": 0, "bound": 4.0})
            cells.append(NoisyCell("separable", 0.1, 100, 2, seed))
            results.append({"mistakes": [20, 22], "freund_schapire": [40.0, 41.0], "hinge": [35.0, 36.0]})
            for pool in POOLS:
                for passes in ("one", "all"):
                    for n in (1000, 3000):
                        cells.append(PerceptronCell(pool, n, passes, 200, "realistic", seed))
                        results.append(_made_up(pool, n, passes, 0.5))
        faulty = [
            _made_up(cell.population, cell.n, cell.passes, 1.5) if isinstance(cell, PerceptronCell) and cell.passes == "one" else result
            for cell, result in zip(cells, results, strict=True)
        ]
        return Trap("iterates with half as much risk again as the theorem allows", "random iterate", cells, faulty, results)


def _made_up(pool: str, n: int, passes: str, part: float) -> dict[str, Any]:
    """Results whose risks are a part of the bound."""
    size = population(pool).size
    risk = min(0.9, part * risk_allowed(pool, passes, n))
    return {
        "mistakes": [10] * 200,
        "iterate_errors": [round(risk * n * size)] * 200 if passes == "one" else None,
        "pool_errors": [round(risk * size)] * 200,
        "converged": passes == "all",
        "most_passes": 3,
        "runs_breaking_an_inequality": 0,
    }


def _of(kind: type, cells: Sequence[Cell], results: Sequence[Result]) -> list[tuple[Any, Result]]:
    return [(cell, result) for cell, result in zip(cells, results, strict=True) if isinstance(cell, kind)]


def _values(risks: Sequence[tuple[Any, Result]], passes: str, n: int, seed: int | None = None) -> Array:
    """Exact risks of the runs: of all iterates together after one pass, of the last weights after all."""
    found = []
    for cell, result in risks:
        if (cell.passes, cell.n) == (passes, n) and seed in (None, cell.seed):
            size = population(cell.population).size
            found += [e / (n * size) for e in result["iterate_errors"]] if passes == "one" else [e / size for e in result["pool_errors"]]
    return np.array(found, dtype=float)


def _sizes(found: Sequence[tuple[Any, Result]]) -> str:
    pools = " and ".join(sorted({cell.population for cell, _ in found}))
    sizes = sorted({cell.n for cell, _ in found})
    return f"{pools}, n from {sizes[0]} to {sizes[-1]}, {len({cell.seed for cell, _ in found})} seeds of {found[0][0].draws} runs"


def _mistakes(risks: Sequence[tuple[Any, Result]]) -> Finding:
    said, refuted = [], False
    for name in POOLS:
        counts = [count for cell, result in risks if cell.population == name for count in result["mistakes"]]
        bound = mistakes_allowed(name)
        refuted |= max(counts) > bound
        said.append(f"{name}: at most {max(counts)} mistakes in {len(counts)} runs, where {bound:.0f} are allowed")
    return Finding("mistakes", Verdict.REFUTED if refuted else Verdict.NOT_REFUTED, f"{'; '.join(said)}.", _sizes(risks))


def _attained(basis: Sequence[tuple[Any, Result]]) -> Finding:
    runs = [(count, result["bound"], cell.dimension) for cell, result in basis for count in result["mistakes"]]
    off = [run for run in runs if not run[0] == run[1] == run[2]]
    dimensions = sorted({cell.dimension for cell, _ in basis})
    said = f"{len(runs) - len(off)} of {len(runs)} runs made exactly d mistakes, and their certificates say d."
    return Finding(
        "attained",
        Verdict.REFUTED if off else Verdict.NOT_REFUTED,
        said,
        f"d from {dimensions[0]} to {dimensions[-1]}, random signs and orders",
    )


def _two_sides(basis: Sequence[tuple[Any, Result]], risks: Sequence[tuple[Any, Result]]) -> Finding:
    broken = sum(result["broken"] for _, result in basis) + sum(result["runs_breaking_an_inequality"] for _, result in risks)
    runs = sum(len(result["mistakes"]) for _, result in [*basis, *risks])
    said = f"An inequality fails in {broken} of {runs} runs, computed in exact fractions."
    return Finding("two sides", Verdict.REFUTED if broken else Verdict.NOT_REFUTED, said, f"{_sizes(risks)}, and basis vectors")


def _expected(risks: Sequence[tuple[Any, Result]], passes: str, alpha: float) -> Finding:
    """Refuted where the lower limit on a mean of exact risks lies above the bound; alpha is shared by all such limits of the study."""
    own = [(cell, result) for cell, result in risks if cell.passes == passes]
    places = sorted({(cell.population, cell.n) for cell, _ in own})
    tests = 2 * len({(cell.population, cell.passes, cell.n) for cell, _ in risks})
    verdict, said = Verdict.NOT_REFUTED, []
    for name, n in places:
        here = [(cell, result) for cell, result in own if cell.population == name]
        values, bound = _values(here, passes, n), risk_allowed(name, passes, n)
        low, high = mean_interval(values, 0.0, 1.0, alpha / tests)
        if low > bound:
            verdict = Verdict.REFUTED
        said.append(f"{name}, n = {n}: {values.mean():.3g} in [{low:.2g}, {high:.2g}], at most {bound:.3g}")
    if passes == "all" and not all(result["converged"] for _, result in own):
        verdict = Verdict.ASSUMPTION_VIOLATED
    return Finding("random iterate" if passes == "one" else "last weights", verdict, f"Expected risks: {'; '.join(said)}.", _sizes(own))


def _rate(risks: Sequence[tuple[Any, Result]]) -> Finding:
    """The exponents of the random iterate's risk, seed by seed, on each population: both must lie in the range."""
    found = {}
    for name in POOLS:
        own = [(cell, result) for cell, result in risks if (cell.population, cell.passes) == (name, "one")]
        sizes, seeds = sorted({cell.n for cell, _ in own}), sorted({cell.seed for cell, _ in own})
        table = [[float(np.log(_values(own, "one", n, seed).mean())) for n in sizes] for seed in seeds]
        found[name] = slope_effect(np.log(sizes), np.array(table))
    inside = all(effect.within(*RATE) is Outcome.REPRODUCED for effect in found.values())
    said = "; ".join(f"{name}: {effect}" for name, effect in found.items())
    outcome = Outcome.REPRODUCED if inside else Outcome.NOT_REPRODUCED
    return Finding(
        "rate", outcome, f"Exponents of a random iterate's risk: {said}.", _sizes([pair for pair in risks if pair[0].passes == "one"])
    )


def _run_bound(claim: str, key: str, noisy: Sequence[tuple[Any, Result]]) -> Finding:
    refuted, said = False, []
    for level in sorted({cell.noise for cell, _ in noisy}):
        counts, bounds = (np.concatenate([result[name] for cell, result in noisy if cell.noise == level]) for name in ("mistakes", key))
        refuted |= bool((counts > bounds).any())
        said.append(
            f"{level:.0%} flipped: {counts.mean():.0f} mistakes on average where {bounds.mean():.0f} are allowed (at most "
            f"{(counts / bounds).max():.2f} of the bound in any run)"
        )
    return Finding(claim, Verdict.REFUTED if refuted else Verdict.NOT_REFUTED, f"{'; '.join(said)}.", _sizes(noisy))
