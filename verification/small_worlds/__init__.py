"""Worlds so small that what a capacity bounds is known in them by brute force. They know no capacity; what each knows is declared.

A new small world is one entry of the list of its file, and no capacity is named anywhere: a capacity meets every small world that knows
the quantity that it gives, supplies its inputs and guarantees what it assumes.
"""

from __future__ import annotations

from functools import cache

from genbounds.verification.small_worlds.small_world import Known, SmallWorld


@cache
def small_worlds() -> tuple[SmallWorld, ...]:
    """All of them, in the order of reports.

    >>> [world.name for world in small_worlds()][:2]
    ['patterns of half-spaces', 'dimension of half-spaces']
    """
    from genbounds.verification.small_worlds import (
        bit_extraction,
        covers,
        divergences,
        informations,
        local_averages,
        moves,
        sign_averages,
        sign_patterns,
    )

    patterns = (*sign_patterns.WORLDS, *bit_extraction.WORLDS)
    return (
        *patterns,
        *sign_averages.WORLDS,
        *divergences.WORLDS,
        *moves.WORLDS,
        *informations.WORLDS,
        *local_averages.WORLDS,
        *covers.WORLDS,
    )


__all__ = ["Known", "SmallWorld", "small_worlds"]
