"""A tensor loads its reading by itself; the bounds never import torch."""

from __future__ import annotations

import subprocess
import sys

import pytest

LAZY = """
import sys
from genbounds.bounds.holdout import hoeffding
import genbounds.bounds
assert "torch" not in sys.modules and "genbounds.models" not in sys.modules
hoeffding.value(empirical_risk=[0.1, 0.2], n=100, delta=0.05)
assert "torch" not in sys.modules
import torch
risk = torch.tensor([0.1, 0.2], dtype=torch.float64, requires_grad=True)
assert "genbounds.models" not in sys.modules
value = hoeffding.value(empirical_risk=risk, n=100, delta="1/20")
value.sum().backward()
assert value.dtype == torch.float64 and risk.grad.tolist() == [1.0, 1.0]
assert abs(float(value[0]) - hoeffding.value(empirical_risk=0.1, n=100, delta=0.05)) < 1e-15
assert "genbounds.models" in sys.modules
"""
ABSENT = """
import sys
from genbounds.bounds.holdout import hoeffding
import torch
sys.modules["genbounds.models"] = None
try:
    hoeffding.value(empirical_risk=[torch.tensor(0.1), 0.2], n=100, delta=0.05)
except TypeError as error:
    assert "genbounds.models reads" in str(error) and "genbounds[verify]" in str(error)
else:
    raise SystemExit("a tensor was read without its world")
"""


def run(script: str) -> None:
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_a_tensor_is_read_without_an_import_of_models() -> None:
    run(LAZY)


@pytest.mark.slow
def test_without_the_package_that_reads_tensors_the_error_says_what_to_install() -> None:
    run(ABSENT)
