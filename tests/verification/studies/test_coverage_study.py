"""The coverage study: its power, its draws against loops, and bounds that are too small."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from scipy.stats import binom

from genbounds.verification.checks.shares import share
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.populations import population
from genbounds.verification.populations.protocol import generator
from genbounds.verification.rows.coverage_row import CoverageRow
from genbounds.verification.rows.kinds import Row
from genbounds.verification.runs.cells import canonical_json, parse_json
from genbounds.verification.studies import repeated_draws as experiments
from genbounds.verification.studies.coverage import BOUNDS, Coverage, _row
from genbounds.verification.studies.repeated_draws import EXPERIMENTS, DrawsCell, Judged


@pytest.fixture(scope="module")
def small() -> tuple[Coverage, list[DrawsCell], list[CoverageRow]]:
    """Twelve draws of every experiment, in two cells."""
    study = Coverage()
    cells = [DrawsCell(experiment, name, 6, seed) for experiment, (_, _, name) in EXPERIMENTS.items() for seed in (0, 1)]
    results = [parse_json(canonical_json(result)) for result in study.run_tile(cells)]
    return study, cells, list(study.rows(cells, results))  # type: ignore[arg-type]


def test_every_declared_bound_has_one_row(small: tuple[Coverage, list[DrawsCell], list[CoverageRow]]) -> None:
    _, _, rows = small
    assert [row.bound for row in rows] == list(BOUNDS)
    assert {row.draws for row in rows} == {12}
    assert {row.alpha for row in rows} == {share("coverage") / len(BOUNDS)}
    assert len({row.id for row in rows}) == len(rows)
    assert all(row.critical_scale is not None and 0 <= row.critical_scale < 1 for row in rows)


@pytest.mark.slow
def test_the_planned_draws_find_twice_the_rate_with_the_power_that_is_asked_for() -> None:
    from genbounds.verification.checks.coverage import sequential_power

    for experiment in EXPERIMENTS:
        draws = sum(cell.draws for cell in Coverage().cells() if cell.experiment == experiment)
        assert draws >= 300
        assert sequential_power(draws, 0.1, 0.05, 0.001 / len(BOUNDS)) >= 0.95
    quick, full = set(Coverage().cells()), set(Coverage(full=True).cells())
    assert quick < full


def test_no_draw_is_used_twice() -> None:
    cells = [cell for cell in Coverage(full=True).cells() if cell.experiment == "small"]
    keys = [key for cell in cells for key in cell.keys]
    assert len(set(keys)) == len(keys)
    moved = [key for cell in cells for key in replace(cell, seed=cell.seed + 1_000_000).keys]
    assert not set(keys) & set(moved)


def test_a_draw_does_not_depend_on_the_others_of_its_cell() -> None:
    pair = experiments.draw_gibbs(DrawsCell("gibbs", "breast_cancer", 2, 0))
    alone = experiments.draw_gibbs(DrawsCell("gibbs", "breast_cancer", 1, 1))
    assert {name: values[0] for name, values in alone.items()} == {name: values[1] for name, values in pair.items()}
    pair, alone = (experiments.train_small(DrawsCell("small", "breast_cancer", k, seed)) for k, seed in ((2, 0), (1, 1)))
    assert pair["held_out_errors"][1] == alone["held_out_errors"][0]


def test_a_gibbs_posterior_is_that_of_a_loop() -> None:
    pool = population("breast_cancer")
    result = experiments.draw_gibbs(DrawsCell("gibbs", "breast_cancer", 2, 3))
    directions = generator("coverage", "classifiers").standard_normal((50, 30))
    drawn = pool.sample(("coverage", "gibbs", 7), 100)
    errors, risks = [], []
    for direction in directions:
        wrong = [int(float(x @ direction) > 0) != int(y) for x, y in zip(pool.inputs, pool.labels, strict=True)]
        errors.append(Fraction(sum(wrong[row] for row in drawn), 100))
        risks.append(sum(wrong) / 569)
    weights = [math.exp(-20 * error) for error in errors]
    shares = [weight / math.fsum(weights) for weight in weights]
    assert result["empirical"][1] == pytest.approx(sum(q * float(e) for q, e in zip(shares, errors, strict=True)), rel=1e-12)
    assert result["kl"][1] == pytest.approx(sum(q * math.log(50 * q) for q in shares), rel=1e-9)
    assert result["risk"][1] == pytest.approx(sum(q * r for q, r in zip(shares, risks, strict=True)), rel=1e-12)


def test_held_out_errors_are_those_of_other_draws_than_the_training_ones() -> None:
    pool = population("breast_cancer")
    assert pool.sample(("coverage", "small", 0), 20).tolist() != pool.sample(("coverage", "small", 0), 20, purpose="held out").tolist()
    result = experiments.train_small(DrawsCell("small", "breast_cancer", 40))
    pool_rate = sum(result["pool_errors"]) / (40 * pool.size)
    held_out = sum(result["held_out_errors"])
    # 1600 held-out draws: given the networks, the count has this mean, and a variance no larger than a binomial one.
    # The draws are fixed by their keys, so this cannot fail by chance twice; at the first time it had probability below 1e-6.
    spread = math.sqrt(1600 * pool_rate * (1 - pool_rate))
    assert abs(held_out - 1600 * pool_rate) < 5 * spread


def test_a_bound_without_its_deviation_is_refuted() -> None:
    """Empirical risks of 40 points at risk .2: below the risk in about .44 of the draws (seeded; missed with probability below 1e-9)."""
    empirical = generator("a test").binomial(40, 0.2, 300) / 40
    judged = Judged("holdout.hoeffding", empirical, np.full(300, 0.2), np.zeros(300), "broken")
    assert _row(judged, "cell", "coins").verdict is Verdict.REFUTED


def test_the_three_held_out_bounds_are_looked_up_by_their_counts() -> None:
    results = [{"held_out_errors": [0, 3, 40], "pool_errors": [569, 0, 569]}]
    hoeffding, chernoff, clopper = experiments.judge_small(results, "breast_cancer")
    deviation = math.sqrt(math.log(20) / 80)
    assert hoeffding.values == pytest.approx([deviation, 3 / 40 + deviation, 1 + deviation])
    assert clopper.values[0] == pytest.approx(1 - 0.05 ** (1 / 40))
    assert binom.cdf(3, 40, clopper.values[1]) == pytest.approx(0.05)
    assert chernoff.values[0] == pytest.approx(clopper.values[0])
    for judged in (hoeffding, chernoff, clopper):
        assert judged.violated.tolist() == [True, False, False]


@pytest.mark.slow
@pytest.mark.shipped
def test_nothing_is_refuted_by_the_shipped_draws(shipped: Callable[[str], list[Row]]) -> None:
    """The e-processes raise a false alarm with probability .001 at most; the draws are fixed by their keys."""
    rows = shipped("coverage")
    assert {row.verdict for row in rows} == {Verdict.NOT_REFUTED}
    tight = [row for row in rows if isinstance(row, CoverageRow) and row.bound == "holdout.clopper_pearson"]
    assert tight[0].violations > 0  # the check can see violations
