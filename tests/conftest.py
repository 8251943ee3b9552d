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
