"""What a run would cost: counts by hand, the disk untouched, and memory that does not grow with the cells."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode
from typer.testing import CliRunner

from genbounds.models.ensemble import Ensemble
from genbounds.verification.cli import app
from genbounds.verification.runs.cells import Cost
from genbounds.verification.runs.planner import described, expected, measured_speed, training_cost
from genbounds.verification.runs.run import run
from genbounds.verification.studies import PHENOMENA, default_studies
from genbounds.verification.studies.coverage import Coverage

DUMMIES = Path(__file__).parents[1] / "dummies"
sys.path.insert(0, str(DUMMIES))

from counting_study import Counting  # noqa: E402
from training_study import BATCH, STEPS, WIDTHS, Training  # noqa: E402


@pytest.mark.slow
def test_operations_are_those_that_pytorch_counts() -> None:
    """PyTorch's own counter of a step, with gradients in the inputs too, as the count has it for every layer."""
    for widths in ((7, 5, 3), (40, 100, 100, 2)):
        layers = [torch.nn.Linear(a, b) for a, b in pairwise(widths)]
        inputs = torch.randn(16, widths[0], requires_grad=True)
        with FlopCounterMode(display=False) as counter:
            torch.nn.Sequential(*layers)(inputs).sum().backward()
        assert training_cost(widths, 3, 16).operations == 3 * counter.get_total_flops()


@pytest.mark.slow
def test_compiling_is_no_part_of_the_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first training of a machine compiles its loops; timed along, it made hours of a report of minutes."""
    calls = []

    def train(*_: object, **__: object) -> None:
        calls.append(1)
        end = time.process_time() + (0.3 if len(calls) == 1 else 0.001)
        while time.process_time() < end:
            pass

    monkeypatch.setattr(Ensemble, "train", train)
    work = training_cost((30, 16, 2), 50, 32).operations * 64
    assert measured_speed(0.02) > work / 0.01


def test_a_plan_counts_what_is_missing_and_writes_nothing(tmp_path: Path) -> None:
    study, other = Training(40, tile_size=16), Counting(5, str(tmp_path / "diary"))
    one = training_cost(WIDTHS, STEPS, BATCH)
    plan = expected([study, other], tmp_path / "out", operations_per_second=1e9)
    assert not (tmp_path / "out").exists()
    assert (plan[0].cells, plan[0].missing, plan[0].networks, plan[0].undeclared) == (40, 40, 40, 0)
    assert plan[0].operations == 40 * one.operations
    assert plan[0].seconds == pytest.approx(40 * one.operations / 1e9)
    assert plan[0].memory == 16 * one.memory
    assert list(described(plan))[1].split()[:4] == ["training", "40", "40", "40"]
    assert (plan[1].missing, plan[1].undeclared, plan[1].seconds) == (5, 5, None)
    assert (plan[1].networks, plan[1].operations, plan[1].memory) == (None, None, None)  # unknown is not none
    assert list(described(plan))[2].split() == ["counting", "5", "5", "unknown", "unknown", "unknown", "unknown"]
    assert "what is unknown" in list(described(plan))[-1]
    run([Training(30)], tmp_path / "out")
    later = expected([study], tmp_path / "out", operations_per_second=1e-9)[0]
    assert (later.missing, later.networks) == (10, 10)
    assert 0 < later.seconds < 60  # what finished cells took counts for more than a speed
    run([study], tmp_path / "out")
    assert replace(expected([study], tmp_path / "out", 1e9)[0], memory=0).seconds == 0


@pytest.mark.slow
def test_the_command_prints_a_plan(tmp_path: Path) -> None:
    found = CliRunner().invoke(app, ["verify", "networks", "coverage", "--dry-run", "--json", "--out", str(tmp_path / "out")])
    assert found.exit_code == 0, found.output
    plan = json.loads(found.stdout)
    assert [one["study"] for one in plan] == ["networks", "coverage"]
    assert plan[0]["networks"] == plan[0]["cells"] > 0
    found = CliRunner().invoke(app, ["verify", "procedure", "--dry-run", "--json", "--out", str(tmp_path / "out")])
    (procedure,) = json.loads(found.stdout)
    assert procedure["networks"] == 50 * procedure["cells"]
    assert procedure["seconds"] > 0
    text = CliRunner().invoke(app, ["verify", "networks", "--dry-run", "--out", str(tmp_path / "out")]).stdout
    assert "on one core" in text
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_every_study_of_the_default_report_says_what_it_costs(tmp_path: Path) -> None:
    for full in (False, True):
        plan = expected(default_studies(full), tmp_path / "out", operations_per_second=1e9)
        assert all(one.undeclared == 0 and one.seconds is not None and one.memory > 0 for one in plan)
        assert "unknown" not in "\n".join(described(plan))
        without = {one.study for one in plan if not one.networks} - set(PHENOMENA)
        assert without == ({"matrix", "enumeration", "faults"} if full else {"matrix", "enumeration"})


@pytest.mark.slow
def test_a_full_report_is_planned_for_less_than_forty_minutes_on_two_cores(tmp_path: Path) -> None:
    """As processor time: 75 minutes of it in all."""
    plan = expected(default_studies(full=True), tmp_path / "out", operations_per_second=1e9)
    assert sum(one.seconds or 0.0 for one in plan) < 75 * 60


def test_seconds_in_addition_to_the_operations_are_added(tmp_path: Path) -> None:
    class Slower(Training):
        def cost(self, cell: object) -> Cost:
            return training_cost(WIDTHS, STEPS, BATCH).taking(2.0, 100)

    class Unknown(Training):
        def cost(self, cell: object) -> Cost:
            return Cost(1, memory=5)

    one = training_cost(WIDTHS, STEPS, BATCH)
    found = expected([Slower(7, tile_size=1)], tmp_path / "out", operations_per_second=1e9)[0]
    assert found.seconds == pytest.approx(7 * (one.operations / 1e9 + 2.0))
    assert found.memory == one.memory + 100
    # Networks of which neither operations nor seconds are said take a time that is not known, not none.
    unknown = expected([Unknown(7)], tmp_path / "out", operations_per_second=1e9)[0]
    assert (unknown.networks, unknown.operations, unknown.seconds) == (7, None, None)


def test_the_cost_of_draws_is_that_of_their_networks() -> None:
    """Coverage trains 250 networks per cell: 6 operations per weight, example and step."""
    cell = next(cell for cell in Coverage().cells() if cell.experiment == "small")
    weights, steps, batch = 30 * 8 + 8 * 2, 200, 20
    assert Coverage().cost(cell).operations == 250 * 6 * weights * steps * batch
    assert Coverage().cost(cell).networks == 250


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux to measure memory")
def test_a_hundred_thousand_networks_stay_under_three_gigabytes(tmp_path: Path) -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(DUMMIES)!r})\n"
        "from pathlib import Path\n"
        "import training_study\n"
        "from training_study import Training\n"
        "training_study.STEPS = 2\n"  # what is held is the same after few steps
        "from genbounds.verification.runs.run import results, run\n"
        "study = Training(100_000, tile_size=2000)\n"
        f"found = results([study], run([study], {str(tmp_path)!r}))\n"
        # Not getrusage: its peak is that of the process as well which started this one.
        "peak = Path('/proc/self/status').read_text().partition('VmHWM:')[2].split()[0]\n"
        "print(len(found['training']), peak)\n"
    )
    count, kilobytes = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert int(count) == 100_000
    assert int(kilobytes) < 3 << 20
    print(f"100000 networks: {int(kilobytes) >> 10} MB at most")
