"""Polishing the last layer: change one level at a time while that lowers errors plus the price of the bits."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from genbounds.models.compression._network import TIE, TernaryNetwork

_BATCH = 10_000
"""Examples whose margins under all changes are held at once."""


def polish_last_layer(network: TernaryNetwork, features: Tensor, labels: Tensor, errors_per_bit: float) -> TernaryNetwork:
    """The network after greedy changes of single levels of its last layer, with errors counted on all examples.

    The result is a ``TernaryNetwork`` as well.

    Every change lowers the number of errors plus ``errors_per_bit`` times the length of the code, so the search ends. (The cross-entropy
    that trained the network knows neither.) The classes take turns, and each makes its best change of a level to one of the two others,
    until no class has a change that helps. A nonzero level costs what the code would now charge for one more, and its sign. For Occam's
    bound with error rate p and value q, a bit is worth ln 2 / ln(q (1 - p) / (p (1 - q))) errors.
    """
    pooled = network.pooled(features).float()
    levels = network.levels[-1].flatten(1).float()
    logits = pooled @ levels.T
    stuck, turn = 0, 0
    while stuck < len(levels):
        best, column, level = _best_change(pooled, logits, labels, levels, turn, errors_per_bit)
        if best < 0:
            logits[:, turn] += (level - levels[turn, column]) * pooled[:, column]
            levels[turn, column] = level
            stuck = 0
        else:
            stuck += 1
        turn = (turn + 1) % len(levels)
    last = levels.to(torch.int8).reshape(network.levels[-1].shape)
    return TernaryNetwork(network.architecture, (*network.levels[:-1], last))


def _best_change(
    pooled: Tensor, logits: Tensor, labels: Tensor, levels: Tensor, turn: int, errors_per_bit: float
) -> tuple[float, int, float]:
    """(change of the objective, column, new level) of the best change in the row of one class."""
    others = logits.clone()
    others.scatter_(1, labels[:, None], -torch.inf)
    others[:, turn] = -torch.inf
    own = logits.gather(1, labels[:, None])[:, 0]
    mine, rest, output = labels == turn, others.amax(1), logits[:, turn]
    # An example of this class errs where output + d x <= rest; another where that is at least its own output, or it errs in any case.
    lost = ~mine & (own - rest <= TIE)
    sign = torch.where(mine, 1.0, -1.0)
    slack = torch.where(mine, output - rest, own - output)
    slack = torch.where(lost, torch.inf, slack)
    before = int((slack <= TIE).sum())
    price = _price_of_a_nonzero(levels) * errors_per_bit
    found = (0.0, 0, 0.0)
    for step in (-2.0, -1.0, 1.0, 2.0):
        allowed = (levels[turn] + step).abs() <= 1
        if not bool(allowed.any()):
            continue
        errors = torch.zeros(int(allowed.sum()))
        for x, s, m in zip(*(torch.split(each, _BATCH) for each in (pooled[:, allowed], sign, slack)), strict=True):
            errors += (m[:, None] + step * s[:, None] * x <= TIE).sum(0)
        nonzeros = (levels[turn, allowed] + step).abs() - levels[turn, allowed].abs()
        change = errors - before + price * nonzeros
        index = int(change.argmin())
        if float(change[index]) < found[0]:
            column = int(allowed.nonzero()[index, 0])
            found = (float(change[index]), column, float(levels[turn, column] + step))
    return found


def _price_of_a_nonzero(levels: Tensor) -> float:
    """Bits that one more nonzero level costs, its sign included, at the present shares."""
    nonzeros = int((levels != 0).sum())
    return math.log2((levels.numel() - nonzeros + 0.5) / (nonzeros + 0.5)) + 1
