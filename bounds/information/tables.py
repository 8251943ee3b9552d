"""Mutual information: of finite tables, exactly and rounded up, and from runs on supersamples, with a confidence."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb

from genbounds.bounds.assumptions import INDEPENDENT_SUPERSAMPLES, AuditedAssumption
from genbounds.bounds.exact import exact
from genbounds.bounds.inputs import CONFIDENCE
from genbounds.bounds.quantity import Quantity
from genbounds.bounds.special.kl_balls import kl_inverse_ball
from genbounds.bounds.special.precision import precision
from genbounds.bounds.special.rounding import arb_to_float_up
from genbounds.bounds.worlds.balls import lift_scalar

INFORMATIONS = ("mutual_information", "conditional_information", "evaluated_information")
"""The inputs of bounds that are informations."""
_BITS = 128


def mutual_information(joint: Any, *, gives: str = "mutual_information") -> Quantity:
    r"""The mutual information, in nats, of two variables with finitely many values, or their conditional information given a third one.

    I = sum p(x, y) ln(p(x, y)/(p(x) p(y))) is computed in ball arithmetic from exact weights and rounded up. The result is an upper bound,
    and unless it is tiny it exceeds the truth by at most one unit in the last place.

    Args:
        joint: nested lists or an array of ints, Fractions or doubles, none negative, which need not add up to 1: one row for each x, one
            column for each y; or one such table (of rows) for each value of the third variable.
        gives: which input of the bounds the result is for: ``mutual_information`` (sample and output), ``conditional_information`` (output
            and coins, given the pairs), ``evaluated_information`` (of one pair, or of all pairs, with the number of the pair as the third
            variable and tables of equal weight).

    Raises:
        ValueError: ``joint`` is not a table, has rows of different lengths, a weight below 0 or no weight above 0; or ``gives`` is another
            name.

    >>> from fractions import Fraction
    >>> round(float(mutual_information([[1, 0], [0, 1]])), 12)
    0.69314718056
    >>> float(mutual_information([[Fraction(1, 6), Fraction(1, 3)], [Fraction(1, 6), Fraction(1, 3)]])) < 1e-30
    True
    """
    if gives not in INFORMATIONS:
        raise ValueError(f"gives must be one of {', '.join(INFORMATIONS)}, got {gives!r}: name the input that the information is for")
    tables = _tables(joint)
    whole = sum((weight for table in tables for row in table for weight in row), Fraction(0))
    if whole <= 0:
        raise ValueError(
            f"joint must have a weight above 0, got weights that add up to {whole}: pass the probabilities of all pairs of values"
        )
    with precision(_BITS):
        total = sum((_unnormalised(table) for table in tables), arb(0)) / lift_scalar(whole)
        value = max(arb_to_float_up(total), 0.0)
    shape = " x ".join(str(size) for size in (len(tables), len(tables[0]), len(tables[0][0]))[len(tables) == 1 :])
    return Quantity(value, "upper", f"mutual_information: a table of {shape} exact weights", gives=gives)


def measured_information(counts: Any, *, delta: Any) -> Quantity:
    r"""An upper confidence limit of the evaluated information, from runs on K independent supersamples of n pairs each.

    On each supersample the algorithm is run several times, each time with fresh fair coins U. For each pair i the runs with U_i = 0 and the
    runs with U_i = 1 are counted by their outcome (for example, the losses at both examples). Let P_0 and P_1 be the shares of the outcomes
    under the two values of the coin. The plug-in information is H((P_0 + P_1)/2) - (H(P_0) + H(P_1))/2, or ln 2 if one of the values never
    occurred. It is averaged over the pairs.

    Why this is an upper bound: given the supersample and the coins of pair i, the shares have the true laws as their means, and the
    information is jointly convex in (P_0, P_1). So the mean of the plug-in value is at least the information given the supersample, however
    few the runs. The K averages are independent numbers in [0, ln 2]. By Chernoff's bound, with probability at least 1 - delta the mean of
    their expectations is at most ln 2 times the p above their mean with kl(mean/ln 2 || p) = ln(1/delta)/K.

    Args:
        counts: an array of shape (K, n, 2, outcomes) of whole numbers. Entry (k, i, u, o) is the number of runs on supersample k with U_i =
            u that showed the outcome o on pair i.
        delta: the probability with which the limit may fail, over supersamples, coins and the algorithm's own randomness.

    Raises:
        ValueError: ``counts`` has another shape, no supersample, or numbers that are negative or not whole; or ``delta`` is outside (0, 1).

    >>> runs = np.zeros((200, 1, 2, 2), dtype=int)
    >>> runs[:, 0, 0, 0] = runs[:, 0, 1, 0] = 5  # the same outcome under both choices
    >>> round(float(measured_information(runs, delta=0.05)), 12)
    0.010305046326
    """
    level = exact(delta, "delta")
    CONFIDENCE.check("delta", level)
    seen = np.asarray(counts)
    if seen.ndim != 4 or seen.shape[2] != 2 or not seen.size:
        raise ValueError(
            f"counts must have the shape (supersamples, pairs, 2, outcomes), got {seen.shape}: count the runs of each choice apart"
        )
    if seen.dtype.kind not in "iu" or np.any(seen < 0):
        raise ValueError(f"counts must be whole numbers of at least 0, got {seen.dtype} entries: pass numbers of runs, not shares")
    known: dict[bytes, arb] = {}
    with precision(_BITS):
        one = arb(2).log()
        total = arb(0)
        for pair in seen.reshape(-1, 2, seen.shape[3]):
            key = pair.tobytes()
            if key not in known:
                known[key] = plug_in(pair)
            total += known[key]
        share = total / one / (seen.shape[0] * seen.shape[1])
        limit = one * kl_inverse_ball(share, -lift_scalar(Fraction(level)).log() / seen.shape[0])
        value = arb_to_float_up(limit)
    return Quantity(
        value,
        "upper",
        f"measured_information: plug-in on {seen.shape[0]} supersamples of {seen.shape[1]} pairs",
        Fraction(level),
        assumptions=(AuditedAssumption(INDEPENDENT_SUPERSAMPLES),),
        gives="evaluated_information",
    )


def plug_in(pair: np.ndarray) -> arb:
    """The information of a fair choice and an outcome with these shares under each; ln 2 where a choice was never made."""
    rows = [[Fraction(int(entry)) for entry in row] for row in pair]
    runs = [sum(row) for row in rows]
    if not all(runs):
        return arb(2).log()
    return _unnormalised([[entry / all_runs for entry in row] for row, all_runs in zip(rows, runs, strict=True)]) / 2


def _unnormalised(table: list[list[Fraction]]) -> arb:
    """sum w ln(w W/(row column)), W the sum of all weights w: the information times W."""
    rows = [sum(row) for row in table]
    columns = [sum(column) for column in zip(*table, strict=True)]
    whole = sum(rows)
    terms: dict[Fraction, Fraction] = {}
    for row, in_row in zip(table, rows, strict=True):
        for weight, in_column in zip(row, columns, strict=True):
            if weight:
                ratio = weight * whole / (in_row * in_column)
                terms[ratio] = terms.get(ratio, Fraction(0)) + weight
    return sum((lift_scalar(weight) * lift_scalar(ratio).log() for ratio, weight in terms.items() if ratio != 1), arb(0))


def _tables(joint: Any) -> list[list[list[Fraction]]]:
    """The weights as tables of rows of Fractions; ``ValueError`` for anything else."""
    listed = joint.tolist() if isinstance(joint, np.ndarray) else joint
    depth, probe = 0, listed
    while isinstance(probe, (list, tuple)) and probe:
        depth, probe = depth + 1, probe[0]
    if depth not in (2, 3) or isinstance(probe, (list, tuple)):
        raise ValueError(
            f"joint must be a table of rows, or a list of such tables, got {depth} levels of lists: one row for each value of x"
        )
    tables = [listed] if depth == 2 else listed
    if len({len(row) for table in tables for row in table}) != 1:
        raise ValueError("joint must have rows of one length, got different ones: write 0 for what does not occur")
    weights = [[[Fraction(exact(entry, "joint")) for entry in row] for row in table] for table in tables]
    if any(entry < 0 for table in weights for row in table for entry in row):
        raise ValueError("joint must have no weight below 0, got one: pass probabilities, or counts")
    return weights
