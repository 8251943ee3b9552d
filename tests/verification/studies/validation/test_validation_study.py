"""Held-out data: bounds against scipy, the attack against its exact law, failures against the binomial law."""

import math
from fractions import Fraction

import pytest
from scipy import optimize, stats

from genbounds.verification.checks.outcomes import Outcome
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.populations import population
from genbounds.verification.scenarios.adaptive_analyst import law_of_the_vote
from genbounds.verification.studies.validation import judging
from genbounds.verification.studies.validation.cell import BOUNDS, ReuseCell, SearchCell
from genbounds.verification.studies.validation.judging import made_up, too_many
from genbounds.verification.studies.validation.reusing import FALSE, SOUND, release, reuse
from genbounds.verification.studies.validation.searching import candidates, search
from genbounds.verification.studies.validation.study import Validation

SMALL = SearchCell(0, widths=(4, 8), rates=(0.1, 0.4), steps=(5, 20), n=60, validation=100, draws=4)


@pytest.fixture(scope="module")
def found():
    return candidates(SMALL), search(SMALL)


def test_a_search_looks_at_every_width_step_size_and_number_of_steps(found):
    wrong, result = found
    assert wrong.shape == (SMALL.candidates, 1797) == (8, 1797)
    pool = population("digits")
    assert result["risks"] == pytest.approx([float(Fraction(int(row.sum()), pool.size)) for row in wrong], abs=1e-15)
    assert len({row.tobytes() for row in wrong}) == 8


def test_errors_and_bounds_are_those_of_the_formulas(found):
    wrong, result = found
    pool, n, delta = population("digits"), 100, 0.05 / 8
    counts = pool.sample_counts(("validation", 0, 0), n, "validation")
    errors = [pool.sample_errors(row, counts) for row in wrong]
    assert result["first"] == pytest.approx([k / n for k in errors])
    for place, k in enumerate(errors):
        q, cost = k / n, math.log(1 / delta)

        def kl(p, q=q):
            return q * math.log(q / p) + (1 - q) * math.log((1 - q) / (1 - p))

        assert 0 < k < n
        expected = {
            "Kawaguchi et al.": q + 2 * cost / (3 * n) + math.sqrt(cost / (2 * n)),
            "Hoeffding": q + math.sqrt(cost / (2 * n)),
            "kl": optimize.brentq(lambda p, kl=kl, cost=cost: kl(p) - cost / n, q, 1 - 1e-12),
            "Clopper-Pearson": stats.beta.ppf(1 - delta, k + 1, n - k),
        }
        for name, value in expected.items():
            assert result["bounds"][name][place] == pytest.approx(min(1.0, value), rel=1e-6)
    assert result["disorder"] == 0


def test_failures_are_counted_over_samples(found, monkeypatch):
    _, result = found
    assert all(0 <= result["failures"][name] <= SMALL.draws for name in BOUNDS)
    from genbounds.verification.studies.validation import searching

    monkeypatch.setattr(searching, "_bound", lambda name, errors, n, count: 0.0)
    assert set(search(SMALL)["failures"].values()) == {SMALL.draws}


@pytest.mark.slow
def test_the_vote_errs_as_its_exact_law_says():
    cell = ReuseCell(0, n=5, classifiers=(1, 3), repetitions=600)
    reported = reuse(cell)["reported"]
    for mean, features in zip(reported, cell.classifiers, strict=True):
        law = [float(mass) for mass in law_of_the_vote(5, features)]
        expected = sum(k * mass for k, mass in enumerate(law)) / 5
        deviation = math.sqrt(sum((k / 5 - expected) ** 2 * mass for k, mass in enumerate(law)) / 600)
        assert abs(mean - expected) <= 5 * deviation  # a false alarm with probability 6e-7, were the seed not fixed


def test_a_test_set_lies_and_the_bounds_for_it_hold():
    result = reuse(ReuseCell(1, n=500, classifiers=(1, 99), repetitions=5))
    assert result["reported"][1] < 0.4
    assert abs(result["second"][1] - 0.5) < 5 * 0.5 / math.sqrt(5 * 500)
    assert all(result["failures"][name][1] == 5 for name in FALSE)
    assert all(result["failures"][name][1] == 0 for name in SOUND)
    assert result["ladder"]["failures"] == 0


def test_the_ladder_releases_an_improvement_only():
    half, step = Fraction(1, 2), Fraction(1, 10)
    assert release(Fraction(2), Fraction(49, 100), step) == half
    assert release(half, Fraction(40, 100), step) == half
    assert release(half, Fraction(39, 100), step) == Fraction(4, 10)


def test_too_many_failures_are_those_of_the_binomial_tail():
    tail = [sum(math.comb(100, k) * 0.05**k * 0.95 ** (100 - k) for k in range(least, 101)) for least in range(101)]
    assert all(too_many(failures, 100, 1e-3) == (tail[failures] <= 1e-3) for failures in range(101))
    assert not too_many(0, 100, 0.5)


def test_every_claim_can_fail(monkeypatch):
    study = Validation("thumbnail")
    cells = study.trap().cells

    def outcomes(**changes):
        results = [made_up(cell, False) for cell in cells]
        results = [{**result, **{name: value for name, value in changes.items() if name in result}} for result in results]
        return {finding.claim: finding.outcome for finding in study.findings(cells, results)}

    sound = outcomes()
    assert {str(outcome) for outcome in sound.values()} == {"not refuted", "reproduced", "assumption violated"}
    failing = {f.claim: f.outcome for f in study.findings(cells, [made_up(cell, True) for cell in cells])}
    assert failing["union"] is failing["adaptive"] is Verdict.REFUTED
    assert outcomes(disorder=1)["order"] is Verdict.REFUTED
    results = [made_up(cell, False) for cell in cells]
    for seed, result in enumerate(results):
        if "tau" in result:
            result |= {"tau": 0.1 + seed / 100, "certified": dict.fromkeys(BOUNDS, 0.95 + seed / 1000)}
        else:
            result["values"] = {name: [0.6 + seed / 1000] * 2 for name in (*FALSE, *SOUND)}
            result["ladder"] = {"score": 0.1, "value": 0.2 + seed / 1000, "failures": 10}
    failed = {finding.claim: finding.outcome for finding in study.findings(cells, results)}
    assert failed["kept"] is failed["nonvacuous"] is failed["lies"] is Outcome.REVERSED
    assert failed["adaptive"] is Verdict.REFUTED
    monkeypatch.setattr(judging, "printed_example", lambda: 0.0695)
    assert outcomes()["example"] is Verdict.REFUTED
