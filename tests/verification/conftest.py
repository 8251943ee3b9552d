"""A report made by hand, with rows of every kind and names that want escaping; the rows of studies as they are shipped."""

from __future__ import annotations

import functools
import math
import os
from collections.abc import Callable, Iterator
from fractions import Fraction

import pytest
import typer.testing

from genbounds.bounds import get
from genbounds.bounds.assumptions import IID_SAMPLE, SMOOTH_LOSS, ZERO_ONE_LOSS
from genbounds.verification.checks.coverage import upper_limit
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.report.read import read_report
from genbounds.verification.rows.bound_row import BoundRow
from genbounds.verification.rows.bracket_row import BracketRow
from genbounds.verification.rows.canary_row import CanaryRow
from genbounds.verification.rows.coverage_row import CoverageRow
from genbounds.verification.rows.enumeration_row import EnumerationRow
from genbounds.verification.rows.fault_row import FaultRow
from genbounds.verification.rows.interval import Interval
from genbounds.verification.rows.kinds import Row
from genbounds.verification.rows.mutant_row import MutantRow
from genbounds.verification.rows.report import Report
from genbounds.verification.rows.trial_row import TrialRow
from genbounds.verification.runs.cells import canonical_json, parse_json
from genbounds.verification.studies import get as study_named

DELTA = Fraction(1, 20)
NASTY = r'64-64-10 ReLU, 50 % "wide" & <deep> $x_1$ {a|b} *bold* \input{x} #1 ~ ^'


@pytest.fixture(autouse=True, scope="session")
def _the_command_line_is_built_once() -> Iterator[None]:
    """Typer's runner builds all commands anew for each call, which takes four times as long as most of them run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(typer.testing, "_get_command", functools.cache(typer.testing._get_command))
        yield


def handmade_rows() -> list[Row]:
    """Rows of every kind: tight, vacuous, violated, refuted, with exact and interval risks."""
    risk = Fraction(92, 1797)
    clopper = get("holdout.clopper_pearson")(errors=26, n=500, delta=DELTA).audited({IID_SAMPLE: ("by construction", "pool draws")})
    sauer = {n: get("vc.sauer")(empirical_risk=Fraction(1, 20), n=n, vc_dimension=65, delta=DELTA) for n in (1797, 10**8)}
    stable = get("stability.hardt2016nonconvex")(lipschitz=1, smoothness=1, step_scale=Fraction(1, 10), steps=1000, n=1000)
    novikoff = get("perceptron.novikoff")(radius=5, margin=Fraction(1, 2))
    common = {"study": "handmade", "population": "digits", "training": "SGD, 20 epochs, batch 32"}
    return [
        BoundRow.compared(
            clopper, risk, 500, cell="a1", network=NASTY, risk_what="exact risk on the pool", scale="realistic",
            n_over_pool=Fraction(500, 1797), empirical=Fraction(26, 500), **common,
        ),
        BoundRow.compared(
            sauer[1797], risk, 1797, cell="a2", network="linear 64-1", risk_what="exact risk on the pool", scale="realistic",
            n_over_pool=Fraction(1), empirical=Fraction(1, 20), note="One class & a note.", **common,
        ),
        BoundRow.compared(
            sauer[10**8], risk, 10**8, cell="a3", network="linear 64-1", risk_what="exact risk on the pool", scale="non-vacuous",
            n_over_pool=Fraction(10**8, 1797), empirical=Fraction(1, 20), **common,
        ),
        BoundRow.compared(
            stable.audited({SMOOTH_LOSS: ("violated", "ReLU networks are not smooth in the weights")}),
            Interval(0.0012, 0.0034, "95 % interval from 50 draws"), 1000, cell="a4", network="64-64-10 ReLU",
            risk_what="gap, mean over 50 draws", scale="realistic", n_over_pool=Fraction(1000, 1797), **common,
        ),
        BoundRow(
            cell="a5", network="perceptron", n=300, certificate=novikoff, risk=Fraction(37), risk_what="mistakes made", scale="non-vacuous",
            verdict=Verdict.NOT_REFUTED, **{**common, "population": "separable"},
        ),
        CoverageRow(
            study="handmade", cell="c1", bound="holdout.hoeffding", population="digits", draws=300, violations=1, delta=0.05, alpha=1e-3,
            log_evidence=0.4, upper_limit=upper_limit(1, 300), power="a rate of 0.1 is found with probability 0.37", critical_scale=0.61,
            verdict=Verdict.NOT_REFUTED,
        ),
        CoverageRow(
            study="handmade", cell="c2", bound="holdout.hoeffding", population="breast_cancer", draws=60, violations=30, delta=0.05,
            alpha=1e-3, log_evidence=50.0, upper_limit=upper_limit(30, 60), power="a rate of 0.1 is found with probability 0.12",
            verdict=Verdict.REFUTED, note="Broken on purpose.",
        ),
        EnumerationRow(
            study="handmade", cell="e1", bound="holdout.clopper_pearson", n=50, delta=DELTA, supremum=0.04999, at_risk=0.3,
            verdict=Verdict.PROVED_BY_ENUMERATION,
        ),
        BracketRow(
            study="handmade", cell="b1", population="digits", network=NASTY, training="SGD", parameters=4242, lower=1.2345678,
            upper=98765.4321,
        ),
        BracketRow(
            study="handmade", cell="b2", population="digits", network="constant", training="none", parameters=10, lower=0.0, upper=math.inf,
        ),
        *handmade_trials(),
        CanaryRow(study="handmade", planted="a bound <below> its risk", checks="coverage"),
        MutantRow(
            study="handmade", cell="m1", bound="holdout.hoeffding", mutant=f"n doubled in {NASTY}", caught_by="enumeration, audit",
            missed_by="coverage", note="audit: n = 80, while the risk was counted on 40 positions",
        ),
        MutantRow(study="handmade", cell="m2", bound="holdout.hoeffding", mutant="an invisible one", caught_by=""),
        FaultRow(
            study="handmade", cell="f1", bound="holdout.hoeffding", operator="n for 2n", caught=2, true=1, same=0, survived=1,
            survivors=(f"2 * n for n in {NASTY}: it leaves 0.976 of the deviation",),
        ),
        FaultRow(study="handmade", cell="f2", bound="vc.sauer", operator="term dropped", caught=3, true=0, same=2, survived=0),
    ]  # fmt: skip


def handmade_trials() -> list[TrialRow]:
    """A bound that would have been refuted with a smaller deviation, one that nothing could refute, one that is judged by nothing."""
    words = {"study": "handmade", "resolution": None, "with_cap": None, "world": "", "evidence": "", "hostile": ""}
    return [
        TrialRow(**words | {
            "cell": "t1", "bound": "holdout.hoeffding", "scenario": "fixed hypothesis", "rung": "every sample", "verdict": "not refuted",
            "resolution": 0.75, "with_cap": 0.75, "world": "3 coins & a <die>", "delta": DELTA, "evidence": "every sample of 3 settings",
            "measured": 0.02, "allowed": 0.05, "informative": True,
        }),
        TrialRow(**words | {
            "cell": "t1", "bound": "holdout.hoeffding", "scenario": "memoriser", "rung": "", "verdict": "assumption violated",
            "evidence": "'hypothesis independent of the sample' does not hold here", "hostile": "the hypothesis",
        }),
        TrialRow(**words | {
            "cell": "t2", "bound": "vc.sauer", "scenario": "memoriser", "rung": "every sample", "verdict": "not refuted", "resolution": 0.0,
            "with_cap": 0.0, "world": "n = 3", "evidence": "every sample of 3 settings", "measured": 0.0, "allowed": 0.05,
        }),
        TrialRow(**words | {
            "cell": "t3", "bound": "margin.spectral", "form": "True", "scenario": "", "rung": "", "verdict": "not applicable",
            "evidence": "memoriser: nothing supplies spectral_norms",
        }),
    ]  # fmt: skip


@pytest.fixture(scope="session")
def handmade_report() -> Report:
    """The rows in a report."""
    assert ZERO_ONE_LOSS  # the vocabulary that the studies use
    run = {"finished": "2026-01-01T00:00:00Z", "seconds": 12.5, "versions": {"genbounds": "0.1.0", "python": "3.11"}}
    asked = {"studies": ["handmade"], "full": False, "seed": 0}
    return Report(title="Bounds & their risks", asked=asked, rows=tuple(handmade_rows()), run=run)


Shipped = Callable[[str], list[Row]]
"""The rows of a study of the default report, its canary apart, by its name."""


@pytest.fixture(scope="session")
def shipped() -> Shipped:
    """From the report that the environment names, which ``.ci/run`` has made by then; computed here where there is none."""
    where = os.environ.get("GENBOUNDS_REPORT")
    read = read_report(where).rows if where else ()

    def rows_of(name: str) -> list[Row]:
        if where:
            found = [row for row in read if row.study == name and not isinstance(row, CanaryRow)]
            assert found, f"{where} has no rows of {name}"
            return found
        study = study_named(name)
        cells = study.cells()
        return list(study.rows(cells, [parse_json(canonical_json(result)) for result in study.run_tile(cells)]))

    return rows_of
