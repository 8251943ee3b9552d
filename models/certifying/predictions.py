"""Held-out certificates of any predictor: from its predictions, from its losses, or from the predictor itself."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from genbounds.bounds import Certificate, Quantity
from genbounds.bounds import assumptions as a
from genbounds.bounds.assumptions import Audit
from genbounds.bounds.exact import Exact, exact
from genbounds.bounds.special.rounding import decimal_up
from genbounds.models.certifying.candidates import DECLARED_IID, Candidate, constant
from genbounds.models.certifying.candidates import held_out as held_out_candidates
from genbounds.models.certifying.certificate_table import CertificateTable
from genbounds.models.certifying.number_to_cite import BY_LOSSES, confidence, first_labels, more_labels, number_to_cite, rule, shares
from genbounds.models.certifying.outlooks import outlooks

Array = npt.NDArray[Any]
BY_VARIANCE = "holdout.empirical_bernstein"
"""The bound on held-out errors that need not grow with their number."""
NO_NETWORK = "only predictions were given: certify(model, train, held_out=...) reads a network"


def certify_predictions(
    predictions: Any, labels: Any, *, delta: Any = Fraction(1, 20), audit: Audit | None = None, weights: Mapping[str, Any] | None = None
) -> CertificateTable:
    """The held-out certificates of a classifier, from its predictions on examples that training and selection never saw.

    Args:
        predictions: one class for each example, shape (n,), whole numbers or texts; or scores (logits, probabilities), shape (n, K)
            with K at least 2, where the largest entry is the prediction and a tie is an error. Anything that numpy makes an array of.
        labels: the true classes, shape (n,) or (n, 1), of the same kind (for scores 0 to K - 1), or one-hot rows (n, K).
        delta: the failure probability of each row and of the number to cite.
        audit, weights: as for ``certify``.

    Returns:
        a table whose ``best`` is Clopper-Pearson's bound with the whole of delta on it.

    Raises:
        ValueError: shapes or kinds that do not fit, scores that are NaN, labels outside the classes, or predictions and labels that
            certainly code the classes in two ways; the message says what to pass.

    >>> table = certify_predictions([0, 1, 1, 0] * 25, [0, 1, 1, 1] * 25)
    >>> dict(table.facts)["held-out errors"], round(table.best.value, 6)  # the quantile .95 of Beta(26, 75)
    ('25 of 100', 0.331322)
    """
    errors, n = count_errors(predictions, labels)
    return held_out_table(errors, n, delta=delta, audit=audit, weights=weights, facts=_in_common(predictions, labels))


def certify_predictor(
    predictor: Any,
    inputs: Any,
    labels: Any,
    *,
    delta: Any = Fraction(1, 20),
    audit: Audit | None = None,
    weights: Mapping[str, Any] | None = None,
) -> CertificateTable:
    """``certify_predictions`` for anything that predicts: an estimator with a method ``predict``, as in scikit-learn, or a function of
    inputs.

    >>> table = certify_predictor(lambda x: [int(value > 0) for value in x], [-1.0, 2.0, 3.0], [0, 1, 1])
    >>> round(table.best.value, 12) == round(1 - 0.05 ** (1 / 3), 12)
    True
    """
    method: Callable[[Any], Any] = getattr(predictor, "predict", predictor)
    if not callable(method):
        raise ValueError(f"predictor must be callable or have a method predict, got {type(predictor).__name__}: pass the fitted estimator")
    return certify_predictions(method(inputs), labels, delta=delta, audit=audit, weights=weights)


def certify_losses(
    losses: Any, *, low: Any = 0, high: Any = 1, delta: Any = Fraction(1, 20), audit: Audit | None = None
) -> CertificateTable:
    """The held-out certificates of any predictor, from its loss on each example, for losses in [low, high]: for regression and everything
    else.

    The certificates are about the mean of (loss - low)/(high - low), which lies in [0, 1]; ``facts`` has the bound in the units of the
    loss. The number to cite is the smaller of the kl bound and the empirical Bernstein bound, each at delta/2.

    Args:
        losses: one for each held-out example, shape (n,), n at least 2.
        low, high: limits that hold for every example of the population and were known before the sample: not the smallest and largest
            loss of the sample.
        delta, audit: as for ``certify_predictions``.

    Raises:
        ValueError: a loss outside [low, high] or NaN (the message says which example), fewer than two losses, or an empty range.

    >>> table = certify_losses([0.5, 1.5] * 200, low=0, high=2)
    >>> dict(table.facts)["mean loss over the population"]
    'at most 1.126'
    """
    first, last = exact(low, "low"), exact(high, "high")
    if not Fraction(first) < Fraction(last):
        raise ValueError(f"low must be below high, got {low} and {high}: give the range of the loss")
    given = np.asarray(_plain(losses))
    values = given.astype(np.float64) if given.dtype.kind in "biuf" and given.dtype.itemsize <= 8 else np.empty(0)
    if given.size and (not values.size or (given.dtype.kind in "iu" and np.abs(values).max() >= 2.0**53)):
        raise ValueError(
            f"losses must be doubles, or numbers that are doubles without rounding, got {given.dtype}: a loss rounded down would make the "
            "bound too small; pass an array of float64"
        )
    if values.ndim != 1 or len(values) < 2:
        raise ValueError(f"losses must have shape (n,) with n at least 2, got {values.shape}: one loss for each held-out example")
    wrong = np.flatnonzero(~((values >= _inward(first, math.inf)) & (values <= _inward(last, -math.inf))))
    if len(wrong):
        raise ValueError(
            f"losses must lie in [low, high] = [{low}, {high}], got {values[wrong[0]]} at example {wrong[0]} ({len(wrong)} of "
            f"{len(values)} outside): clip the loss by a rule fixed in advance, or give the range that holds for the population"
        )
    n, span = len(values), Fraction(last) - Fraction(first)
    risk, variance = _mean_and_variance(values, Fraction(first), span)
    independent: Audit = {a.HYPOTHESIS_INDEPENDENT_OF_SAMPLE: ("declared", "training and model selection never saw the held-out examples")}
    known: Audit = {
        **DECLARED_IID,
        **independent,
        a.LOSS_IN_UNIT_INTERVAL: ("checked", f"every loss of the sample lies in [{low}, {high}]; that every other does is declared"),
        a.UNBIASED_VARIANCE: ("by construction", "squares about the mean over n - 1, rounded up"),
    }
    given_to: Mapping[str, Callable[[int], Mapping[str, Any]]] = {
        "holdout.chernoff_kl": lambda m: {"empirical_risk": risk, "n": m},
        "holdout.empirical_bernstein": lambda m: {"empirical_risk": risk, "variance": _at_most_that_of_ones(variance, m), "n": m},
        "holdout.hoeffding": lambda m: {"empirical_risk": risk, "n": m},
    }
    candidates = [_sized(name, inputs, n, known) for name, inputs in given_to.items()]
    parts = {name: Fraction(1, len(BY_LOSSES)) for name in BY_LOSSES}
    said = "the smaller of holdout.chernoff_kl and holdout.empirical_bernstein, each at delta/2"
    table = _table(candidates, confidence(delta), dict(audit or {}), parts, said, (("held-out losses", f"{n} in [{low}, {high}]"),), ())
    if table.best is None:
        return table
    own = math.nextafter(float(Fraction(first) + span * Fraction(table.best.value)), math.inf)
    return replace(table, facts=(*table.facts, ("mean loss over the population", f"at most {decimal_up(own, 4)}")))


def held_out_table(
    errors: int,
    n: int,
    *,
    delta: Any,
    audit: Audit | None = None,
    weights: Mapping[str, Any] | None = None,
    reason: str = NO_NETWORK,
    facts: tuple[tuple[str, str], ...] = (),
    by_variance: bool = True,
) -> CertificateTable:
    """The table of a count of held-out errors; ``reason`` stands for every bound that needs more than that."""
    level = confidence(delta)
    told = (*facts, ("held-out errors", f"{errors} of {n}"))
    said = rule(weights, judged=True)
    parts = shares(weights, judged=True)
    counted = [one for one in held_out_candidates(errors, n) if by_variance or one.bound != BY_VARIANCE]
    return _table(counted, level, dict(audit or {}), parts, said, told, more_labels(errors, n, level), reason)


def unread_table(delta: Any, reason: str, facts: tuple[tuple[str, str], ...]) -> CertificateTable:
    """The table, still without a row, of a network that could not be read and of which no label is held out."""
    level = confidence(delta)
    return _table([], level, {}, {}, "", facts, first_labels(level), reason)


def count_errors(predictions: Any, labels: Any) -> tuple[int, int]:
    """(errors, n) of predictions as ``certify_predictions`` takes them.

    >>> count_errors([[0.1, 0.9], [0.5, 0.5]], [1, 0]), count_errors(["cat", "dog"], ["cat", "cat"])  # a tie is an error
    ((1, 2), (1, 2))
    """
    found, wanted = np.asarray(_plain(predictions)), np.asarray(_plain(labels))
    if found.ndim == 2 and found.shape[1] == 1:
        found = found[:, 0]
    if found.ndim not in (1, 2) or len(found) == 0:
        raise ValueError(f"predictions must have shape (n,) or (n, K) with n at least 1, got {found.shape}: one row for each example")
    classes = found.shape[1] if found.ndim == 2 else None
    wanted = _classes(wanted, len(found), classes)
    if classes is None:
        return _different(found, wanted), len(found)
    if found.dtype.kind not in "biuf" or np.isnan(found.astype(np.float64)).any():
        raise ValueError(f"scores must be numbers, got {found.dtype} with NaN or texts: a network that gives NaN predicts nothing")
    rows = np.arange(len(found))
    rest = found.astype(np.float64)
    own = rest[rows, wanted]
    rest[rows, wanted] = -math.inf
    return int(np.count_nonzero(~(own > rest.max(axis=1)))), len(found)


def _different(found: Array, wanted: Array) -> int:
    """How many predicted classes are not the labels, which must be of the same kind and coded alike."""
    if found.dtype.kind == "f" and not (np.isfinite(found).all() and (found == found.round()).all()):
        raise ValueError("predictions of shape (n,) must be classes, got scores: pass the classes (scores > 0 for two), or scores (n, K)")
    numbers = [one.dtype.kind in "biuf" for one in (found, wanted)]
    if numbers[0] != numbers[1]:
        raise ValueError(f"predictions and labels must be of one kind, got {found.dtype} and {wanted.dtype}: encode both in the same way")
    remedy = _coded_otherwise(found, wanted, numbers[0])
    if remedy:
        raise ValueError(
            f"predictions and labels must name classes alike, got {np.unique(found)[:5]} and {np.unique(wanted)[:5]}: {remedy}"
        )
    return int(np.count_nonzero(found != wanted))


def _coded_otherwise(found: Array, wanted: Array, numbers: bool) -> str:
    """The remedy where the two certainly code the classes in different ways; nothing where the predictor may just be wrong.

    This is certain for signs and bits, for texts that agree except for blanks and case, and for classes that have other names throughout
    and yet determine each other, one to one, on more examples than classes: a predictor that is wrong does not know the label that well.
    """
    sets = [set(np.unique(one).tolist()) for one in (found, wanted)]
    if numbers:
        if any(-1 in one and one <= {-1, 1} and 0 in other and other <= {0, 1} for one, other in (sets, sets[::-1])):
            return "encode both in the same way (0 and 1, or -1 and +1)"
    elif not sets[0] & sets[1] and {str(one).strip().lower() for one in sets[0]} & {str(one).strip().lower() for one in sets[1]}:
        return "write both in the same way (blanks, small and capital letters)"
    pairs = len(set(zip(found.tolist(), wanted.tolist(), strict=True)))
    one_to_one = pairs == len(sets[0]) == len(sets[1])
    if not sets[0] & sets[1] and one_to_one and 2 <= pairs < len(found):
        return "each stands for one of the others throughout, so encode both in the same way"
    return ""


def _in_common(predictions: Any, labels: Any) -> tuple[tuple[str, str], ...]:
    """A fact where no predicted class is a label: all are errors, which is true of a bad predictor and of another coding."""
    found, wanted = (np.asarray(_plain(one)).reshape(-1) for one in (predictions, labels))
    if found.size != wanted.size or set(np.unique(found).tolist()) & set(np.unique(wanted).tolist()):
        return ()
    return (("classes in common", "none, so that every prediction is an error: are both coded alike?"),)


def _classes(labels: Array, n: int, classes: int | None) -> Array:
    """Labels of shape (n,), from (n, 1) and from one-hot rows too."""
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim == 2 and labels.dtype.kind in "biuf" and np.isin(labels, (0, 1)).all() and (labels.sum(axis=1) == 1).all():
        labels = labels.argmax(axis=1)
    if labels.shape != (n,):
        raise ValueError(f"labels must have shape ({n},), as there are {n} predictions, got {labels.shape}: one class for each example")
    if classes is None:
        return labels
    if labels.dtype.kind not in "biuf" or not (np.isfinite(labels.astype(np.float64)).all() and (labels == np.round(labels)).all()):
        raise ValueError(f"labels given with scores must be whole numbers from 0 to {classes - 1}, got {labels.dtype}: encode the classes")
    whole = labels.astype(np.int64)
    if whole.min() < 0 or whole.max() >= classes:
        remedy = "subtract 1" if whole.min() == 1 and whole.max() == classes else "check the order of the columns"
        raise ValueError(
            f"labels must lie in 0, ..., {classes - 1}, one for each column of the scores, got {whole.min()} to {whole.max()}: {remedy}"
        )
    return whole


def _plain(values: Any) -> Any:
    """What numpy can read: a tensor of any library without its history and on the CPU."""
    for method in ("detach", "cpu"):
        if hasattr(values, method):
            values = getattr(values, method)()
    if type(values).__module__.partition(".")[0] == "torch" and str(values.dtype) in ("torch.bfloat16", "torch.float16"):
        values = values.float()
    return values


def _mean_and_variance(values: Array, low: Fraction, span: Fraction) -> tuple[Quantity, Quantity]:
    """Upper bounds on the mean and on the unbiased variance of (values - low)/span, a few units of the last place above the exact ones.

    ``math.fsum`` rounds the exact sum once. The squares about any point add up to at least those about the mean.
    """
    n = len(values)
    total = Fraction(math.nextafter(math.fsum(values), math.inf))
    mean = min(Fraction(1), (total / n - low) / span)
    middle = float(total / n)
    # Differences, squares and their sum are each off by a unit of the last place at most; what underflows is below 2^-1000.
    squares = Fraction(math.fsum((values - middle) ** 2)) * (1 + Fraction(1, 2**50)) + Fraction(n, 2**1000)
    variance = squares / (n - 1) / span**2
    return (
        Quantity(mean, "upper", "the mean of the losses, rounded up"),
        Quantity(variance, "upper", "the unbiased variance of the losses, rounded up"),
    )


def _sized(name: str, inputs: Callable[[int], Mapping[str, Any]], n: int, audit: Audit) -> Candidate:
    return Candidate(name, constant(**inputs(n)), audit, "held-out losses", at_size=lambda m: constant(**inputs(m)))


def _at_most_that_of_ones(variance: Quantity, n: int) -> Quantity:
    """An upper bound on the variance of n numbers in [0, 1], whose unbiased variance is at most n / (4 (n - 1))."""
    return replace(variance, value=min(Fraction(variance.value), Fraction(n, 4 * (n - 1))))  # type: ignore[arg-type]


def _inward(end: Exact, towards: float) -> float:
    """The double nearest to an end of the range that does not lie outside of it."""
    found = float(end)
    outside = Fraction(found) < Fraction(end) if towards > 0 else Fraction(found) > Fraction(end)
    return math.nextafter(found, towards) if outside else found


def _table(
    candidates: list[Candidate],
    level: Fraction,
    audit: Audit,
    parts: Mapping[str, Fraction],
    said: str,
    facts: tuple[tuple[str, str], ...],
    advice: tuple[str, ...],
    reason: str = NO_NETWORK,
) -> CertificateTable:
    rows: list[tuple[Candidate, Certificate]] = [(one, one.at(level).audited_where_made(audit)) for one in candidates]
    rows.sort(key=lambda row: row[1].value)
    return CertificateTable(
        rows=tuple(certificate for _, certificate in rows),
        best=number_to_cite(rows, level, audit, parts),
        not_applicable=(("all bounds on the training sample", reason),),
        facts=facts,
        delta=level,
        rule=said,
        advice=advice,
        outlooks=outlooks(rows, level),
    )
