"""certify with a surrogate: disagreements on inputs without labels, both deltas paid, and what is refused."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from genbounds.bounds import pac_bayes
from genbounds.bounds.assumptions import MISCLASSIFICATION, SURROGATE_COMPARED, UNLABELLED_DRAWS
from genbounds.bounds.holdout import clopper_pearson, progressive_validation_grid
from genbounds.models import certify

DELTA = Fraction(1, 20)
CERTIFICATE = clopper_pearson(errors=3, n=400, delta=DELTA / 2)
GENERATOR = torch.Generator().manual_seed(0)
TRAIN = (torch.randn(60, 2, generator=GENERATOR), torch.randint(0, 2, (60,), generator=GENERATOR))
FRESH = torch.randn(500, 2, generator=GENERATOR)


def linear(*weights: float) -> nn.Module:
    """Class 0 where the weights times the inputs are positive."""
    layer = nn.Linear(2, 2, bias=False)
    layer.weight.data.copy_(torch.tensor([weights, [-w for w in weights]]))
    return layer


def disagreeing(inputs: Tensor) -> int:
    """How often the signs of the first entry and of the sum of both differ."""
    return int(((inputs[:, 0] > 0) != (inputs.sum(1) > 0)).sum())


@pytest.mark.slow
def test_the_number_is_the_surrogates_plus_the_limit_of_the_disagreement() -> None:
    table = certify(linear(1, 0), TRAIN, surrogate=(linear(1, 1), CERTIFICATE), unlabelled=FRESH)
    count = disagreeing(FRESH)
    assert table.best is not None
    assert table.best.bound == "holdout.disagreement"
    assert table.best.delta == DELTA
    assert table.best.value == pytest.approx(CERTIFICATE.value + clopper_pearson(errors=count, n=500, delta=DELTA / 2).value, rel=1e-14)
    assert dict(table.facts)["disagreements with the surrogate"] == f"{count} of 500 unlabelled inputs"
    statuses = {entry.assumption: entry.status for entry in table.best.assumptions}
    assert statuses[MISCLASSIFICATION] == statuses[SURROGATE_COMPARED] == "by construction"
    assert statuses[UNLABELLED_DRAWS] == "declared"
    assert "holdout.disagreement" not in dict(table.not_applicable)


@pytest.mark.slow
def test_batches_a_function_and_a_share_of_ones_own() -> None:
    def by_hand(inputs: Tensor) -> Tensor:
        return (inputs.sum(1) <= 0).long()

    small = clopper_pearson(errors=3, n=400, delta=DELTA / 5)
    table = certify(linear(1, 0), TRAIN, surrogate=(by_hand, small), unlabelled=list(FRESH.split(130)))
    limit = clopper_pearson(errors=disagreeing(FRESH), n=500, delta=DELTA * 4 / 5).value
    assert table["holdout.disagreement"].value == pytest.approx(small.value + limit, rel=1e-14)


@pytest.mark.slow
def test_with_held_out_labels_their_number_is_cited() -> None:
    fresh = torch.randn(100, 2, generator=GENERATOR)
    table = certify(linear(1, 0), TRAIN, held_out=(fresh, torch.zeros(100).long()), surrogate=(linear(1, 1), CERTIFICATE), unlabelled=FRESH)
    assert table.best is not None
    assert table.best.bound == "holdout.clopper_pearson"
    assert table["holdout.disagreement"].delta == DELTA


@pytest.mark.slow
def test_training_inputs_and_ties_count_as_disagreements() -> None:
    tied = torch.zeros(7, 2)
    mixed = torch.cat([FRESH, TRAIN[0][:20], tied])
    table = certify(linear(1, 0), TRAIN, surrogate=(linear(1, 1), CERTIFICATE), unlabelled=mixed)
    assert dict(table.facts)["disagreements with the surrogate"] == f"{disagreeing(FRESH) + 27} of 527 unlabelled inputs"
    (entry,) = [one for one in table["holdout.disagreement"].assumptions if one.assumption == UNLABELLED_DRAWS]
    assert "20 of 527 are training inputs" in entry.how
    known = {UNLABELLED_DRAWS: ("by construction", "draws from a generator")}
    trusted = certify(linear(1, 0), TRAIN, surrogate=(linear(1, 1), CERTIFICATE), unlabelled=mixed, audit=known)
    expected = disagreeing(FRESH) + disagreeing(TRAIN[0][:20]) + 7
    assert dict(trusted.facts)["disagreements with the surrogate"] == f"{expected} of 527 unlabelled inputs"


@pytest.mark.slow
def test_what_is_known_not_to_hold_makes_no_number_to_cite() -> None:
    table = certify(
        linear(1, 0),
        TRAIN,
        surrogate=(linear(1, 1), CERTIFICATE),
        unlabelled=FRESH,
        audit={UNLABELLED_DRAWS: ("violated", "the surrogate was trained to agree on them")},
    )
    assert table.best is None


GIBBS = pac_bayes.seeger2002(empirical_risk=Fraction(1, 100), kl=10, n=1000, delta=DELTA / 2)


@pytest.mark.slow
def test_a_posterior_is_drawn_anew_for_each_input() -> None:
    def drawn(inputs: Tensor) -> Tensor:
        return (inputs.sum(1) + torch.randn(len(inputs), generator=GENERATOR) <= 0).long()

    row = certify(linear(1, 0), TRAIN, surrogate=(drawn, GIBBS), unlabelled=FRESH)["holdout.disagreement"]
    (entry,) = [one for one in row.assumptions if one.assumption == SURROGATE_COMPARED]
    assert entry.status == "declared"
    assert "anew for each input" in entry.how


class Jumping(nn.Module):
    """A network that can't be read: its answer jumps where it is sure."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = linear(1, 0)

    def forward(self, x: Tensor) -> Tensor:
        logits = self.layer(x)
        return torch.where(logits.amax(1, keepdim=True) > 1, -logits, logits)


@pytest.mark.slow
def test_a_network_that_cannot_be_read_has_the_row_alone() -> None:
    """It used to be refused, although disagreements need answers alone."""
    table = certify(Jumping(), TRAIN, surrogate=(linear(1, 1), CERTIFICATE), unlabelled=FRESH)
    assert table.best is not None
    assert [row.bound for row in table.rows] == [table.best.bound] == ["holdout.disagreement"]
    flipped = FRESH[:, 0].abs() > 1
    count = int(((FRESH[:, 0] > 0) ^ flipped != (FRESH.sum(1) > 0)).sum())
    assert dict(table.facts)["disagreements with the surrogate"] == f"{count} of 500 unlabelled inputs"
    assert "could not be read" in dict(table.facts)["network"]
    assert "Jumping" in dict(table.not_applicable)["all bounds on the training sample"]
    assert "holdout.disagreement: risk" in table.summary()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"surrogate": (linear(1, 1), GIBBS)}, "must be a function that draws from the posterior anew for each input"),
        ({"surrogate": (linear(1, 1), clopper_pearson(errors=3, n=400, delta=DELTA))}, "make the certificate at delta=0.025"),
        ({"surrogate": linear(1, 1)}, r"surrogate must be \(predictor, certificate\)"),
        ({"surrogate": (linear(1, 1), progressive_validation_grid(online_risk=0, n=9, delta=0.01))}, "on the mean risk of the iterates"),
        ({"surrogate": (lambda inputs: inputs, CERTIFICATE)}, "one class for each input"),
        ({"unlabelled": None}, "unlabelled must be given with surrogate"),
        ({"unlabelled": (FRESH, torch.zeros(500))}, "inputs without labels"),
        ({"unlabelled": FRESH[:0]}, "at least one input"),
        ({"weights": {"margin.spectral": 1}}, "weights must not be given with a surrogate"),
        ({"train": (TRAIN[0], TRAIN[1] + 7)}, "labels must"),
        ({"train": iter([TRAIN])}, "read twice|read only once"),
    ],
)
def test_what_is_refused(changed: dict[str, Any], message: str) -> None:
    arguments: dict[str, Any] = {"train": TRAIN, "surrogate": (linear(1, 1), CERTIFICATE), "unlabelled": FRESH} | changed
    with pytest.raises(ValueError, match=message):
        certify(linear(1, 0), arguments.pop("train"), **arguments)
