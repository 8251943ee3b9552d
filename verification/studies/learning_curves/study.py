"""Learning curves: whether the risk is a power of the number of examples, with which exponent, and what the bounds say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from genbounds.bounds.vc import dimension_relu_network, realizable, vapnik_chervonenkis1971
from genbounds.verification.checks.effects import Effect, mean_effect, slope_effect
from genbounds.verification.checks.outcomes import Outcome
from genbounds.verification.checks.scaling import scaling
from genbounds.verification.runs.cells import Cell, Result
from genbounds.verification.studies.learning_curves.cell import DELTA, DIGITS_TEST, NOISE, CurveCell, Task, run, widths_of_scalar_network
from genbounds.verification.studies.learning_curves.figure import PANELS
from genbounds.verification.studies.learning_curves.laws import Law, floored_law, power_law, straightness
from genbounds.verification.studies.phenomenon import Claim, Curves, Extent, Finding, Phenomenon, Trap

PUBLISHED = (-0.35, -0.07)
STRAIGHT, NEAR_FLOOR = 0.95, 0.02
TASKS: tuple[Task, ...] = ("clean", "noisy", "digits")

_SIZES: Mapping[Extent, dict[str, tuple[int, ...]]] = {
    "thumbnail": {"teacher": tuple(4**k for k in range(2, 8)), "digits": (16, 64, 256, 1024)},
    "quick": {"teacher": tuple(2**k for k in range(5, 16)), "digits": tuple(2**k for k in range(4, 11))},
    "full": {"teacher": tuple(2**k for k in range(5, 16)), "digits": tuple(2**k for k in range(4, 11))},
}
_TEST: Mapping[Extent, int] = {"thumbnail": 3000, "quick": 20_000, "full": 20_000}
_STEPS: Mapping[Extent, tuple[int, int]] = {"thumbnail": (500, 300), "quick": (6000, 1500), "full": (6000, 1500)}
_SEEDS: Mapping[Extent, int] = {"thumbnail": 3, "quick": 5, "full": 11}


class LearningCurves(Phenomenon):
    """Risk against n for a teacher's labels, for the same with noise, and for handwritten digits."""

    name = "learning_curves"
    revision = 2
    description = "Risk against the number of examples: power laws with and without a floor, and the exponents of the bounds."
    title = "Learning curves"
    claims: ClassVar[tuple[Claim, ...]] = (
        Claim(
            "power_law",
            f"Risk falls as a power of the number of examples: its logarithm is a line (R squared above {STRAIGHT}).",
            "Hestness et al., Deep learning scaling is predictable, empirically, 2017, section 4",
        ),
        Claim(
            "published_range",
            "On real data the exponent of the power law lies between -0.35 and -0.07.",
            "Hestness et al. 2017, abstract and section 4",
            printed="exponents from -0.35 to -0.07",
        ),
        Claim(
            "floor",
            "Where labels are noisy, a power law with a floor predicts the risk at larger n better than a power law.",
            "Hestness et al. 2017, section 2, the region of irreducible error; Amari, Fujita and Shinomoto 1992",
        ),
        Claim(
            "floor_is_bayes_risk",
            f"The fitted floor is within {NEAR_FLOOR} of the Bayes risk.",
            "Hestness et al. 2017, section 2",
        ),
        Claim(
            "rates_of_bounds",
            "Uniform bounds fall as n^-1/2, and as n^-1 if there is no error on the sample, up to logarithms; over three decades these "
            "change the exponents by less than 0.1 and 0.2.",
            "Vapnik and Chervonenkis 1971, Theorem 2; Blumer, Ehrenfeucht, Haussler and Warmuth 1989",
            printed="exponents -1/2 and -1",
        ),
        Claim(
            "norm_bound_is_flatter",
            "A bound by the norms of the trained weights falls more slowly than the risk, or grows, since the norms grow with n.",
            "Nagarajan and Kolter, Uniform convergence may be unable to explain generalization in deep learning, 2019, section 2",
        ),
    )
    panels = PANELS
    caption = (
        "Above: the risk of trained networks against the number of examples (mean and standard deviation over the seeds), with the "
        "fitted power laws: solid without a floor, dotted with one; the grey wedge shows the published exponents. Below: what the bounds "
        "add to the error on the sample, which is vacuous above 1, with dashed lines of slopes -1/2 and -1; the norm bound is taken at "
        "the median margin."
    )
    seconds: ClassVar[Mapping[Extent, float]] = {"thumbnail": 2.0, "quick": 31.0, "full": 68.0}

    def cells(self) -> Sequence[CurveCell]:
        """Every task with every seed."""
        sizes, (steps, digits_steps) = _SIZES[self.extent], _STEPS[self.extent]
        return [
            CurveCell(task, sizes["digits"], digits_steps, DIGITS_TEST, seed)
            if task == "digits"
            else CurveCell(task, sizes["teacher"], steps, _TEST[self.extent], seed)
            for task in TASKS
            for seed in range(_SEEDS[self.extent])
        ]

    def run_tile(self, cells: Sequence[Cell]) -> list[Result]:
        """One ensemble for each cell: a network for each size."""
        return [run(cell) for cell in cells]

    def findings(self, cells: Sequence[Cell], results: Sequence[Result]) -> Sequence[Finding]:
        """One for each claim."""
        tables = {task: _table(cells, results, task) for task in TASKS}
        return [
            _power_law(*tables["clean"]),
            _published_range({task: tables[task] for task in TASKS}),
            *_floor(*tables["noisy"]),
            _rates_of_bounds(tables["clean"][0]),
            _norm_bound(*tables["clean"], _table(cells, results, "clean", "complexities")[1]),
        ]

    def curves(self, cells: Sequence[Cell], results: Sequence[Result]) -> Curves:
        """Mean risks, the two laws fitted to them, and bounds at the sizes of the clean task."""
        drawn: dict[str, Any] = {"published": list(PUBLISHED)}
        for task in TASKS:
            sizes, risks = _table(cells, results, task)
            mean, spread = risks.mean(axis=0), risks.std(axis=0, ddof=1)
            drawn[task] = {
                "n": list(sizes),
                "risk": mean.tolist(),
                "deviation": spread.tolist(),
                "power": power_law(sizes, _positive(mean)).risk(sizes).tolist(),
                "floored": floored_law(sizes, _positive(mean)).risk(sizes).tolist(),
                "exponent": -power_law(sizes, _positive(mean)).exponent,
            }
        sizes, complexities = _table(cells, results, "clean", "complexities")
        # The agnostic bound is shown without the empirical risk: its deviation is what falls with n.
        drawn["bounds"] = {"n": list(sizes), "norms": complexities.mean(axis=0).tolist(), **_vc_bounds(sizes)}
        return drawn

    def alt(self, curves: Curves) -> str:
        """The ends of the curves and their exponents."""
        said = [
            f"{_WORDS[task]} from {curves[task]['risk'][0]:.2g} at n = {curves[task]['n'][0]} to {curves[task]['risk'][-1]:.2g} at "
            f"n = {curves[task]['n'][-1]}, exponent {curves[task]['exponent']:.2f}"
            for task in TASKS
        ]
        bounds = curves["bounds"]
        return (
            f"Log-log plot of risk against the number of examples: {'; '.join(said)}. Below, what bounds add to the error on the sample "
            f"at the largest n: {bounds['agnostic'][-1]:.2g} by the VC dimension, {bounds['realizable'][-1]:.2g} by the VC dimension with "
            f"no errors, {bounds['norms'][-1]:.2g} by norms."
        )

    def trap(self) -> Trap:
        """A noisy curve that falls to zero: no floor may be found at the Bayes risk."""
        sizes = _SIZES["quick"]["teacher"]
        cells = [CurveCell(task, sizes, 1, 100, seed) for task in TASKS for seed in range(3)]

        def results(floor: float) -> list[Result]:
            wiggle = [1 + 0.01 * np.cos(np.arange(len(sizes)) * (2 + seed)) for seed in range(3)]
            of = {"clean": Law(0, 1, 0.5), "noisy": Law(floor, 1, 0.5), "digits": Law(0, 1, 0.25)}
            return [
                {
                    "risks": (of[cell.task].risk(sizes) * wiggle[cell.seed]).tolist(),
                    "errors": [0.0] * len(sizes),
                    "complexities": None if cell.task == "digits" else [5.0] * len(sizes),
                }
                for cell in cells
            ]

        return Trap("risk with noisy labels that falls to zero", "floor_is_bayes_risk", cells, results(0.0), results(NOISE))


_WORDS = {"clean": "a teacher's labels", "noisy": "the same with a tenth of the labels flipped", "digits": "digits"}


def _table(cells: Sequence[Cell], results: Sequence[Result], task: Task, what: str = "risks") -> tuple[tuple[int, ...], Any]:
    """The sizes, and a row for each seed."""
    rows = [(cell.sizes, result[what]) for cell, result in zip(cells, results, strict=True) if cell.task == task]
    return tuple(rows[0][0]), np.array([values for _, values in rows], dtype=float)


def _positive(risks: Any) -> Any:
    """Risks of which logarithms can be taken: an empty count of errors is taken as half of one on the digits' test examples."""
    return np.maximum(risks, 0.5 / 600)


def _exponents(sizes: Sequence[int], risks: Any) -> Effect:
    return slope_effect(np.log(sizes), np.log(_positive(risks)))


def _sizes(sizes: Sequence[int], risks: Any) -> str:
    return f"{len(sizes)} sizes from {sizes[0]} to {sizes[-1]} examples, {len(risks)} seeds"


def _power_law(sizes: Sequence[int], risks: Any) -> Finding:
    found = mean_effect([straightness(sizes, _positive(row)) for row in risks])
    said = f"R squared of the line is {found}; exponent {_exponents(sizes, risks)} for the labels of a teacher without noise."
    return Finding("power_law", found.above(STRAIGHT), said, _sizes(sizes, risks))


def _published_range(tables: Mapping[Task, tuple[tuple[int, ...], Any]]) -> Finding:
    found = {task: _exponents(*tables[task]) for task in TASKS}
    said = "; ".join(f"{_WORDS[task]}: {found[task]}" for task in ("digits", "clean", "noisy"))
    return Finding("published_range", found["digits"].within(*PUBLISHED), f"Exponents of {said}.", _sizes(*tables["digits"]))


def _floor(sizes: Sequence[int], risks: Any) -> list[Finding]:
    """How far each law, fitted to the smaller three quarters of the sizes, misses the others, in logarithms; and the floor of all."""
    seen = len(sizes) - max(1, len(sizes) // 4)
    advantage = []
    for row in _positive(risks):
        misses = [fit(sizes[:seen], row[:seen]).error(sizes[seen:], row[seen:]) for fit in (power_law, floored_law)]
        advantage.append(misses[0] - misses[1])
    better, floors = mean_effect(advantage), mean_effect([floored_law(sizes, row).floor for row in _positive(risks)])
    words = _sizes(sizes, risks)
    said = (
        f"Fitted to sizes up to {sizes[seen - 1]}, the power law misses ln(risk) at the larger sizes by {better} more than the law "
        "with a floor does."
    )
    near = floors.within(NOISE - NEAR_FLOOR, NOISE + NEAR_FLOOR)
    value = (
        f"The floor fitted to all sizes is {floors}, while the Bayes risk is {NOISE}; the mean risk at the largest n is "
        f"{risks[:, -1].mean():.3g}."
    )
    return [Finding("floor", better.above(0.0), said, words), Finding("floor_is_bayes_risk", near, value, words)]


def _vc_bounds(sizes: Sequence[int]) -> dict[str, list[float]]:
    dimension = dimension_relu_network(widths=tuple(widths_of_scalar_network()))
    return {
        "agnostic": [float(vapnik_chervonenkis1971(empirical_risk=0, n=n, vc_dimension=dimension, delta=DELTA)) for n in sizes],
        "realizable": [float(realizable(n=n, vc_dimension=dimension, delta=DELTA)) for n in sizes],
    }


def _rates_of_bounds(sizes: Sequence[int]) -> Finding:
    dimension = int(float(dimension_relu_network(widths=tuple(widths_of_scalar_network()))))
    beyond = [10 * dimension * 10**k for k in range(4)]
    exponents = {}
    for where, numbers in (("here", sizes), ("beyond", beyond)):
        for name, values in _vc_bounds(numbers).items():
            exponents[where, name] = float(np.polyfit(np.log(numbers), np.log(values), 1)[0])
    far = [exponents["beyond", name] for name in ("agnostic", "realizable")]
    holds = [_exactly(value).within(low, low + most) for value, low, most in zip(far, (-0.5, -1.0), (0.1, 0.2), strict=True)]
    outcome = Outcome.REPRODUCED if all(found is Outcome.REPRODUCED for found in holds) else Outcome.NOT_REPRODUCED
    at_end = _vc_bounds(sizes[-1:])
    said = (
        f"Exponents {far[0]:.3f} and {far[1]:.3f} over the three decades from ten times the VC dimension ({dimension}) on. At the sizes "
        f"of the curves they are {exponents['here', 'agnostic']:.3f} and {exponents['here', 'realizable']:.3f}, and the bounds are "
        f"vacuous: {at_end['agnostic'][0]:.3g} and {at_end['realizable'][0]:.3g} at n = {sizes[-1]}."
    )
    return Finding("rates_of_bounds", outcome, said, f"n from {beyond[0]} to {beyond[-1]}, and from {sizes[0]} to {sizes[-1]}")


def _exactly(value: float) -> Effect:
    """A number that was computed and not estimated."""
    return Effect(value, value, value)


def _norm_bound(sizes: Sequence[int], risks: Any, complexities: Any) -> Finding:
    found = scaling(sizes, complexities, _positive(risks), key="learning_curves")
    difference = Effect(found.difference.value, found.difference.lower, found.difference.upper, found.difference.confidence)
    bound, risk = found.bound, found.risk
    said = (
        f"The exponent of the norm bound is {bound.value:.3f} [{bound.lower:.3f}, {bound.upper:.3f}], that of the risk {risk.value:.3f} "
        f"[{risk.lower:.3f}, {risk.upper:.3f}]; their difference is {difference}"
        + (f"; flag of the scaling check: {found.flag}." if found.flag else ".")
    )
    return Finding("norm_bound_is_flatter", difference.above(0.0), said, _sizes(sizes, risks))
