"""check() of capacities: right ones and wrong ones, of the catalogue and of a user's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from genbounds.bounds import Capacity, Source, capacity, get, registry
from genbounds.bounds.worlds.protocol import Number, World
from genbounds.verification import check
from genbounds.verification.cli import app
from genbounds.verification.report.read import read_report

FILE = '''
from genbounds.bounds import Source, capacity

WORDS = {"source": Source("Cover 1965", "Theorem 1"), "gives": "vc_dimension", "symbols": {"inputs": "d", "depth": "L"}}


@capacity(**WORDS)
def right(math, *, inputs):
    """The VC dimension of half-spaces."""
    return {"dimension": inputs + 1}


@capacity(**WORDS)
def wrong(math, *, inputs):
    """The same, divided by 1.1."""
    return {"dimension": (inputs + 1) / math.ratio(11, 10)}


@capacity(**WORDS)
def unfed(math, *, depth):
    """The VC dimension of decision trees on the line."""
    return {"dimension": math.power(2, depth)}


@capacity(**{**WORDS, "gives": "luck"})
def unknown(math, *, inputs):
    """Nobody knows it."""
    return {"luck": inputs}
'''


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(registry, "_formulas", dict(registry._formulas))
    path = tmp_path / "own_capacities.py"
    path.write_text(FILE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return path.name


@pytest.mark.parametrize(
    ("name", "status", "said"),
    [
        ("right", 0, "own_capacities.right: not refuted; any smaller bound would have been (dimension of half-spaces: "),
        ("wrong", 1, "own_capacities.wrong: refuted (dimension of half-spaces, brute force): in the world "),
        ("unfed", 2, "own_capacities.unfed: not judged: dimension of half-spaces: nothing supplies depth"),
        ("unknown", 2, "own_capacities.unknown: not judged: no small world knows 'luck'; they know "),
        (
            "unwritten",
            2,
            "genbounds: own_capacities.py must define a bound named unwritten, or a capacity, got right, wrong, unfed, unknown",
        ),
    ],
)
def test_a_users_capacity_is_judged_from_its_file(own: str, name: str, status: int, said: str) -> None:
    result = CliRunner().invoke(app, ["check", f"{own}:{name}"])
    assert result.exit_code == status, result.output
    assert " ".join(result.output.split()).startswith(said), result.output


def test_a_file_with_several_capacities_and_no_bound_needs_a_name(own: str) -> None:
    result = CliRunner().invoke(app, ["check", own])
    assert result.exit_code == 2
    assert "got right, wrong, unfed, unknown: write own_capacities.py:NAME" in " ".join(result.output.split())


def test_the_only_capacity_of_a_file_needs_none(own: str) -> None:
    Path("single_capacity.py").write_text(FILE.split("@capacity(**WORDS)\ndef wrong")[0], encoding="utf-8")
    assert CliRunner().invoke(app, ["check", "single_capacity.py"]).exit_code == 0


@pytest.mark.slow
def test_a_wrong_one_is_refuted_in_a_report_of_its_own_and_as_json(own: str) -> None:
    result = CliRunner().invoke(app, ["check", f"{own}:wrong", "--report", "told", "--json"])
    assert result.exit_code == 1, result.output
    assert json.loads(result.stdout)["refuted"] is True
    assert {row.bound for row in read_report("told/report.json").refuted} == {"own_capacities.wrong"}


@pytest.mark.parametrize(("option", "value"), [("--search", None), ("--export", "x.json")])
def test_what_is_for_bounds_alone_is_refused(own: str, option: str, value: str | None) -> None:
    result = CliRunner().invoke(app, ["check", f"{own}:right", option, *([] if value is None else [value])])
    assert result.exit_code == 2
    assert f"{option} must be left out for a capacity" in " ".join(result.output.split())


def test_small_worlds_may_be_chosen_and_others_are_refused() -> None:
    chosen = check("log_growth_sauer", scenarios="patterns_of_small_sets", rungs="brute force")
    assert [trial.match.scenario.name for trial in chosen.judged] == ["patterns of small sets"]
    assert check("log_growth_sauer").resolution == chosen.resolution > 0.99
    with pytest.raises(ValueError, match=r"small worlds that know its log_growth .*got 'fixed hypothesis'"):
        check("log_growth_sauer", scenarios="fixed hypothesis")
    with pytest.raises(ValueError, match="rungs of a capacity must be 'brute force', got 'coverage'"):
        check("log_growth_sauer", rungs="coverage")


def test_what_is_left_when_the_time_is_up_is_named() -> None:
    sound = get("vc.log_growth_sauer")
    assert isinstance(sound, Capacity)
    found = check(sound, seconds=0.0)
    assert not found.judged
    assert "patterns of small sets" in found.skipped


def test_a_capacity_that_assumes_more_than_a_small_world_guarantees_is_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    from genbounds.bounds.assumptions import ONE_PASS

    monkeypatch.setattr(registry, "_formulas", dict(registry._formulas))

    @capacity(source=Source("Doe 2026", "Lemma 1"), gives="vc_dimension", symbols={"inputs": "d"}, assumes=(ONE_PASS,))
    def assuming(math: World, *, inputs: Number) -> dict[str, Number]:
        """A dimension with an assumption that no small world speaks of."""
        return {"dimension": inputs / 2}

    found = check(assuming)
    assert not found.judged
    assert not found.refuted
    assert "does not guarantee 'one pass'" in found.lacking()
