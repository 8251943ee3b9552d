"""Proofs of certificates: every step checked again by the checker of docs/, and refused when any field is changed."""

from __future__ import annotations

import copy
import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import mpmath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.bounds.strategies.table import CASES, READINGS, with_form

from genbounds.bounds import Bound, Certificate, Choice, holdout, margin, pac_bayes, perceptron, stability, vc
from genbounds.bounds.proof import checksum, written

CHECKER = Path(__file__).parents[2] / "docs" / "check_proof.py"
UNPROVED = {
    "holdout.betting": "cumulative",
    "holdout.betting[fixed n]": "cumulative",
    "holdout.campi2023compression": "change_of_compression_inverse",
    "holdout.confidence_sequence": "mixture_inverse",
    "holdout.empirical_bernstein_sequence": "cumulative",
}
"""The readings that have no proof yet, and the step at which it stops."""
PROVED = [key for key, (formula, _) in READINGS.items() if isinstance(formula, Bound) and key in CASES and key not in UNPROVED]


def load_checker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("check_proof", CHECKER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


checker = load_checker()


def refused(proof: dict[str, Any]) -> bool:
    try:
        checker.check(proof)
    except checker.REFUSALS:
        return True
    return False


def sealed(proof: dict[str, Any]) -> dict[str, Any]:
    """The proof with the checksum of what it now says: what someone who wants to deceive would do."""
    return {**proof, "checksum": checksum(proof)}


def proof_of(certificate: Certificate) -> dict[str, Any]:
    """The proof as it is read from its file."""
    found: dict[str, Any] = json.loads(written(certificate.proof()))
    return found


# --- the checker ------------------------------------------------------------------------------------------------------------------------


def test_the_checker_is_short_and_imports_nothing_of_ours() -> None:
    source = CHECKER.read_text(encoding="utf-8")
    imports = {line.split()[1] for line in source.splitlines() if line.startswith(("import ", "from "))}
    assert imports == {"json", "re", "sys", "fractions", "functools", "itertools", "math", "pathlib"}
    assert len(source.splitlines()) <= 250
    assert not any(name in source for name in ("math.log", "math.exp", "math.sqrt", "eval(", "exec("))


def ends(low: Any, high: Any) -> tuple[Fraction, Fraction]:
    return Fraction(low), Fraction(high)


@pytest.mark.slow
@given(x=st.fractions(min_value=Fraction(1, 10**30), max_value=10**30), y=st.fractions(min_value=-500, max_value=500))
@settings(max_examples=60, deadline=None)
def test_its_functions_enclose_those_of_mpmath(x: Fraction, y: Fraction) -> None:
    def check(found: Any, exact: Any) -> None:
        low, high = (mpmath.mpf(end.numerator) / end.denominator for end in found)
        assert low - abs(exact) * mpmath.mpf(2) ** -390 <= exact <= high + abs(exact) * mpmath.mpf(2) ** -390
        assert high - low <= abs(exact) * mpmath.mpf(2) ** -170

    with mpmath.workprec(400):
        a, b = (mpmath.mpf(z.numerator) / z.denominator for z in (x, y))
        check(checker.log(ends(x, x)), mpmath.log(a))
        check(checker.exp(ends(y, y)), mpmath.exp(b))
        check(checker.root(ends(x, x)), mpmath.sqrt(a))
        check(checker.power(ends(x, x), ends(Fraction(1, 3), Fraction(1, 3))) if x != 1 else ends(1, 1), a ** (mpmath.mpf(1) / 3))


@pytest.mark.parametrize("n", [1, 2, 3, 50, 1000])
def test_its_xi_is_the_sum(n: int) -> None:
    exact, term = Fraction(1), Fraction(1)
    for j in range(n):
        term *= Fraction(n - j, n)
        exact += term
    low, high = checker.POINTS["xi"](ends(n, n))
    assert low <= exact <= high
    assert high - low < Fraction(1, 2**180)


@pytest.mark.slow
@given(n=st.integers(1, 40), k=st.integers(0, 40), p=st.fractions(Fraction(1, 100), Fraction(99, 100)))
@settings(max_examples=60, deadline=None)
def test_its_binomial_tail_is_the_sum(n: int, k: int, p: Fraction) -> None:
    from math import comb

    k = min(k, n - 1)
    exact = sum((comb(n, j) * p**j * (1 - p) ** (n - j) for j in range(k + 1)), Fraction(0))
    near = exact * Fraction(1, 2**150)
    ask = checker.binomial_tail_inverse
    counts = ends(k, k), ends(n, n)
    assert ask(*counts, ends(exact + near, exact + near), p, True)
    assert not ask(*counts, ends(exact - near, exact - near), p, True)
    assert ask(*counts, ends(exact - near, exact - near), p, False)
    assert not ask(*counts, ends(exact + near, exact + near), p, False)


@pytest.mark.slow
@given(q=st.fractions(0, 1), p=st.fractions(Fraction(1, 1000), Fraction(999, 1000)))
@settings(max_examples=60, deadline=None)
def test_its_inverses_of_kl_ask_for_kl(q: Fraction, p: Fraction) -> None:
    with mpmath.workprec(300):
        a, b = (mpmath.mpf(z.numerator) / z.denominator for z in (q, p))
        parts = [x * mpmath.log(x / y) for x, y in ((a, b), (1 - a, 1 - b)) if x]
        cost = Fraction(int(mpmath.floor(sum(parts) * mpmath.mpf(2) ** 200)), 2**200)
    near = Fraction(1, 2**120)
    more, less = ends(cost + near, cost + near), ends(max(Fraction(0), cost - near), max(Fraction(0), cost - near))
    upward, ask = p > q, checker.INVERSES["kl_inverse" if p > q else "kl_inverse_lower"]
    assert ask(ends(q, q), less, p, upward)
    assert ask(ends(q, q), more, p, not upward)
    if cost > 2 * near:
        assert not ask(ends(q, q), more, p, upward)
        assert not ask(ends(q, q), less, p, not upward)


# --- every bound ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", PROVED)
def test_the_certificate_of_every_bound_is_proved(key: str) -> None:
    bound = READINGS[key][0]
    assert isinstance(bound, Bound)
    certificate = bound(**with_form(key, CASES[key].example))
    proof = proof_of(certificate)
    checker.check(proof)
    claim = float.fromhex(proof["claim"])
    assert certificate.value * (1 - 1e-9) - 1e-300 <= claim <= certificate.value


@pytest.mark.parametrize("key", UNPROVED)
def test_the_bounds_without_a_proof_say_which_step(key: str) -> None:
    bound = READINGS[key][0]
    assert isinstance(bound, Bound)
    with pytest.raises(ValueError, match=rf"step \d+, {UNPROVED[key]} of .*can't be proved"):
        bound(**with_form(key, CASES[key].example)).proof()


def test_a_chosen_value_is_paid_in_the_proof() -> None:
    given_inputs: dict[str, Any] = {"empirical_risk": 0, "kl": 50, "n": 1000, "delta": Fraction(1, 20)}
    chosen = pac_bayes.catoni(**given_inputs, temperature=Choice(2, alternatives=10, how="grid of ten temperatures"))
    proof = proof_of(chosen)
    checker.check(proof)
    assert proof["inputs"]["weight_of_what_was_chosen"] == "1/10"
    assert float.fromhex(proof["claim"]) == chosen.value > pac_bayes.catoni(**given_inputs, temperature=2).value


def test_a_binomial_tail_of_ten_thousand_trials_is_proved() -> None:
    certificate = holdout.clopper_pearson(errors=137, n=10**4, delta=Fraction(1, 20))
    proof = proof_of(certificate)
    checker.check(proof)
    assert float.fromhex(proof["claim"]) == certificate.value
    assert len(written(proof)) < 2000


# --- what can't be proved ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("certificate", "said"),
    [
        (lambda: holdout.clopper_pearson(errors=5, n=10**6, delta=0.05), "step 3, binomial_tail_inverse of 0, 1, 2, can't be proved"),
        (lambda: pac_bayes.seeger2002(empirical_risk=0, kl=5, n=10**12, delta=0.05), "step 4, xi of 2, can't be proved"),
        (
            lambda: stability.hardt2016nonconvex(
                lipschitz=1, smoothness=Fraction(1, 2), step_scale=Fraction(1, 2), steps=10**6, n=1000, loss_range=1
            ),
            "gamma_quotient",
        ),
    ],
)
def test_what_cant_be_proved_says_which_step(certificate: Callable[[], Certificate], said: str) -> None:
    with pytest.raises(ValueError, match="must be elementary to be proved") as error:
        certificate().proof()
    assert said in str(error.value)


def test_an_infinite_value_has_no_proof() -> None:
    certificate = perceptron.novikoff(radius=1e300, margin=1e-300)
    with pytest.raises(ValueError, match="must be finite to be proved"):
        certificate.proof()


def test_a_value_that_the_formula_does_not_give_has_no_proof() -> None:
    from dataclasses import replace

    certificate = holdout.hoeffding(empirical_risk=0, n=100, delta=0.05)
    with pytest.raises(ValueError, match="must give its value"):
        replace(certificate, value=certificate.value * (1 - 1e-15)).proof()


# --- changed proofs ---------------------------------------------------------------------------------------------------------------------


CHANGED: dict[str, Callable[[], Certificate]] = {
    "hoeffding": lambda: holdout.hoeffding(empirical_risk="0.016", n=1000, delta="0.05"),
    "clopper_pearson": lambda: holdout.clopper_pearson(errors=16, n=1000, delta="0.05"),
    "occam_kl": lambda: holdout.occam_kl(empirical_risk=0.1, n=500, log_inverse_prior=9.5, delta="0.05"),
    "bennett": lambda: holdout.bennett(empirical_risk="0.1", n=500, variance_bound="0.04", delta="0.05"),
    "seeger2002": lambda: pac_bayes.seeger2002(empirical_risk=0.08, kl=387.6, n=1200, delta="0.04"),
    "sauer": lambda: vc.sauer(empirical_risk="0.01", n=5000, vc_dimension=7, delta="0.05"),
    "novikoff": lambda: perceptron.novikoff(radius=4.8, margin=0.17),
    "spectral": lambda: margin.spectral(
        margin_risk=0,
        margin=1.5,
        spectral_norms=(1.3, 2),
        distances_2_1=(1, 0.7),
        lipschitz=(1, 1),
        widths=(3, 4, 1),
        outputs=1,
        data_norm=2.5,
        n=10**6,
        delta="0.05",
    ),
}


@pytest.fixture(scope="module", params=CHANGED)
def proof(request: pytest.FixtureRequest) -> dict[str, Any]:
    found = proof_of(CHANGED[request.param]())
    checker.check(found)
    return found


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every entry and every leaf of JSON values."""
    if path:
        yield path
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from places(value[key], (*path, key))


def at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


def other_texts(text: str) -> list[str]:
    """Other texts of the same kind: of a number others nearby, of an enclosure with an end moved outward or inward."""
    found = [text + "1" if text != "0x0p0" else "0x1p0", "other"]
    if text and text[:1].isdigit() and "x" not in text:
        found.append(str(Fraction(text) + 1))
    if text.startswith(("0x", "-0x")) and "p" in text:
        numbers = [checker.number(part) for part in text.split()]
        for index in range(len(numbers)):
            for factor in (1 + Fraction(1, 2**50), 1 - Fraction(1, 2**50)):
                moved = [(number or Fraction(1, 2**300)) * factor if i == index else number for i, number in enumerate(numbers)]
                found.append(" ".join(f"{int(x * 2**400):#x}p-400" for x in moved))
    return found


def others(value: Any) -> list[Any]:
    """What might stand there instead."""
    if isinstance(value, bool):
        return [not value, None]
    if isinstance(value, int):
        return [value + 1, value - 1, -1, str(value)]
    if isinstance(value, str):
        return other_texts(value)
    if isinstance(value, list):
        turned = value[::-1]
        return [*([turned] if turned != value else []), value[:-1], [*value, *value[-1:]], [], None]
    if isinstance(value, dict):
        without = [{key: entry for key, entry in value.items() if key != name} for name in value]
        return [*without, *([{}] if value else []), None]
    return [True, "0x1p0"]


def changes(proof: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The proof with one of its fields changed, for every field (of a long proof every third)."""
    paths = list(places(proof))
    for path in paths[:: 1 + len(paths) // 400]:
        for other in others(at(proof, path)):
            changed = copy.deepcopy(proof)
            at(changed, path[:-1])[path[-1]] = other
            yield f"{path} = {other!s:.60}", changed


WORDS = ("bound", "form", "kind", "bounds_on", "name", "bits")
"""What says what the number is called, or only sets the precision: nothing but the checksum guards it."""


@pytest.mark.slow
def test_every_change_of_a_field_is_refused(proof: dict[str, Any]) -> None:
    accepted = [what for what, changed in changes(proof) if not refused(changed)]
    assert accepted == []


@pytest.mark.slow
def test_every_change_of_what_is_proved_is_refused_whatever_its_checksum(proof: dict[str, Any]) -> None:
    """Someone who changes a proof and mends its checksum is refused by the arithmetic alone.

    What a comparison compares is left out here, as another one may hold as well; that is seen in what is printed.
    """
    accepted, tried = [], 0
    paths = list(places(proof))
    for path in paths[:: 1 + len(paths) // 120]:
        compares = path[0] == "steps" and len(path) > 2 and path[2] == "of" and proof["steps"][path[1]]["op"] in ("less", "less_equal")
        if set(path) & set(WORDS) or path == ("checksum",) or compares:
            continue
        for other in others(at(proof, path)):
            changed = copy.deepcopy(proof)
            at(changed, path[:-1])[path[-1]] = other
            tried += 1
            if not refused(sealed(changed)) and not same_proof(proof, changed):
                accepted.append(f"{path} = {other!s:.60}")
    assert accepted == []
    assert tried > 60


def same_proof(proof: dict[str, Any], changed: dict[str, Any]) -> bool:
    """Whether a change says the same: terms added in another order, or a maximum taken of it."""
    return [step["is"] for step in proof["steps"] if "is" in step] == [step["is"] for step in changed["steps"] if "is" in step] and proof[
        "claim"
    ] == changed["claim"]


@pytest.mark.slow
def test_steps_that_are_left_out_doubled_or_in_another_order_are_refused(proof: dict[str, Any]) -> None:
    steps = proof["steps"]
    for i in range(0, len(steps), 1 + len(steps) // 25):
        assert refused(sealed({**proof, "steps": steps[:i] + steps[i + 1 :]})), f"without step {i}"
        assert refused(sealed({**proof, "steps": [*steps[: i + 1], *steps[i:]]})), f"with step {i} twice"
        if i:
            assert refused(sealed({**proof, "steps": [*steps[: i - 1], steps[i], steps[i - 1], *steps[i + 1 :]]})), (
                f"step {i} before {i - 1}"
            )


def renumbered(proof: dict[str, Any], left_out: int) -> dict[str, Any]:
    """The proof without one step, whose users take its first argument instead: another formula."""
    stands = proof["steps"][left_out]["of"][0]

    def number(x: Any) -> Any:
        x = stands if x == left_out and type(x) is int else x
        return x - (x > left_out) if type(x) is int else x

    steps = [{**step, "id": number(step["id"]), "of": [number(x) for x in step["of"]]} for step in proof["steps"] if step["id"] != left_out]
    return {
        **proof,
        "steps": steps,
        "terms": {name: number(i) for name, i in proof["terms"].items()},
        "conditions": {name: [number(i) for i in ids if i != left_out] for name, ids in proof["conditions"].items()},
    }


@pytest.mark.slow
def test_a_step_that_is_bridged_over_is_refused(proof: dict[str, Any]) -> None:
    """Without the square root, say, and with everything renumbered: the enclosures after it don't follow.

    What only a comparison uses is left out here: another comparison may hold as well, which is seen in what is printed.
    """
    steps = proof["steps"]
    bridged = []
    for i, step in enumerate(steps[:-1]):
        users = {other["op"] for other in steps if i in other["of"]}
        if step["op"] == "input" or "is" not in step or type(step["of"][0]) is not int or users <= {"less", "less_equal"}:
            continue
        if step["is"] != steps[step["of"][0]].get("is"):  # a maximum may be its first argument
            bridged.append(i)
    assert bridged
    assert [i for i in bridged if not refused(sealed(renumbered(proof, i)))] == []


def test_a_claim_that_is_not_the_last_step_rounded_up_is_refused(proof: dict[str, Any]) -> None:
    from math import inf, nextafter

    claim = float.fromhex(proof["claim"])
    for other in (nextafter(claim, inf), nextafter(claim, -inf), claim / 2):
        assert refused(sealed({**proof, "claim": other.hex()}))


def test_another_formula_of_the_same_steps_is_seen_in_what_is_printed() -> None:
    """An honest proof of Hoeffding's bound without its logarithm is a proof, of what it says it proves."""
    lines = list(checker.formula(proof_of(CHANGED["hoeffding"]())))
    assert lines == ["  empirical risk = empirical_risk", "  deviation = sqrt((log((1 / delta)) / (2 * n)))"]


@pytest.mark.slow
def test_the_script_says_what_was_proved_and_refuses_by_its_exit_status(tmp_path: Path) -> None:
    file = tmp_path / "proof.json"
    text = written(CHANGED["seeger2002"]().proof())
    file.write_text(text, encoding="utf-8")
    done = subprocess.run([sys.executable, "-I", str(CHECKER), str(file)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "kl inversion = kl_inverse(empirical_risk, ((kl + log((xi(n) / delta))) / n))" in done.stdout
    assert "11 steps hold" in done.stdout
    file.write_text(text.replace('"1200"', '"1201"'), encoding="utf-8")
    done = subprocess.run([sys.executable, "-I", str(CHECKER), str(file)], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "REFUSED" in done.stderr
