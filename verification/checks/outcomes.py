"""The words in which the suite reports what became of a claim that is not a theorem."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """What the measurements say of a claim that is not a theorem, at the sizes at which it was looked for.

    >>> str(Outcome.NOT_REPRODUCED)
    'not reproduced'
    """

    REPRODUCED = "reproduced"
    """The whole interval lies on the claimed side."""
    NOT_REPRODUCED = "not reproduced"
    """The interval holds values on both sides: at these sizes the claim cannot be told from its opposite."""
    REVERSED = "reversed"
    """The whole interval lies on the other side."""
