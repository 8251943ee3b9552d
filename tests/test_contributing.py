"""The changes that CONTRIBUTING.md shows are applied to a copy of the tree, and what they add is run there."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
CHANGES = dict(re.findall(r"^## An? (.+?)\n(?:(?!^## ).)*?```diff\n(.*?)^```", PAGE, flags=re.DOTALL | re.MULTILINE))

RUNS = {
    "bound": """
from genbounds.bounds.holdout import chernoff_kl, multiplicative_chernoff
from genbounds.verification import check
given = {"empirical_risk": "0.02", "n": 300, "delta": "0.05"}
assert chernoff_kl(**given).value < multiplicative_chernoff(**given).value
assert "angluin1979fast" in multiplicative_chernoff(**given).bibtex()
found = check(multiplicative_chernoff)
assert "not refuted" in found.sentence() and found.resolution > 0.4, found.sentence()
""",
    "scenario": """
from genbounds.bounds.holdout import hoeffding
from genbounds.verification import check
found = check(hoeffding, scenarios="dice")
assert "not refuted" in found.sentence() and 0.2 < found.resolution < 1, found.sentence()
""",
    "rung": """
from genbounds.bounds.holdout import clopper_pearson
from genbounds.verification.checks.check import check
found = check(clopper_pearson, rungs="one example")
assert "not refuted" in found.sentence(), found.sentence()
""",
    "study": """
import json, pathlib, subprocess, sys
command = [sys.executable, "-c", "from genbounds.verification.cli import main; main()", "verify", "majority", "--out", "report"]
assert subprocess.run(command).returncode == 0
rows = json.loads(pathlib.Path("report/report.json").read_text())["rows"]
assert [row["study"] for row in rows] == ["majority"] * 2
assert all(row["verdict"] == "not refuted" for row in rows)
""",
    "population": """
from genbounds.verification.populations import names, population
assert "wine" in names() and (population("wine").size, population("wine").classes) == (178, (0, 1, 2))
""",
    "operation of a network": """
import torch
from torch import nn
from genbounds.models import summarize
class Sinc(nn.Module):
    def __init__(self):
        super().__init__()
        self.dense = nn.Linear(1, 2).double()
    def forward(self, x):
        return torch.sinc(self.dense(x))
network, x = Sinc(), torch.linspace(-1, 1, 50, dtype=torch.float64)[:, None]
found = summarize(network, x, torch.arange(50) % 2)
moved = (network(x)[1:] - network(x)[:-1]).norm(dim=1) / (x[1:] - x[:-1]).norm(dim=1)
assert float(moved.max()) <= float(found.lipschitz_upper) < 1.38 * float(network.dense.weight.norm())
""",
}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the three packages and what goes with them, importable as ``genbounds``."""
    if shutil.which("git") is None:
        pytest.skip("no git here, which applies the changes")
    folder = tmp_path_factory.mktemp("tree")
    for name in ("bounds", "models", "verification", "docs"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("families", "reference", "_build"))
    (folder / "genbounds").mkdir()
    for name in ("bounds", "models", "verification"):
        (folder / "genbounds" / name).symlink_to(folder / name)
    return folder


def test_each_kind_of_addition_has_its_change() -> None:
    assert set(CHANGES) == set(RUNS)


@pytest.mark.slow
@pytest.mark.parametrize("kind", RUNS)
def test_the_change_applies_and_what_it_adds_works(kind: str, tree: Path, tmp_path: Path) -> None:
    change = tmp_path / "change.diff"
    change.write_text(CHANGES[kind], encoding="utf-8")
    apply = ["git", "apply", "--unsafe-paths", f"--directory={tree}", str(change)]
    subprocess.run(apply, check=True, cwd=tree)
    try:
        first = f"import genbounds; assert list(genbounds.__path__)[0] == {str(tree / 'genbounds')!r}, list(genbounds.__path__)\n"
        environment = {"PYTHONPATH": str(tree), "PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": "1", "HOME": str(tmp_path)}
        done = subprocess.run([sys.executable, "-c", first + RUNS[kind]], cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    finally:
        subprocess.run([*apply, "--reverse"], check=True, cwd=tree)
