"""Many short cases in one test: what pytest does around a test costs more than they do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest


def grouped(cases: Iterable[tuple[Any, ...]]) -> Callable[[Callable[..., None]], Callable[[Any], None]]:
    """Like ``parametrize`` over the cases, but one test for all that begin alike; a failure says in a note which case it was.

    >>> seen = []
    >>> @grouped([("a", 1), ("a", 2), ("b", 3)])
    ... def test(letter, number):
    ...     seen.append((letter, number))
    >>> test("a")
    >>> seen
    [('a', 1), ('a', 2)]
    """
    found: dict[Any, list[tuple[Any, ...]]] = {}
    for first, *rest in cases:
        found.setdefault(first, []).append(tuple(rest))

    def decorate(test: Callable[..., None]) -> Callable[[Any], None]:
        def whole(first: Any) -> None:
            for rest in found[first]:
                try:
                    test(first, *rest)
                except BaseException as error:
                    error.add_note(f"in the case {', '.join(map(str, (first, *rest)))}")
                    raise

        whole.__name__, whole.__doc__, whole.__module__ = test.__name__, test.__doc__, test.__module__
        whole.__qualname__ = test.__qualname__
        return pytest.mark.parametrize("first", list(found), ids=lambda entry: getattr(entry, "name", str(entry)))(whole)

    return decorate
