"""What all tests share: the repository root on the path, one torch thread, hypothesis profiles."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))  # for tests.reference and tests.bounds.strategies, however pytest was started

try:
    import torch
except ImportError:  # the bounds alone are tested without it
    pass
else:
    torch.set_num_threads(1)

# The same examples in every run, so that a first run passes wherever the last one did; "thorough" looks for new ones.
_UNCHECKED = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)
settings.register_profile("inner", deadline=None, max_examples=5, derandomize=True, database=None, suppress_health_check=_UNCHECKED)
settings.register_profile("ci", settings.get_profile("inner"), max_examples=40)
settings.register_profile("thorough", settings.get_profile("inner"), derandomize=False, max_examples=150)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "inner"))


def _settings_of_libraries() -> dict[str, object]:
    """What a test, or a module that is collected, could change for every test after it."""
    import numpy

    found: dict[str, object] = {"numpy print options": numpy.get_printoptions(), "numpy errors": numpy.geterr()}
    if torch := sys.modules.get("torch"):
        found["torch print options"] = {name: str(value) for name, value in vars(sys.modules["torch._tensor_str"].PRINT_OPTS).items()}
        found["torch dtype, device"] = (torch.get_default_dtype(), torch.get_default_device())
        found["torch algorithms"] = (torch.are_deterministic_algorithms_enabled(), torch.get_float32_matmul_precision())
        found["torch gradients, threads"] = (torch.is_grad_enabled(), torch.get_num_threads())
    return found


_SETTINGS = _settings_of_libraries()


@pytest.fixture(autouse=True, scope="module")
def _settings_as_they_were() -> Iterator[None]:
    """No test and no product code leaves a setting of torch or numpy changed: it would be the user's."""
    assert _settings_of_libraries() == _SETTINGS, "collecting the tests changed a setting"
    yield
    assert _settings_of_libraries() == _SETTINGS, "a test of this module changed a setting"


@pytest.fixture(autouse=True)
def _catalogue_as_it_was() -> Iterator[None]:
    """Bounds of a user's file that a test has checked leave the catalogue with the test: others count what is in it."""
    from genbounds.bounds import registry

    before = set(registry._formulas)
    yield
    for name in set(registry._formulas) - before:
        if name.partition(".")[0] not in registry.FAMILIES:
            del registry._formulas[name]
            for alias in [alias for alias, known in registry._aliases.items() if known == name]:
                del registry._aliases[alias]
