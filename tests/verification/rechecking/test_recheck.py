"""Printed certificates computed again: intervals, verdicts, explanations, the command."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from typing import Any

import pytest
from tests.reference import pac_bayes as reference
from typer.testing import CliRunner

from genbounds.bounds import Bound, catalogue, get
from genbounds.bounds.exact import read_decimal
from genbounds.verification.cli import app
from genbounds.verification.rechecking.explanations import Setting
from genbounds.verification.rechecking.recheck import FIXED, Printed, Validity, _read, recheck

RUNNER = CliRunner()
INPUTS: dict[str, Any] = {"empirical_risk": "0.030", "kl": "500", "n": 10_000, "delta": "0.05"}


def _exact(risk: Any, kl: Fraction) -> float:
    return float(reference.seeger2002(empirical_risk=risk, kl=kl, n=10_000, delta=Fraction(1, 20)))


def test_a_printed_decimal_is_all_that_rounds_to_it() -> None:
    assert Printed.read("5.1e3") == Printed("5.1e3", Fraction(5050), Fraction(5150))
    assert Printed.read("0.00").low == 0
    assert Printed.read("28/1000").low == Printed.read("28/1000").high == Fraction(7, 250)
    assert Printed.exact("0.025").low == Fraction(1, 40)


def test_the_certificates_at_the_ends_enclose_every_reading() -> None:
    found = recheck("0.118", **INPUTS)
    low, high = Fraction(59, 2000), Fraction(61, 2000)
    assert found.least.value == pytest.approx(_exact(low, Fraction(999, 2)), rel=1e-9)
    assert found.most.value == pytest.approx(_exact(high, Fraction(1001, 2)), rel=1e-9)


@pytest.mark.parametrize(
    ("printed", "verdict"),
    [("0.119", Validity.VALID), ("0.118", Validity.UNDECIDED), ("0.1176", Validity.UNDECIDED), ("0.115", Validity.NOT_VALID)],
)
def test_verdicts(printed: str, verdict: Validity) -> None:
    """The readings reach from .11656 to .11853."""
    assert recheck(printed, **INPUTS).verdict is verdict


def test_exact_inputs_leave_no_room() -> None:
    exact = {**INPUTS, "empirical_risk": "3/100", "kl": 500}
    assert recheck("0.11755", **exact).verdict is Validity.VALID
    assert recheck("0.11754", **exact).verdict is Validity.NOT_VALID


def test_a_risk_that_prints_as_1_is_at_most_1() -> None:
    assert recheck("1.00", **{**INPUTS, "empirical_risk": "1.00"}).most.value == 1


def test_the_draws_of_the_posterior_are_charged() -> None:
    found = recheck("0.118", **{**INPUTS, "empirical_risk": "3/100", "kl": 500}, draws=1000, draws_delta="0.01")
    risk = reference.monte_carlo_risk(sampled_risk=Fraction(3, 100), draws=1000, delta=Fraction(1, 100))
    assert found.most.value == pytest.approx(_exact(risk, Fraction(500)), rel=1e-9)
    assert found.most.delta == Fraction(3, 50)


def test_kl_over_n_and_kl_are_the_same() -> None:
    per_n: dict[str, Any] = {"empirical_risk": "3/100", "kl_per_n": "500/10000", "n": 10_000, "delta": "0.05"}
    whole: dict[str, Any] = {"empirical_risk": "3/100", "kl": 500, "n": 10_000, "delta": "0.05"}
    assert recheck("0.2", **per_n).most.value == recheck("0.2", **whole).most.value


def test_a_bound_of_another_family_is_computed_by_its_own_theorem() -> None:
    found = recheck("0.0694", bound="kawaguchi2017validation", empirical_risk=0, candidates=10**9, n=10_000, delta="0.1", variance_bound=1)
    assert found.verdict is Validity.VALID
    assert found.reproduced


@pytest.mark.parametrize(
    ("bound", "inputs", "measured"),
    [
        ("holdout.empirical_bernstein", {"empirical_risk": "3/100", "n": 5000, "delta": "0.05"}, ("variance", "0.010", 0.0095, 0.0105)),
        ("holdout.online_to_batch", {"n": 5000, "delta": "0.05"}, ("online_risk", "0.05", 0.045, 0.055)),
        ("rademacher.uniform_deviation", {"empirical_risk": "1/20", "n": 5000, "delta": "0.05"}, ("complexity", "0.02", 0.015, 0.025)),
    ],
)
def test_every_measured_input_is_all_that_rounds_to_it(bound: str, inputs: dict[str, Any], measured: tuple[str, str, float, float]) -> None:
    """A certificate of the true, unrounded input is not called invalid, whichever of the readings it was."""
    name, printed, low, high = measured
    exact = {key: Fraction(value) if isinstance(value, str) else value for key, value in inputs.items()}
    values = [get(bound)(**exact, **{name: end}).value for end in (low, (low + high) / 2, high)]
    found = recheck(f"{values[0] + 1e-7:.8f}", bound=bound, **inputs, **{name: printed})
    assert found.verdict is Validity.UNDECIDED
    assert [found.least.value, found.most.value] == pytest.approx([values[0], values[2]], rel=1e-12)


@pytest.mark.parametrize("name", [formula.name for formula in catalogue() if isinstance(formula, Bound)])
def test_what_is_read_as_an_interval_follows_the_declaration_of_the_bound(name: str) -> None:
    """Counts and what is fixed in advance are exact; what the bound is monotone in is an interval; anything else needs an exact number."""
    theorem = get(name)
    assert isinstance(theorem, Bound)
    for wanted, domain in theorem.domains.items():
        assert domain is not None
        if domain.vector or domain.whole:
            continue
        text = "0.3"
        declared = theorem.declaration
        fixed = wanted in FIXED or wanted in declared.fixed_in_advance
        monotone = wanted in {*declared.increasing, *declared.decreasing} - set(declared.by_inclusion)
        if fixed or monotone:
            printed = _read(theorem, wanted, text)
            assert (printed.low < printed.high) is not fixed
        else:
            with pytest.raises(ValueError, match=f"{wanted}: .* not monotone"):
                _read(theorem, wanted, text)
            assert _read(theorem, wanted, "3/10").low == Fraction(3, 10)


def test_a_risk_that_prints_as_1_has_explanations_too() -> None:
    """Nothing is evaluated at 1.05, which no risk is."""
    found = recheck("0.5", **{**INPUTS, "empirical_risk": "1.0"})
    assert found.most.value == 1
    assert found.verdict is Validity.NOT_VALID


def test_a_confidence_is_printed_rounded_down() -> None:
    assert "with probability at least 0.9999999\n" in recheck("0.2", **{**INPUTS, "delta": "1e-7"}).summary()
    assert "with probability at least 0.95\n" in recheck("0.2", **INPUTS).summary()


@pytest.mark.parametrize("text", ["1e99999999", "1e-99999999", "5E+99999999", "1e401"])
def test_huge_exponents_are_refused_before_they_are_computed(text: str) -> None:
    for name in ("empirical_risk", "kl", "delta", "n"):
        with pytest.raises(ValueError, match="1e400"):
            recheck("0.1", **{**INPUTS, name: text})
    with pytest.raises(ValueError, match="1e400"):
        recheck(text, **INPUTS)
    with pytest.raises(ValueError, match="1e400"):
        read_decimal(text)
    for arguments in (["compute", "hoeffding", f"empirical_risk={text}", "n=10", "delta=0.05"], ["recheck", text, "n=10"]):
        assert RUNNER.invoke(app, arguments).exit_code == 2


# --- explanations -------------------------------------------------------------------------------------------------------------------------

SAMPLED: dict[str, Any] = {"empirical_risk": "2/100", "kl": 60, "n": 30_000, "delta": "0.025", "draws": 10_000, "draws_delta": "0.01"}


def _kl_inverse(q: float, c: float) -> float:
    """By bisection: another way than the library's."""
    low, high = q, 1.0
    for _ in range(200):
        middle = (low + high) / 2
        kl = q * math.log(q / middle) + (1 - q) * math.log((1 - q) / (1 - middle)) if middle < 1 else math.inf
        low, high = (middle, high) if kl < c else (low, middle)
    return high


def _wrong(n: int = 30_000, draws: bool = True, moment: float | None = None, delta: float = 0.025, two: bool = False) -> float:
    """The certificate of ``SAMPLED`` with departures, from its formula; xi by Ramanujan's expansion."""
    risk = _kl_inverse(0.02, math.log((2 if two else 1) / 0.01) / 10_000) if draws else 0.02
    xi = math.sqrt(math.pi * n / 2) + 2 / 3 + math.sqrt(math.pi / (2 * n)) / 12
    return _kl_inverse(risk, (60 + math.log((moment or xi) / delta)) / n)


@pytest.mark.parametrize(
    ("value", "departure", "sound"),
    [
        (_wrong(n=60_000), "n = 60000, the whole set", False),
        (_wrong(draws=False), "no Monte-Carlo term", False),
        (_wrong(moment=2 * math.sqrt(30_000)), "2 sqrt(n) in place of xi(n)", True),
        (_wrong(moment=30_001), "n + 1 in place of xi(n)", True),
        (_wrong(delta=0.01), "delta' of the draws in the bound too", True),
        (_wrong(delta=0.0125), "half of delta for the bound", True),
        (_wrong(two=True), "ln(2/delta') in the Monte-Carlo term", True),
    ],
)
def test_each_departure_is_named(value: float, departure: str, sound: bool) -> None:
    found = recheck(f"{value:.9f}", whole=60_000, **SAMPLED)
    assert not found.reproduced
    assert [(one.departures, one.sound) for one in found.explanations] == [((departure,), sound)]
    assert (found.verdict is Validity.VALID) is sound


@pytest.mark.slow
def test_pinsker_and_the_quadratic_relaxation_are_named() -> None:
    cost = (60 + math.log(Setting(30_000, 0.025).n + 1) - math.log(0.025)) / 30_000
    risk = _kl_inverse(0.02, math.log(100) / 10_000)
    for value, name in ((risk + math.sqrt(cost / 2), "Pinsker"), ((math.sqrt(risk + cost / 2) + math.sqrt(cost / 2)) ** 2, "quadratic")):
        (found,) = recheck(f"{value:.9f}", **SAMPLED).explanations
        assert found.departures[0] == "n + 1 in place of xi(n)"
        assert name in found.departures[1]
        assert found.sound


def test_two_departures_are_found_together_and_the_reason_that_is_unsound_decides() -> None:
    found = recheck(f"{_wrong(n=60_000, draws=False):.9f}", whole=60_000, **SAMPLED)
    assert [one.departures for one in found.explanations] == [("n = 60000, the whole set", "no Monte-Carlo term")]
    assert not found.explanations[0].sound
    assert "(not a bound)" in found.summary()


def test_kl_over_n_follows_the_n_of_the_departure() -> None:
    """A paper that prints KL/n with n the whole set, and takes that n in the bound, is found out with ``whole``."""
    inputs = {**{name: value for name, value in SAMPLED.items() if name != "kl"}, "kl_per_n": "1/1000"}
    found = recheck(
        f"{_kl_inverse(_kl_inverse(0.02, math.log(100) / 10_000), (60 + math.log(307.66 / 0.025)) / 60_000):.6f}", whole=60_000, **inputs
    )
    assert [one.departures for one in found.explanations] == [("n = 60000, the whole set",)]


@pytest.mark.slow
def test_what_nothing_explains_says_so() -> None:
    found = recheck("0.5", **SAMPLED)
    assert found.explanations == ()
    assert "no reading that was tried" in found.summary()


# --- refusals and the command -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"draws": 100}, "draws and draws_delta must be given together"),
        ({"empirical_risk": "abc"}, "empirical_risk: a printed number must be written like"),
        ({"kl_per_n": "0.1"}, "kl_per_n must come with n and without kl"),
        ({"bound": "pac_bayes.gaussian_kl"}, "bound must be a bound of a risk"),
        ({"n": 0}, "n must"),
        ({"delta": "2"}, "delta must lie in"),
        ({"empirical_risk": "2"}, "empirical_risk must"),
        ({"draws": "10.5", "draws_delta": "0.01"}, "draws must be a whole number"),
        ({"whole": 0}, "whole must be a whole number"),
        ({"kl": "1/0"}, "kl: a printed number"),
        ({"kl": float("inf")}, "kl: a printed number"),
        ({"kl": "inf"}, "kl: a printed number"),
        ({"bound": "holdout.clopper_pearson", "draws": 5, "draws_delta": "0.1"}, "draws must be left out"),
    ],
)
def test_bad_input_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        recheck("0.1", **{**INPUTS, **change})


def test_the_command_says_what_the_function_says_and_exits_with_1_below_the_certificate() -> None:
    arguments = ["recheck", "0.161", "empirical_risk=0.028", "kl=5144", "n=55000", "delta=0.025"]
    fine = RUNNER.invoke(app, arguments)
    assert fine.exit_code == 0
    assert "consistent at the printed precision" in fine.stdout
    assert "follows" not in fine.stdout  # one verdict, not two
    failed = RUNNER.invoke(app, [*arguments, "--draws", "150000", "--draws-delta", "0.01", "--json"])
    assert failed.exit_code == 1
    found = json.loads(failed.stdout)
    assert found["verdict"] == "not valid"
    assert found["explanations"] == [{"departures": ["no Monte-Carlo term"], "sound": False}]
    assert found["confidence_level"] == {"fraction": "193/200"}


def test_a_forgotten_input_is_wrong_usage_and_no_verdict() -> None:
    """With posterior draws it was a KeyError, whose exit status is that of a refuted certificate."""
    for forgotten in INPUTS:
        rest = {name: value for name, value in INPUTS.items() if name != forgotten}
        with pytest.raises(ValueError, match=f"none for {forgotten}"):
            recheck("0.1", **rest, draws=100, draws_delta="0.01")
        arguments = [f"{name}={value}" for name, value in rest.items()]
        result = RUNNER.invoke(app, ["recheck", "0.1", *arguments, "--draws", "100", "--draws-delta", "0.01"])
        assert result.exit_code == 2
        assert forgotten in result.stderr


@pytest.mark.parametrize("error", [KeyError("n"), AttributeError("x"), AssertionError(), IndexError(), MemoryError()])
def test_a_fault_of_the_program_has_no_exit_status_of_a_verdict(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def broken(*arguments: Any, **options: Any) -> None:
        raise error

    monkeypatch.setattr("genbounds.verification.rechecking.recheck.recheck", broken)
    result = RUNNER.invoke(app, ["recheck", "0.1", "n=10"])
    assert result.exit_code == 70
    assert "fault of genbounds, and no verdict" in result.stderr
    assert "Traceback" in result.stderr
    assert result.stdout == ""


def test_a_traceback_that_was_asked_for_changes_no_exit_status(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENBOUNDS_TRACEBACK", "1")
    result = RUNNER.invoke(app, ["recheck", "0.1", "n=10"])
    assert result.exit_code == 2
    assert "Traceback" in result.stderr


@pytest.mark.parametrize("argument", ["n", "n=", "draws=5", "delta=0.025"])
def test_the_command_refuses_what_it_cannot_read(argument: str) -> None:
    result = RUNNER.invoke(app, ["recheck", "0.161", "empirical_risk=0.028", "kl=5144", "delta=0.025", argument])
    assert result.exit_code == 2
    assert result.stdout == ""
