"""Pick-to-learn: train on the picked examples, look at all others, add those that are fitted worst, until all the rest is right."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from genbounds.models.picking._picked import Picked
from genbounds.models.picking._settings import Picking
from genbounds.models.picking._trainer import Trainer
from genbounds.models.randomness.streams import Stream

_ROUNDING = 1e-3  # of a loss, or of 1: far above what single precision moves, and far below what batch statistics do
_BLOCK = 500  # examples that are looked at together; the last block is filled up, so that all have one shape


def pick_to_learn(
    model: nn.Module,
    inputs: Any,
    labels: Any,
    settings: Picking,
    stream: Stream,
    *,
    network: int = 0,
    progress: Callable[[int, int, int], None] | None = None,
) -> Picked:
    r"""Train on the picked examples, look at all others, and add those that are fitted worst, until all the others are right.

    The returned network is certified on the same examples, and no example is held out: ``Picked.certificate`` bounds the risk of this one
    network by the number of examples that were picked among those that were not spent (``holdout.campi2023compression``).

    Args:
        model: any module whose outputs fit ``settings.loss`` and ``settings.objective``. Training starts from its weights, which are
            not changed: a copy is trained, in its parameters that require gradients. The weights must not depend on the examples, except
            those that are spent.
        inputs, labels: the examples, first axis n, in the order in which they were drawn; anything ``torch.as_tensor`` takes.
        settings: of the run, fixed in advance.
        stream, network: where batches, augmentation and the network's own noise are drawn from.
        progress: called before each round with its number, how many examples are picked, and how many of the rest are wrong.

    Returns:
        the network, what was picked in which round, and what is wrong at the end (nothing, unless ``settings.rounds`` was reached).

    Raises:
        ValueError: inputs and labels that do not fit each other, no example left to pick from, no parameter that requires gradients, or
            a network whose answer to an example depends on the others of its batch by more than rounding.

    **Why this is a preferent compression scheme.** Let c(U) be the picked examples and those left wrong when the run is made on the
    examples U (the spent ones are fixed: everything is conditional on them). Let V be a part of U that contains c(U). By induction over the
    rounds both runs are in the same state, since training is a function of the spent and the picked examples, in their order, and of coins
    fixed in advance. Both runs then rank their rest by loss and position, and an example has the same loss in either run. The first
    ``at_most`` wrong examples of U are picked, so they lie in V, and no other example of V precedes them. If fewer are wrong, all of them
    are picked in both runs. In the end the run on U stops because nothing is wrong (then nothing in V is wrong either) or because
    ``rounds`` are over (then what is wrong in U lies in c(U), and so in V). Hence c(V) = c(U). And if the network errs on a fresh z, then
    c(c(U) + z) is not c(U): either z is picked on the way, or the run on c(U) + z ends in the same network and finds z wrong.

    **What keeps the property.** Everything may be used that is a function of the spent and the picked examples, the number of the round or
    of the step, and coins fixed in advance. So several examples may be picked at a time, training may continue from where it was (a warm
    start), batches may be augmented and mixed from spent and picked examples, the step size may follow the number of steps or of picked
    examples, and weights may be averaged. Dropout and batch normalisation may be used (in evaluation mode the statistics of batch
    normalisation are those of the training batches). Examples that are wrong after the last round may be charged as if picked, for they too
    are found one by one.

    **What breaks the property.** Nothing may look at the examples that are never picked. This rules out a step size, a number of steps or a
    stopping rule that follows the number of examples left, the accuracy on the rest, or the clock (which follows the size of the rest). It
    rules out stopping when few are left instead of none, picking a share of those that are left, and keeping the best of several rounds.
    Ties must not be broken by the place of an example in a list that the others shorten, as ``torch.topk`` may. Inputs must not be
    normalised with statistics of the whole sample, and losses must not depend on the rest of the batch. For the last point, losses are
    compared in two arrangements of the batches before and after the run: a difference beyond rounding is refused, and the certificate says
    whether they were the same bit for bit.

    >>> x = torch.arange(40.0)[:, None] / 40
    >>> settings = Picking(at_most=2, steps=100, learning_rate=0.1, later_rate=0.1, batch_size=8)
    >>> run = pick_to_learn(nn.Linear(1, 2), x, (x[:, 0] > 0.5).long(), settings, Stream("demo", "picking"))
    >>> run.left, run.size < 20, run.certificate().value < 1
    ((), True, True)
    """
    start, inputs, labels = _checked(model, inputs, labels, settings)
    spent = settings.spent
    _steady(start.eval(), inputs, labels, settings, torch.arange(spent, min(len(labels), spent + 2 * _BLOCK)))
    trainer = Trainer(start, (inputs[:spent], labels[:spent]), settings, stream, network)
    trainer.train(settings.first_steps)
    unpicked = torch.ones(len(labels), dtype=torch.bool)
    unpicked[:spent] = False
    rounds: list[tuple[int, ...]] = []
    while True:
        rest = unpicked.nonzero()[:, 0]
        wrong = _worst_first(trainer.network, inputs, labels, rest, settings)
        if progress is not None:
            progress(len(rounds), sum(map(len, rounds)), len(wrong))
        if not len(wrong) or len(rounds) == settings.rounds:
            break
        chosen = wrong[: settings.at_most]
        rounds.append(tuple(chosen.tolist()))
        unpicked[chosen] = False
        trainer.hand(inputs[chosen], labels[chosen])
        trainer.train(settings.steps)
    steady = _steady(trainer.network, inputs, labels, settings, torch.arange(spent, len(labels)))
    return Picked(trainer.network, settings, len(labels), tuple(rounds), tuple(sorted(wrong.tolist())), steady)


def replay(
    model: nn.Module,
    inputs: Any,
    labels: Any,
    settings: Picking,
    stream: Stream,
    rounds: Sequence[Sequence[int]],
    *,
    network: int = 0,
) -> nn.Module:
    """The network of a run, computed from the list of its picks alone: the same bits on the same machine with the same number of threads.

    Args:
        rounds: ``Picked.rounds``; the other arguments are those of the run. Examples that were neither spent nor picked are not read.

    >>> x = torch.arange(40.0)[:, None] / 40
    >>> settings, start = Picking(at_most=2, steps=20, batch_size=8), nn.Linear(1, 2)
    >>> stream, y = Stream("demo", "picking"), (x[:, 0] > 0.5).long()
    >>> run = pick_to_learn(start, x, y, settings, stream)
    >>> again = replay(start, x, y, settings, stream, run.rounds)
    >>> bool((again.weight == run.model.weight).all())
    True
    """
    start, inputs, labels = _checked(model, inputs, labels, settings)
    trainer = Trainer(start, (inputs[: settings.spent], labels[: settings.spent]), settings, stream, network)
    trainer.train(settings.first_steps)
    for chosen in rounds:
        trainer.hand(inputs[list(chosen)], labels[list(chosen)])
        trainer.train(settings.steps)
    return trainer.network


def _checked(model: nn.Module, inputs: Any, labels: Any, settings: Picking) -> tuple[nn.Module, Tensor, Tensor]:
    """A copy of the network to train, and the sample as tensors."""
    inputs, labels = torch.as_tensor(inputs), torch.as_tensor(labels)
    if not len(inputs) == len(labels) > settings.spent:
        raise ValueError(
            f"inputs and labels must be as many, and more than the {settings.spent} that are spent, got {len(inputs)} and {len(labels)}: "
            "a certificate needs examples to pick from"
        )
    if not any(parameter.requires_grad for parameter in model.parameters()):
        raise ValueError("model must have a parameter that requires gradients, got none: call requires_grad_() on those to train")
    return copy.deepcopy(model), inputs, labels


@torch.no_grad()
def _losses(network: nn.Module, inputs: Tensor, labels: Tensor, rows: Tensor, settings: Picking) -> Tensor:
    """The loss of each of these examples, in float64; one that is not a number is infinite."""
    found = []
    for block in torch.split(rows, _BLOCK):
        full = torch.cat([block, block[:1].expand(_BLOCK - len(block))])
        found.append(settings.loss(network(inputs[full]), labels[full])[: len(block)].to(torch.float64))
    return torch.nan_to_num(torch.cat(found), nan=math.inf, posinf=math.inf) if found else torch.zeros(0, dtype=torch.float64)


def _worst_first(network: nn.Module, inputs: Tensor, labels: Tensor, rest: Tensor, settings: Picking) -> Tensor:
    """The positions of the rest that are wrong, the largest loss first, equal ones by position."""
    losses = _losses(network, inputs, labels, rest, settings)
    wrong = ~(losses < settings.threshold)
    order = torch.sort(losses[wrong], descending=True, stable=True).indices
    return rest[wrong][order]


def _steady(network: nn.Module, inputs: Tensor, labels: Tensor, settings: Picking, rows: Tensor) -> bool:
    """Whether each of these examples has the same loss, bit for bit, whatever stands beside it: looked at again in another arrangement.

    ``ValueError`` where the two differ by more than rounding: then the network is not a function of single examples.
    """
    here = _losses(network, inputs, labels, rows, settings)
    order = torch.arange(len(rows)).roll(len(rows) // 3 + 1)
    there = _losses(network, inputs, labels, rows[order], settings)
    if not torch.allclose(here[order], there, rtol=_ROUNDING, atol=_ROUNDING):
        apart = float((here[order] - there).abs().nan_to_num(math.inf).max())
        raise ValueError(
            f"model must answer each example by itself, got losses that differ by {apart:.3g} when the other examples of the "
            "batch change: look for statistics of the batch, such as a batch normalisation without running means"
        )
    return torch.equal(here[order], there)
