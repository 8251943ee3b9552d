"""What a user writes against the wheel: it runs, and strict type checkers find nothing in it, and what is planted.

mypy comes with the extra "dev"; for pyright there is ``pip install basedpyright``, which brings the runtime that it needs.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import genbounds.bounds

CODE = Path(__file__).parent / "typing" / "user_code.py"
FAULTS = {
    "an argument of another type": 'smallest("5", 100)\n',
    "a result of another type": "value: str = of_a_posterior(1.0)\n",
    "a field that is not there": "print(smallest(5, 100).valeu)\n",
    "a misspelt keyword of a declaration": 'bound(source=Source("Doe 2026", "1"), symbols={}, incresing=("n",))\n',
    "a declaration without symbols": 'bound(source=Source("Doe 2026", "1"))\n',
    "a text where a declaration wants a source": 'bound(source="Doe 2026", symbols={})\n',
    "a text where a declaration wants several": 'bound(source=Source("Doe 2026", "1"), symbols={}, decreasing="n")\n',
    "another mode": 'capacity(source=Source("Doe 2026", "1"), symbols={}, mode="hp")\n',
    "misspelt in words that are shared": 'shared: Declared = {"source": Source("Doe 2026", "1"), "symbols": {}, "provenence": ""}\n',
    "a candidate that returns no certificate": "best_of([lambda delta: 0.1], delta=0.05)\n",
}
CHECKERS = {
    "mypy": ("mypy", "--strict", "--config-file=", "--cache-dir=cache", "--python-executable", sys.executable, "user_code.py"),
    "pyright": ("basedpyright", "--pythonpath", sys.executable),
}

pytestmark = [pytest.mark.slow, pytest.mark.wheel]


def test_it_runs(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, str(CODE)], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    count, best, posterior, mine = done.stdout.splitlines()[-1].split()
    assert int(count) > 20
    assert 0.05 < float(best) < float(posterior) < float(mine)


@pytest.mark.parametrize("checker", CHECKERS)
def test_a_strict_checker_finds_nothing_but_what_is_planted(checker: str, tmp_path: Path) -> None:
    name, *arguments = CHECKERS[checker]
    command = shutil.which(name, path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))
    if command is None:
        pytest.skip(f"{name} is not installed: pip install {name}")
    if "site-packages" not in genbounds.bounds.__file__:
        pytest.skip("genbounds is installed from its folder, where checkers do not find it: they are run against the wheel")
    (tmp_path / "pyrightconfig.json").write_text(json.dumps({"typeCheckingMode": "strict", "include": ["user_code.py"]}))
    code = CODE.read_text(encoding="utf-8")

    def errors(planted: str) -> tuple[int, str]:
        (tmp_path / "user_code.py").write_text(code + planted, encoding="utf-8")
        done = subprocess.run([command, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    status, said = errors("")
    assert status == 0, said
    start = code.count("\n") + 1
    status, said = errors("".join(FAULTS.values()))
    assert status == 1, said
    for line, fault in enumerate(FAULTS, start):
        assert f"user_code.py:{line}:" in said, (fault, said)
