"""The decorator that puts many cases into one test: every case is run, and a failure names the case."""

from __future__ import annotations

import pytest
from tests.bounds.grouped import grouped


def test_every_case_is_run_and_a_failure_names_its_case() -> None:
    seen = []

    @grouped([("a", 1), ("b", 2), ("a", 3)])
    def each(letter: str, number: int) -> None:
        """Two groups."""
        seen.append((letter, number))
        assert number != 3

    assert each.__name__ == "each"
    assert each.__doc__ == "Two groups."
    each("b")
    with pytest.raises(AssertionError) as caught:
        each("a")
    assert caught.value.__notes__ == ["in the case a, 3"]
    assert seen == [("b", 2), ("a", 1), ("a", 3)]
