"""Other points of the grid of a search: a theorem holds at each of them, whichever its own search would choose.

The search is part of the sound code and knows nothing of a fault. A price of a union that is wrong at one point of the grid would not show
where the search goes elsewhere, though it is there that a user may choose.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from genbounds.bounds.worlds import FLOATS
from genbounds.verification.checks.reading import Ready

POINTS = (0.0, 1.0, -1.0)
"""Where a choice is moved to, as far as this is a point of its grid."""
Move = Callable[[Ready], Ready]


def moves(ready: Ready) -> Iterator[tuple[str, Move]]:
    """Every way to choose one point of the grid in place of what the search chose, in words; none where nothing is searched.

    >>> from genbounds.bounds.pac_bayes import catoni_grid
    >>> from genbounds.verification.checks.matching import match
    >>> from genbounds.verification.checks.reading import made_ready
    >>> from genbounds.verification.scenarios import scenario
    >>> found = match(catoni_grid, scenario("crowd of voters"))
    >>> [words for words, _ in moves(made_ready(found, found.scenario.listed("thumbnail")[0], [0.5]))]
    ['at index = 0', 'at index = 1', 'at index = -1']
    """
    form = ready.found.bound.forms[ready.found.form]
    if form.choose is None or form.membership is None:
        return
    for name, latex in ready.found.bound.declaration.chosen.items():
        if name in ready.inputs and latex[-1] not in "'*":  # chosen in this form of the theorem, and one number, not a list of them
            for point in POINTS:
                yield f"at {name} = {point:g}", _moved(name, point)


def _moved(name: str, point: float) -> Move:
    def move(ready: Ready) -> Ready:
        form = ready.found.bound.forms[ready.found.form]
        there = {**ready.inputs, name: np.float64(point)}
        assert form.membership is not None
        with np.errstate(all="ignore"):
            conditions = form.membership(FLOATS, **there)
        fits: Any = True
        for truth in conditions.get(name, ()):
            fits = np.logical_and(fits, truth)
        chosen = np.where(fits, point, ready.inputs[name])
        return replace(ready, inputs={**ready.inputs, name: chosen})

    return move
