"""The certificate of the user's own network by that of a surrogate, on inputs without labels that neither of the two saw."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import torch
from torch import Tensor, nn

from genbounds.bounds import Certificate
from genbounds.bounds import assumptions as a
from genbounds.bounds.assumptions import Audit
from genbounds.bounds.bounds_on import GIBBS_RISK, MAJORITY_VOTE_RISK, RISK
from genbounds.bounds.holdout import disagreement
from genbounds.models.certifying.certificate_table import CertificateTable
from genbounds.models.certifying.common_examples import SeenInputs
from genbounds.models.measuring.held_out_errors import classes_by_running, errors_by_running
from genbounds.models.measuring.labelled_sample import batches
from genbounds.models.tracing.outputs import Output
from genbounds.models.tracing.own_copy import OwnNetwork

Classes = Callable[[Tensor], tuple[Tensor, Tensor]]
BOUNDED = (RISK, GIBBS_RISK, MAJORITY_VOTE_RISK)
RULE = "holdout.disagreement with the surrogate, fixed before the data were seen: the surrogate's delta and the rest of delta"


def by_surrogate(
    table: CertificateTable, model: nn.Module, train: tuple[Any, Any], surrogate: Any, unlabelled: Any, audit: Audit | None, output: Output
) -> CertificateTable:
    """The table with one more row: the surrogate's certificate and how often the network disagrees with it.

    Args:
        table: the other rows.
        model: the network, run as it is.
        train: (inputs, labels) or (batches, None): inputs of it among the unlabelled ones count as disagreements.
        surrogate: (predictor, certificate): a module, or a function that gives the classes of a batch of inputs; a random surrogate is a
            function that draws anew for each input.
        unlabelled: inputs, or an iterable of batches of inputs.
        audit, output: as for ``certify``.

    Raises:
        ValueError: no such pair, a certificate of something else, of no delta or of too large a one, a module where a posterior is meant,
            or a training sample that can be read only once.
    """
    predictor, certificate = _pair(surrogate)
    share = _rest(certificate, table.delta)
    classes, how = _classes(predictor, certificate)
    seen, known = SeenInputs(), dict(audit or {})
    again = sum(len(inputs) for inputs, _ in seen.training(batches(*train)))
    if not again:
        raise ValueError("train must be given so that it can be read twice, got nothing the second time: pass arrays, or a list of batches")
    keep = a.UNLABELLED_DRAWS in known
    unsure = [0]
    judged = _compared(seen.held_out(((one, torch.arange(len(one))) for one in _inputs(unlabelled)), keep=keep), classes, unsure)
    counted, n, _ = errors_by_running(model, judged, output)
    shared = 0 if keep else seen.common
    disagreements, drawn = counted + unsure[0] + shared, n + unsure[0] + shared
    row = disagreement(surrogate_risk=certificate, disagreements=disagreements, unlabelled=drawn, delta=share)
    declared = "neither the training nor the choice of either network looked at them"
    if shared:
        declared += f"; {shared} of {drawn} are training inputs and count as disagreements"
    ours: Audit = {
        a.MISCLASSIFICATION: ("by construction", "classes are compared"),
        a.SURROGATE_COMPARED: how,
        a.UNLABELLED_DRAWS: ("declared", declared),
    }
    row = replace(
        row.audited_where_made(ours).audited_where_made(known), note="the network as it runs here; no label of its own was held out"
    )
    return _with(table, row, (("disagreements with the surrogate", f"{disagreements} of {drawn} unlabelled inputs"),))


def _with(table: CertificateTable, row: Certificate, facts: tuple[tuple[str, str], ...]) -> CertificateTable:
    """The table with the row in its place; it is the number to cite where no labels are held out."""
    judged = any(one.bound == "holdout.clopper_pearson" for one in table.rows)
    best = table.best if judged else None if row.violated else row
    return replace(
        table,
        rows=tuple(sorted((*table.rows, row), key=lambda one: one.value)),
        best=best,
        rule=table.rule if judged else RULE,
        not_applicable=tuple(entry for entry in table.not_applicable if entry[0] != row.bound),
        facts=(*table.facts, *facts),
    )


def _pair(surrogate: Any) -> tuple[Any, Certificate]:
    """(predictor, certificate)."""
    if not isinstance(surrogate, tuple) or len(surrogate) != 2 or not isinstance(surrogate[1], Certificate):
        raise ValueError(
            f"surrogate must be (predictor, certificate), got {type(surrogate).__name__}: pass the surrogate network, or a function that "
            "gives its classes, and the certificate of its risk"
        )
    predictor, certificate = surrogate
    if certificate.bounds_on not in BOUNDED:
        raise ValueError(
            f"the surrogate's certificate must bound a {', '.join(BOUNDED[:-1])} or {BOUNDED[-1]}, got one of {certificate.bound} on the "
            f"{certificate.bounds_on}: certify the surrogate itself"
        )
    return predictor, certificate


def _rest(certificate: Certificate, delta: Fraction) -> Fraction:
    """What the surrogate's certificate leaves of delta."""
    spent = certificate.delta or Fraction(0)
    if spent >= delta:
        raise ValueError(
            f"the surrogate's certificate must have a delta below that of the table, {float(delta):g}, got {float(spent):g}: the rest pays "
            f"for the disagreement; make the certificate at delta={float(delta / 2):g}"
        )
    return delta - spent


def _classes(predictor: Any, certificate: Certificate) -> tuple[Classes, Any]:
    """How the surrogate's classes are found, and what that says of the assumption."""
    random = certificate.bounds_on == GIBBS_RISK
    if isinstance(predictor, nn.Module):
        if random:
            raise ValueError(
                "surrogate must be a function that draws from the posterior anew for each input, got a module for a certificate of a Gibbs "
                "risk: one network, such as the posterior's mean, is not what was certified"
            )
        own = OwnNetwork.of(predictor, "surrogate")
        return (lambda inputs: classes_by_running(own, inputs)), ("by construction", "both networks are run on each input")
    if not callable(predictor):
        raise ValueError(f"surrogate must be a module or a function of inputs, got {type(predictor).__name__}: pass what predicts")

    def asked(inputs: Tensor) -> tuple[Tensor, Tensor]:
        classes = torch.as_tensor(predictor(inputs))
        if classes.shape != (len(inputs),) or classes.is_floating_point():
            raise ValueError(
                f"surrogate must give one class for each input, a whole number, got {tuple(classes.shape)} of {classes.dtype} for "
                f"{len(inputs)} inputs: take the argmax of its logits"
            )
        return classes, torch.zeros(len(inputs), dtype=torch.bool)

    words = "it draws from the posterior anew for each input" if random else "the function names the classes of the certified surrogate"
    return asked, ("declared", words)


def _inputs(unlabelled: Any) -> Iterator[Tensor]:
    """Batches of inputs."""
    if isinstance(unlabelled, tuple):
        raise ValueError("unlabelled must be inputs without labels, got a tuple: pass the inputs alone, or held_out=(inputs, labels)")
    whole = isinstance(unlabelled, Tensor) or hasattr(unlabelled, "__array__") or not isinstance(unlabelled, Iterable)
    for batch in [unlabelled] if whole else unlabelled:
        one = torch.as_tensor(batch)
        if one.ndim == 0 or not len(one):
            raise ValueError(f"unlabelled must hold at least one input, got shape {tuple(one.shape)}: pass inputs, or batches of them")
        yield one


def _compared(fresh: Iterable[tuple[Tensor, Any]], classes: Classes, unsure: list[int]) -> Iterator[tuple[Tensor, Tensor]]:
    """The inputs with the surrogate's classes; those on which it names none are counted and left out: they are disagreements."""
    for inputs, _ in fresh:
        named, without = classes(inputs)
        unsure[0] += int(without.sum())
        kept = ~without
        if bool(kept.any()):
            yield inputs[kept.to(inputs.device)], named[kept]
