"""The noise scale on trial: where the best batch size lies, what it depends on, and whether batches may grow instead of rates falling."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from genbounds.verification.checks.effects import Effect, mean_effect, slope_effect
from genbounds.verification.checks.outcomes import Outcome
from genbounds.verification.populations.protocol import Array
from genbounds.verification.runs.cells import Cell, Result
from genbounds.verification.studies.noise_scale.cells import ScheduleCell, SweepCell, result_of
from genbounds.verification.studies.noise_scale.figure import PANELS
from genbounds.verification.studies.phenomenon import Claim, Curves, Extent, Finding, Phenomenon, Trap

PROPORTIONAL = (0.5, 1.5)
SAME = 0.01
_SMITH_LE = "Smith and Le, A Bayesian perspective on generalization and stochastic gradient descent, 2018"
_RATE, _EXAMPLES = 0.4, 500
_MOMENTUM_RATE = 0.1
_TIME: dict[Extent, float] = {"thumbnail": 200.0, "quick": 400.0, "full": 400.0}
"""Learning rate times steps over 1 - m: all settings train for as long as this, so that none is judged half trained."""
_SWEEPS: dict[Extent, dict[str, Any]] = {
    "thumbnail": {
        "rates": (0.1, 0.4),
        "examples": (250, 500),
        "momenta": (0.0, 0.75),
        "batches": (2, 8, 32, 128),
        "steps": 400,
        "seeds": 3,
    },
    "quick": {
        "rates": (0.1, 0.2, 0.4, 0.8),
        "examples": (250, 500, 1000),
        "momenta": (0.0, 0.5, 0.75),
        "batches": (1, 2, 4, 8, 16, 32, 64, 128),
        "seeds": 8,
    },
    "full": {
        "rates": (0.1, 0.2, 0.4, 0.8),
        "examples": (250, 500, 1000),
        "momenta": (0.0, 0.5, 0.75),
        "batches": (1, 2, 4, 8, 16, 32, 64, 128),
        "seeds": 20,
    },
}


class NoiseScale(Phenomenon):
    """Test error against batch size at fixed rates, numbers of examples and momenta, and three schedules compared with one another."""

    name = "noise_scale"
    revision = 2
    title = "The noise scale of stochastic gradient descent"
    description = (
        "Test error against batch size: an optimum that follows rate, examples and momentum; growing batches instead of falling rates."
    )
    claims: ClassVar[tuple[Claim, ...]] = (
        Claim(
            "optimum",
            "At a fixed learning rate the test error is least at a batch size that is neither the smallest nor the largest.",
            _SMITH_LE,
        ),
        Claim(
            "rate",
            "The best batch size is proportional to the learning rate (exponent between 0.5 and 1.5).",
            _SMITH_LE,
            printed="exponent 1",
        ),
        Claim(
            "examples",
            "The best batch size is proportional to the number of training examples (exponent between 0.5 and 1.5).",
            _SMITH_LE,
            printed="exponent 1",
        ),
        Claim(
            "momentum",
            ("The best batch size is proportional to 1/(1 - m), where m is the momentum (exponent between 0.5 and 1.5)."),
            _SMITH_LE,
            printed="exponent 1",
        ),
        Claim(
            "growing batches",
            "Multiplying the batch size by a factor, instead of dividing the learning rate by it, gives the same test error over the "
            f"epochs, within {SAME}.",
            "Smith, Kindermans, Ying and Le, Don't decay the learning rate, increase the batch size, 2018",
        ),
    )
    panels = PANELS
    caption = (
        "Digits with a fifth of the training labels wrong; the training time (rate times steps over 1 - m) is the same in all settings, "
        "and the values are means over the seeds. Top: test error against batch size. Middle: the best batch size, with lines of slope 1 "
        "(dashed). Bottom: test error over the epochs, where at each dashed line the rate is divided by 4 or the batch size is "
        "multiplied by 4."
    )
    seconds: ClassVar[dict[Extent, float]] = {"thumbnail": 2.4, "quick": 27.0, "full": 66.0}

    def cells(self) -> Sequence[SweepCell | ScheduleCell]:
        """Each setting of the sweeps, and each schedule, with every seed."""
        size = _SWEEPS[self.extent]
        settings = [(rate, _EXAMPLES, 0.0) for rate in size["rates"]]
        settings += [(_RATE, examples, 0.0) for examples in size["examples"] if examples != _EXAMPLES]
        settings += [(_MOMENTUM_RATE, _EXAMPLES, momentum) for momentum in size["momenta"] if momentum]
        found: list[SweepCell | ScheduleCell] = []
        for seed in range(size["seeds"]):
            time, batches = _TIME[self.extent], size["batches"]
            found += [SweepCell(rate, n, momentum, batches, steps(rate, momentum, time), seed) for rate, n, momentum in settings]
            epochs = 4 if self.extent == "thumbnail" else 16
            found += [ScheduleCell(schedule, _RATE, 8, 512, epochs, seed) for schedule in ("decay", "growth", "constant")]
        return found

    def run_tile(self, cells: Sequence[Cell]) -> list[Result]:
        """The networks of each cell."""
        return [result_of(cell) for cell in cells]

    def findings(self, cells: Sequence[Cell], results: Sequence[Result]) -> Sequence[Finding]:
        """One for each claim."""
        sweeps = [(cell, result) for cell, result in zip(cells, results, strict=True) if isinstance(cell, SweepCell)]
        schedules = [(cell, result) for cell, result in zip(cells, results, strict=True) if isinstance(cell, ScheduleCell)]
        return [
            _optimum(sweeps),
            *(_proportional(name, sweeps) for name in ("rate", "examples", "momentum")),
            _growing(schedules),
        ]

    def curves(self, cells: Sequence[Cell], results: Sequence[Result]) -> Curves:
        """Mean test errors by setting, best batch sizes, and test errors over the epochs."""
        sweeps = [(cell, result) for cell, result in zip(cells, results, strict=True) if isinstance(cell, SweepCell)]
        drawn: dict[str, Any] = {"batches": list(sweeps[0][0].batches), "sweeps": [], "best": {}, "schedules": {}}
        for name in ("rate", "examples", "momentum"):
            values, tables = _line(name, sweeps)
            best = np.exp(np.log(_best(drawn["batches"], tables)).mean(axis=0)).tolist()
            drawn["best"][name] = {"value": [float(value) for value in values], "batch": best}
            if name == "rate":
                drawn["sweeps"] = [{"rate": float(v), "error": t.mean(axis=0).tolist()} for v, t in zip(values, tables, strict=True)]
        for schedule in ("decay", "growth", "constant"):
            own = [(cell, result) for cell, result in zip(cells, results, strict=True) if getattr(cell, "schedule", "") == schedule]
            epochs = own[0][0].epochs
            drawn["schedules"][schedule] = {
                "epoch": [epochs * (quarter + 1) / 4 for quarter in range(len(own[0][1]["errors"]))],
                "error": np.mean([result["errors"] for _, result in own], axis=0).tolist(),
                "steps": int(own[0][1]["steps"]),
            }
        return drawn

    def alt(self, curves: Curves) -> str:
        """The best batch sizes and the last test errors."""
        words = {"rate": "rate", "examples": "examples", "momentum": "1/(1 - m)"}
        best = "; ".join(
            f"{words[name]} from {line['value'][0]:g} to {line['value'][-1]:g}: best batch from {line['batch'][0]:.3g} to "
            f"{line['batch'][-1]:.3g}"
            for name, line in curves["best"].items()
        )
        ends = ", ".join(f"{name} {line['error'][-1]:.3f} after {line['steps']} steps" for name, line in curves["schedules"].items())
        return f"Test error against batch size. {best}. Last test errors of the schedules: {ends}."

    def trap(self) -> Trap:
        """Sweeps whose best batch size goes with the inverse of the rate."""
        batches = _SWEEPS["quick"]["batches"]
        cells: list[Cell] = [cell for cell in NoiseScale("quick").cells() if cell.seed < 3]

        def results(power: float) -> list[Result]:
            found: list[Result] = []
            for cell in cells:
                if isinstance(cell, ScheduleCell):
                    found.append({"errors": [0.2 + 0.001 * cell.seed] * 12, "steps": 100})
                    continue
                best = 8 * (cell.rate / _RATE) ** power * cell.examples / _EXAMPLES / (1 - cell.momentum)
                best *= 1 + 0.01 * np.cos(3 * cell.seed + cell.rate)
                found.append({"errors": [0.1 + 0.02 * float(np.log(batch / best) ** 2) for batch in batches]})
            return found

        return Trap("the best batch size falls as the rate grows", "rate", cells, results(-1.0), results(1.0))


def steps(rate: float, momentum: float, time: float) -> int:
    """Steps of a setting: as many as make up the same training time.

    >>> steps(0.4, 0.0, 400.0), steps(0.1, 0.75, 400.0)
    (1000, 1000)
    """
    return round(time * (1 - momentum) / rate)


def best_batch(batches: Sequence[float], errors: Array | Sequence[float]) -> float:
    """Where the test error is least in the logarithm of the batch size: the vertex of the parabola through the least value of the curve,
    each point averaged with its neighbours, and the two beside it; an end of the range where the least value lies there.

    >>> round(best_batch([1, 2, 4, 8, 16], [abs(k - 2.0) ** 2 for k in range(5)]), 6)
    4.0
    """
    values, logs = np.asarray(errors, dtype=float), np.log(np.asarray(batches, dtype=float))
    padded = np.concatenate([values[:1], values, values[-1:]])
    smooth = (padded[:-2] + 2 * padded[1:-1] + padded[2:]) / 4
    least = int(np.argmin(smooth))
    if least in (0, len(values) - 1):
        return float(batches[least])
    curvature, slope, _ = np.polyfit(logs[least - 1 : least + 2], smooth[least - 1 : least + 2], 2)
    return float(np.exp(-slope / (2 * curvature)))


def _line(name: str, sweeps: Sequence[tuple[SweepCell, Result]]) -> tuple[list[float], list[Array]]:
    """The values of one quantity while the others rest, and for each a table of test errors, (seeds, batch sizes)."""

    def value(cell: SweepCell) -> float:
        return {"rate": cell.rate, "examples": cell.examples, "momentum": 1 / (1 - cell.momentum)}[name]

    def rests(cell: SweepCell) -> bool:
        setting = {"rate": cell.rate, "examples": cell.examples, "momentum": cell.momentum}
        fixed = {"rate": _MOMENTUM_RATE if name == "momentum" else _RATE, "examples": _EXAMPLES, "momentum": 0.0}
        return all(setting[other] == fixed[other] for other in setting if other != name)

    own = [(cell, result) for cell, result in sweeps if rests(cell)]
    values = sorted({value(cell) for cell, _ in own})
    return values, [np.array([result["errors"] for cell, result in own if value(cell) == one]) for one in values]


def _best(batches: Sequence[int], tables: Sequence[Array]) -> Array:
    """The best batch size of each seed (row) for each of the tables (column)."""
    return np.array([[best_batch(batches, row) for row in table] for table in tables]).T


def _words(sweeps: Sequence[tuple[SweepCell, Result]]) -> str:
    cell, seeds = sweeps[0][0], len({cell.seed for cell, _ in sweeps})
    time = cell.rate * cell.steps / (1 - cell.momentum)
    return f"digits, B from {cell.batches[0]} to {cell.batches[-1]}, rate times steps / (1 - m) = {time:g}, {seeds} seeds"


def _optimum(sweeps: Sequence[tuple[SweepCell, Result]]) -> Finding:
    """Excess error at both ends over the batch size that is best for the other seeds, so that choosing it flatters nothing."""
    values, tables = _line("rate", sweeps)
    table, batches = tables[values.index(_RATE)], sweeps[0][0].batches
    low, high = [], []
    for seed, row in enumerate(table):
        chosen = int(np.argmin(np.delete(table, seed, axis=0).mean(axis=0)))
        low.append(float(row[0] - row[chosen]))
        high.append(float(row[-1] - row[chosen]))
    ends = [mean_effect(low), mean_effect(high)]
    both = [end.above(0.0) for end in ends]
    outcome = next((one for one in both if one is not Outcome.REPRODUCED), Outcome.REPRODUCED)
    said = (
        f"At rate {_RATE} the test error is {ends[0]} higher at B = {batches[0]} and {ends[1]} higher at B = {batches[-1]} than at the "
        "batch size that is best for the other seeds."
    )
    return Finding("optimum", outcome, said, f"{_words(sweeps)}, N = {_EXAMPLES}")


def _proportional(name: str, sweeps: Sequence[tuple[SweepCell, Result]]) -> Finding:
    values, tables = _line(name, sweeps)
    batches = sweeps[0][0].batches
    best = _best(batches, tables)
    found = slope_effect(np.log(values), np.log(best))
    shown = ", ".join(f"{value:g}: {np.exp(np.mean(np.log(column))):.3g}" for value, column in zip(values, best.T, strict=True))
    what = {"rate": "learning rate", "examples": "number of examples", "momentum": "1/(1 - m)"}[name]
    return Finding(name, found.within(*PROPORTIONAL), f"Exponent {found} of the best batch size in the {what} ({shown}).", _words(sweeps))


def _growing(schedules: Sequence[tuple[ScheduleCell, Result]]) -> Finding:
    """Differences of the test errors, after the last stage and on average over the epochs, seed by seed: both must be small."""
    errors = {
        kind: np.array([result["errors"] for cell, result in schedules if cell.schedule == kind])
        for kind in ("decay", "growth", "constant")
    }
    difference = errors["growth"] - errors["decay"]
    last, average = mean_effect(difference[:, -1]), mean_effect(difference.mean(axis=1))
    neither = mean_effect((errors["constant"] - errors["decay"])[:, -1])
    both: list[Effect] = [last, average]
    outcome = Outcome.REPRODUCED if all(one.within(-SAME, SAME) is Outcome.REPRODUCED for one in both) else Outcome.NOT_REPRODUCED
    steps = {kind: next(int(result["steps"]) for cell, result in schedules if cell.schedule == kind) for kind in ("decay", "growth")}
    said = (
        f"The test error with growing batches differs by {last} at the end and by {average} over the epochs, after {steps['growth']} "
        f"steps instead of {steps['decay']}; with neither growing batches nor falling rates it is {neither} higher at the end."
    )
    cell = schedules[0][0]
    stages = f"three stages of {cell.epochs} epochs from B = {cell.batch} and rate {cell.rate}"
    sizes = f"digits, N = {cell.examples}, {stages}, {len(difference)} seeds of four networks"
    return Finding("growing batches", outcome, said, sizes)
