"""check(): right bounds and wrong ones, of the catalogue and of a user's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from genbounds.bounds import get
from genbounds.bounds.assumptions import HYPOTHESIS_INDEPENDENT_OF_SAMPLE, IID_SAMPLE, LOSS_IN_UNIT_INTERVAL, Assumption
from genbounds.bounds.bounds_on import MISTAKES, RISK
from genbounds.bounds.theorem import Bound
from genbounds.verification import check
from genbounds.verification.checks.matching import match
from genbounds.verification.cli import app
from genbounds.verification.scenarios import scenario
from genbounds.verification.scenarios.scenario import Scenario, Size, World, holding

USERS = '''
from genbounds.bounds import Source
from genbounds.bounds.assumptions import HYPOTHESIS_INDEPENDENT_OF_SAMPLE, IID_SAMPLE, LOSS_IN_UNIT_INTERVAL
from genbounds.bounds.theorem import bound


@bound(
    source=Source("hoeffding1963probability", "Theorem 2"),
    assumes=(IID_SAMPLE, LOSS_IN_UNIT_INTERVAL, HYPOTHESIS_INDEPENDENT_OF_SAMPLE),
    symbols={"empirical_risk": "r", "n": "n", "delta": r"\\\\delta"},
)
def NAME(math, *, empirical_risk, n, delta):
    """Hoeffding's bound with its deviation divided by DIVISOR."""
    return {"risk": empirical_risk, "deviation": math.sqrt(math.log_quotient(1, delta) / (2 * n)) / math.ratio(DIVISOR)}
'''


def users_file(folder: Path, name: str, divisor: str) -> Path:
    path = folder / f"{name}_file.py"
    path.write_text(USERS.replace("NAME", name).replace("DIVISOR", divisor))
    return path


@pytest.mark.slow
def test_a_right_bound_is_not_refuted_and_its_resolution_is_said() -> None:
    found = check("holdout.hoeffding", rungs="exact")
    assert not found.refuted
    assert found.resolution > 0.85
    assert found.sentence().startswith("not refuted; a deviation 0.90")


@pytest.mark.slow
def test_the_resolution_of_the_inner_loop_is_not_below_that_of_the_prototype() -> None:
    floors = {"clopper_pearson": 0.999, "chernoff_kl": 0.96, "growth_function": 0.0, "sauer": 0.84, "uniform_deviation": 0.999}
    found = {name: check(name, rungs="every sample").resolution for name in floors}
    assert all(found[name] >= floor for name, floor in floors.items()), found


@pytest.mark.slow
@pytest.mark.parametrize(("divisor", "status"), [("1, 1", 0), ("13, 10", 1)])
def test_a_users_bound_is_judged_from_its_file(tmp_path: Path, divisor: str, status: int) -> None:
    path = users_file(tmp_path, f"users_hoeffding_{status}", divisor)
    result = CliRunner().invoke(app, ["check", f"{path}:users_hoeffding_{status}"])
    assert result.exit_code == status, result.output
    assert ("refuted (fixed hypothesis" in result.output) == bool(status)


@pytest.mark.slow
def test_every_rung_of_a_check_can_be_printed_as_json() -> None:
    """Among them the enumeration of all risks, whose delta is a fraction."""
    result = CliRunner().invoke(app, ["check", "hoeffding", "--scenario", "fixed hypothesis", "--json"])
    assert result.exit_code == 0, result.output
    findings = {entry["rung"]: entry for entry in json.loads(result.stdout)["trials"][0]["findings"]}
    assert findings["all risks"]["delta"] == {"fraction": "1/20"}


@pytest.mark.slow
def test_a_proof_next_to_a_refutation_says_of_which_sample_size_it_speaks(tmp_path: Path) -> None:
    """Hoeffding's bound with its deviation divided by 1.3 is false, and true at n = 50 all the same."""
    path = users_file(tmp_path, "users_hoeffding_json", "13, 10")
    result = CliRunner().invoke(app, ["check", str(path), "--scenario", "fixed hypothesis"])
    assert result.exit_code == 1, result.output
    assert "all risks: proved by enumeration: the failure probability is at most" in result.output
    assert "(n = 50, delta = 0.05)" in result.output
    assert result.output.count("resolution: the largest factor") == 1


def test_a_file_that_is_of_no_use_ends_with_status_2_and_says_why(tmp_path: Path) -> None:
    broken, empty = tmp_path / "broken.py", tmp_path / "empty.py"
    broken.write_text("import a_module_that_is_not_there\n")
    empty.write_text("x = 1\n")
    for target, word in ((str(broken), "a_module_that_is_not_there"), (str(empty), "none"), (str(tmp_path / "absent.py"), "exist")):
        result = CliRunner().invoke(app, ["check", target])
        assert result.exit_code == 2
        assert word in result.output


class Nothing(Scenario):
    """A scenario that knows of mistakes, and supplies nothing."""

    name, description, inputs, truths, audit = "nothing", "nothing", frozenset(), frozenset({MISTAKES}), {}


def test_a_bound_that_nothing_feeds_says_what_is_missing() -> None:
    found = check("perceptron.novikoff", scenarios=Nothing())
    assert not found.judged
    assert "nothing supplies radius, margin" in found.sentence()


def test_unknown_names_are_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="fixed hypothesis"):
        check("hoeffding", scenarios="unheard of")
    with pytest.raises(ValueError, match="every sample"):
        check("hoeffding", rungs="unheard of")


def test_a_match_goes_by_declarations() -> None:
    hoeffding = get("hoeffding")
    assert isinstance(hoeffding, Bound)
    there = match(hoeffding, scenario("memoriser"))
    assert there.fits
    assert there.violated == (HYPOTHESIS_INDEPENDENT_OF_SAMPLE,)
    assert not there.judged
    unheard = Assumption("unheard of", "Nobody has said so.")
    assert match(hoeffding, scenario("fixed hypothesis"), assumes=(unheard,)).unknown == (unheard,)
    assert match(hoeffding, scenario("memoriser"), assumes=(IID_SAMPLE,)).judged  # what an incomplete list lets through


class Drawn(Scenario):
    """Independent draws of a coin's errors; ``drift`` is added to the true risk behind the bound's back."""

    name, description = "drawn", "draws of a coin"
    inputs, truths = frozenset({"n", "empirical_risk"}), frozenset({RISK})
    audit = holding("coins", IID_SAMPLE, LOSS_IN_UNIT_INTERVAL, HYPOTHESIS_INDEPENDENT_OF_SAMPLE)

    def __init__(self, drift: float) -> None:
        self.drift = drift

    def worlds(self, size: Size) -> Iterator[World]:
        return iter(())

    def draws(self, keys: range) -> Iterator[World]:
        errors = np.array([np.random.default_rng(key).binomial(50, 0.5) for key in keys])
        yield World("n = 50", {"n": 50}, {"empirical_risk": list(errors / 50)}, {RISK: [0.5 + self.drift] * len(keys)})


@pytest.mark.slow
def test_the_rung_of_draws_refutes_what_is_false_and_not_what_is_true() -> None:
    # False alarm: alpha = .001 by the e-process; seeds fixed.
    assert not check("hoeffding", scenarios=Drawn(0.0)).refuted
    leaking = check("hoeffding", scenarios=Drawn(0.2))
    assert leaking.refuted
    assert "repeated draws" in leaking.sentence()
    assert 0.3 < check("hoeffding", scenarios=Drawn(0.0)).resolution < 1
