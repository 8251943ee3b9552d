"""A tile's last bits depend on no number of threads: not on the environment, not on whether a worker computes it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from genbounds.verification.runs.cells import canonical_json
from genbounds.verification.runs.store import Store

DUMMIES = Path(__file__).parents[1] / "dummies"


def stored(folder: Path, threads: int, workers: int = 0) -> str:
    code = (
        "import sys\n"
        f"sys.path.insert(0, {str(DUMMIES)!r})\n"
        "from product_study import Products\n"
        "from genbounds.verification.runs.run import run\n"
        "if __name__ == '__main__':\n"
        f"    run([Products()], {str(folder)!r}, workers={workers})\n"
    )
    script = folder / "script.py"
    folder.mkdir()
    script.write_text(code)
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    environment = {name: value for name, value in os.environ.items() if name not in names}
    subprocess.run([sys.executable, str(script)], env={**environment, "OMP_NUM_THREADS": str(threads)}, check=True, timeout=300)
    records = Store(folder).read()
    return canonical_json({key: records[key].result for key in sorted(records)})


@pytest.fixture(scope="module")
def of_two(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What a run with two threads stores."""
    return stored(tmp_path_factory.mktemp("threads") / "two", 2)


@pytest.mark.slow
def test_the_number_of_threads_in_the_environment_changes_no_bit(of_two: str, tmp_path: Path) -> None:
    one = stored(tmp_path / "one", 1)
    assert '"threads":[1]' in one
    assert one == of_two


@pytest.mark.slow
def test_neither_does_a_worker(of_two: str, tmp_path: Path) -> None:
    assert stored(tmp_path / "there", 2, workers=1) == of_two
