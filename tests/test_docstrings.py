"""Every example in a docstring holds, and there is one for each bound and each capacity."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil
from types import ModuleType

import pytest

from genbounds.bounds import catalogue

PACKAGES = ("genbounds.bounds", "genbounds.models", "genbounds.verification")


def modules() -> list[str]:
    """All modules of the three packages."""
    found = []
    for package in PACKAGES:
        root = importlib.import_module(package)
        found += [package, *(info.name for info in pkgutil.walk_packages(root.__path__, f"{package}."))]
    return found


class _Finder(doctest.DocTestFinder):
    """Looks into formulas too, which are neither functions nor classes for doctest."""

    def find(self, obj: object, *args: object, **kwargs: object) -> list[doctest.DocTest]:  # type: ignore[override]
        tests = super().find(obj, *args, **kwargs)  # type: ignore[arg-type]
        if isinstance(obj, ModuleType):
            known = {test.name for test in tests}
            for formula in catalogue():
                name = f"{obj.__name__}.{formula.__name__}"
                if formula.__module__ == obj.__name__ and name not in known:
                    examples = doctest.DocTestParser().get_doctest(inspect.getdoc(formula) or "", dict(obj.__dict__), name, obj.__file__, 0)
                    tests.append(examples)
        return [test for test in tests if test.examples]


def _run(name: str) -> list[tuple[str, doctest.TestResults]]:
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    return [(test.name, runner.run(test)) for test in _Finder().find(importlib.import_module(name))]


@pytest.mark.parametrize("name", modules())
def test_examples_hold(name: str) -> None:
    assert [(test, result) for test, result in _run(name) if result.failed] == []


def test_every_formula_has_an_example_that_ran() -> None:
    ran = {test for name in {formula.__module__ for formula in catalogue()} for test, result in _run(name) if result.attempted}
    missing = [formula.name for formula in catalogue() if f"{formula.__module__}.{formula.__name__}" not in ran]
    assert missing == []
    assert len(catalogue()) >= 25
