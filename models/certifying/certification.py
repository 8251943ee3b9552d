"""certify: every certificate that a trained network admits, and the number to cite, in one call."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import chain
from typing import Any

from torch import Tensor, nn

from genbounds.bounds import Certificate, Quantity
from genbounds.bounds.assumptions import HYPOTHESIS_INDEPENDENT_OF_SAMPLE, Assumption, Audit, AuditedAssumption, Status
from genbounds.bounds.special.rounding import decimal_down, decimal_up
from genbounds.models.certifying.candidates import Candidate, counting
from genbounds.models.certifying.candidates import held_out as held_out_candidates
from genbounds.models.certifying.certificate_table import CertificateTable
from genbounds.models.certifying.common_examples import SeenInputs
from genbounds.models.certifying.margin_candidates import margins
from genbounds.models.certifying.number_to_cite import confidence, first_labels, more_labels, number_to_cite, rule, shares
from genbounds.models.certifying.outlooks import outlooks
from genbounds.models.certifying.predictions import BY_VARIANCE, held_out_table, unread_table
from genbounds.models.certifying.reasons import not_applicable
from genbounds.models.certifying.surrogates import by_surrogate
from genbounds.models.measuring.held_out_errors import errors_by_running, held_out_errors
from genbounds.models.measuring.labelled_sample import batches
from genbounds.models.measuring.network_summary import NetworkSummary
from genbounds.models.measuring.reading import ReadNetwork
from genbounds.models.measuring.summary import summarize
from genbounds.models.tracing.outputs import Output
from genbounds.models.tracing.wrappers import notes_on

AS_IT_RUNS = ("network", "as it runs here, in its own arithmetic: it could not be read")


def certify(
    model: nn.Module,
    train: Any,
    *,
    delta: Any = Fraction(1, 20),
    initial: nn.Module | None = None,
    held_out: Any = None,
    input_radius: Any = None,
    counts: Any = None,
    audit: Audit | None = None,
    weights: Mapping[str, Any] | None = None,
    output: Output = None,
    surrogate: Any = None,
    unlabelled: Any = None,
) -> CertificateTable:
    """All certificates of a trained network, each at ``delta`` on its own, and the number to cite, chosen by a rule that is fixed in
    advance.

    With ``held_out`` the number to cite is Clopper-Pearson's bound on the held-out errors, with the whole of delta (unless ``weights`` are
    given). It needs predictions only: if the network can't be read, it is still there, and the reason stands in place of the other rows.
    Without ``held_out`` every bound on the training sample has a fixed share of delta.

    Args:
        model: the trained network. It is not changed: copies of it are read and run. All rows of a network that can be read are about
            the network of real arithmetic with its parameters; the outputs in its own dtype, on examples of every batch, must agree with
            that up to rounding. Held-out rows of a network that can't be read are about the network as it runs here.
        train: the sample it was trained on: a tuple (inputs, labels), or an iterable of batches (x, y) that is not a tuple.
        delta: the failure probability of each row, and of the number to cite.
        initial: the network before training; it must not depend on the sample. Distances from it enter the spectral bounds.
        held_out: examples that neither training nor model selection saw, given like ``train``. A held-out input that equals a training
            input, at the coarser precision of the two, counts as an error whatever the network says of it. So the count is at least that of
            independent draws, and the rows stay valid. If the draws are independent all the same, say so in ``audit``.
        input_radius: a bound on ||x|| over the whole population, for ``margin.neyshabur2018pacbayes_grid``.
        counts: how often each training example occurs in the sample.
        audit: what is known about assumptions beyond what can be checked, as for ``Certificate.audited``: ``{IID_SAMPLE: ("by
            construction", "drawn with replacement from a pool")}``, or ``("violated", "augmented images")``. Rows that rest on a violated
            assumption are not certificates.
        weights: parts of delta by bound, fixed before the data were seen, in place of the rule: ``{"holdout.clopper_pearson": "0.9",
            "margin.spectral": "0.1"}``.
        output: which tensor holds the logits if the forward returns several, as for ``summarize``.
        surrogate: (predictor, certificate) of another predictor, with a certificate at a delta below this one. The predictor is a
            module, or a function that gives the classes of a batch of inputs (for a posterior, with a new draw for each input). Then the
            table has a row for ``holdout.disagreement``, for which no label was held out from ``model``, and without ``held_out`` this row
            is the number to cite. It needs predictions only, so it is also there for a network that can't be read.
        unlabelled: for ``surrogate``, inputs (or batches of them) that neither of the two networks saw.

    Raises:
        ValueError: a module that can't be read, if neither ``held_out`` nor ``surrogate`` is given; or an input that does not fit. The
            message names the module or the input, and the remedy.
        TypeError: ``model`` is not a module.

    >>> layer = nn.Linear(1, 1, bias=False)
    >>> _ = nn.init.ones_(layer.weight)
    >>> table = certify(layer, ([[1.0], [-1.0]], [1, -1]), held_out=([[2.0]] * 100, [1] * 100))
    >>> table.best.bound, round(table.best.value, 12)  # 1 - 0.05^(1/100)
    ('holdout.clopper_pearson', 0.029513049607)
    """
    confidence(delta)
    shares(weights, judged=held_out is not None)
    if (surrogate is None) != (unlabelled is None):
        given, missing = ("surrogate", "unlabelled") if unlabelled is None else ("unlabelled", "surrogate")
        raise ValueError(
            f"{missing} must be given with {given}, got {given} alone: pass surrogate=(predictor, certificate) and unlabelled=inputs"
        )
    if surrogate is not None:
        if weights is not None:
            raise ValueError("weights must not be given with a surrogate, got both: its certificate and the rest of delta are the rule")
        others = {"initial": initial, "held_out": held_out, "input_radius": input_radius, "counts": counts}
        try:
            table = certify(model, train, delta=delta, audit=audit, output=output, **others)
        except ValueError as error:
            first = next(batches(*_pair(train, "train")), None)
            if held_out is not None or first is None or _readable(model, first[0], output):
                raise
            noted = tuple(("note", note) for note in notes_on(model))
            table = unread_table(delta, f"the network could not be read: {error}", (AS_IT_RUNS, *noted))
        return by_surrogate(table, model, _pair(train, "train"), surrogate, unlabelled, audit, output)
    if not isinstance(model, nn.Module):
        raise TypeError(f"model must be a torch.nn.Module, got {type(model).__name__}: a measured one goes to certify_summary")
    inputs, labels = _pair(train, "train")
    options = {"initial": initial, "input_radius": input_radius, "counts": counts, "output": output}
    if held_out is None:
        return certify_summary(summarize(model, inputs, labels, **options), delta=delta, audit=audit, weights=weights)
    seen, known = SeenInputs(), dict(audit or {})
    fresh = batches(*_pair(held_out, "held_out"))
    # Somebody who knows why the draws are independent has every held-out example judged by what the network says of it.
    judged = seen.held_out(fresh, keep=HYPOTHESIS_INDEPENDENT_OF_SAMPLE in known)
    training = seen.training(batches(inputs, labels))
    try:
        measured = summarize(model, training, **options)
    except ValueError as error:
        first = next(judged, None)
        if first is not None:
            if _readable(model, first[0], output):
                raise  # something else is wrong: the sample, the initial network, the radius
            judged = chain([first], judged)
        for _ in training:  # what is left of the sample: its inputs are compared with the held-out ones all the same
            pass
        return _unread(model, judged, seen, known, delta, weights, str(error), output)
    first = next(judged, None)
    errors, n = (0, 0) if first is None else held_out_errors(model, measured, chain([first], judged), output=output)
    counted, known, facts = _with_shared(errors, n, seen, known)
    table = _table_of(measured, delta, counted, known, weights, by_variance=not facts)
    return replace(table, facts=(*table.facts, *facts))


def _readable(model: nn.Module, example: Tensor, output: Output) -> bool:
    """Whether the network can be read on these inputs."""
    try:
        ReadNetwork.of(model, example, "model", output)
    except ValueError:
        return False
    return True


def _unread(
    model: nn.Module,
    judged: Iterator[tuple[Tensor, Any]],
    seen: SeenInputs,
    audit: dict[Assumption, tuple[Status, str]],
    delta: Any,
    weights: Mapping[str, Any] | None,
    why: str,
    output: Output,
) -> CertificateTable:
    """The held-out rows of a network that could not be read."""
    try:
        errors, n, unsettled = errors_by_running(model, judged, output)
    except ValueError as error:
        raise ValueError(f"{why}; nor can it be judged by running it: {error}") from error
    counted, known, facts = _with_shared(errors, n, seen, audit)
    noted = tuple(("note", note) for note in notes_on(model))
    told = (AS_IT_RUNS, *noted, *facts)
    if unsettled:
        told += (("held-out examples that rounding decides, counted as errors", f"{unsettled} of {n}"),)
    reason = f"the network could not be read: {why}"
    return held_out_table(*counted, delta=delta, audit=known, weights=weights, reason=reason, facts=told, by_variance=not facts)


def _with_shared(
    errors: int, n: int, seen: SeenInputs, audit: dict[Assumption, tuple[Status, str]]
) -> tuple[tuple[int, int], dict[Assumption, tuple[Status, str]], tuple[tuple[str, str], ...]]:
    """(errors, n) with the held-out inputs counted as errors that are training inputs, the audit that says so, and a fact.

    Of n independent draws those that happen to be training inputs count as 1 in place of their loss: an upper bound on it, of losses that
    are still fixed by the training sample. If instead m of the n were put there by mistake, the others are n - m independent draws, and m
    + Bin(n - m, R) is at least Bin(n, R): bounds that grow with the count hold in both cases.
    """
    if not seen.common:
        return (errors, n), audit, ()
    shared = f"{seen.common} of {seen.judged}"
    if HYPOTHESIS_INDEPENDENT_OF_SAMPLE in audit:
        return (errors, n), audit, (("held-out inputs that are training inputs", shared),)
    how = f"{shared} held-out inputs are training inputs; they count as errors, whatever the network says of them"
    known: dict[Assumption, tuple[Status, str]] = {**audit, HYPOTHESIS_INDEPENDENT_OF_SAMPLE: ("declared", how)}
    return (errors + seen.common, seen.judged), known, (("held-out inputs that are training inputs, counted as errors", shared),)


def certify_summary(
    summary: NetworkSummary,
    *,
    delta: Any = Fraction(1, 20),
    held_out: tuple[int, int] | None = None,
    audit: Audit | None = None,
    weights: Mapping[str, Any] | None = None,
) -> CertificateTable:
    """``certify`` for a network that was already measured by ``summarize``; ``held_out`` is (errors, n) on the held-out examples.

    >>> layer = nn.Linear(1, 1, bias=False)
    >>> _ = nn.init.ones_(layer.weight)
    >>> table = certify_summary(summarize(layer, [[1.0], [-1.0]], [1, -1]), held_out=(0, 100))
    >>> round(table["holdout.clopper_pearson"].value, 12)  # 1 - 0.05^(1/100)
    0.029513049607
    """
    return _table_of(summary, delta, held_out, dict(audit or {}), weights)


def _table_of(
    summary: NetworkSummary,
    delta: Any,
    held_out: tuple[int, int] | None,
    known: dict[Assumption, tuple[Status, str]],
    weights: Mapping[str, Any] | None,
    by_variance: bool = True,
) -> CertificateTable:
    level, judged = confidence(delta), held_out is not None
    parts = shares(weights, judged=judged)
    reasons: dict[str, str] = {}
    for assumption, status in known.items():
        AuditedAssumption(assumption, *status)  # refuses an unknown status now
    counted = [one for one in _judged(held_out) if by_variance or one.bound != BY_VARIANCE]
    if not by_variance:
        reasons[BY_VARIANCE] = "held-out inputs that are training inputs count as errors, and this bound need not grow with their number"
    rows: list[tuple[Candidate, Certificate]] = []
    for candidate in [*counted, *counting(summary, reasons), *margins(summary, reasons)]:
        try:
            rows.append((candidate, candidate.at(level).audited_where_made(known)))
        except (OverflowError, ValueError) as error:
            reasons[candidate.bound] = str(error)
    rows.sort(key=lambda row: row[1].value)
    found = {certificate.bound for _, certificate in rows}
    return CertificateTable(
        rows=tuple(certificate for _, certificate in rows),
        best=number_to_cite(rows, level, known, parts),
        not_applicable=tuple((name, reason) for name, reason in not_applicable(found, reasons, judged)),
        facts=_facts(summary, held_out),
        delta=level,
        rule=rule(weights, judged=judged),
        advice=first_labels(level) if held_out is None else more_labels(*held_out, level),
        outlooks=outlooks(rows, level),
    )


def _judged(counted: tuple[int, int] | None) -> list[Candidate]:
    if counted is None:
        return []
    errors, n = counted
    if not (isinstance(errors, int) and isinstance(n, int) and 0 <= errors <= n and n >= 1):
        raise ValueError(f"held_out must be (errors, n) with 0 <= errors <= n and n >= 1, got {counted}: count on the held-out examples")
    return held_out_candidates(errors, n)


def _facts(summary: NetworkSummary, judged: tuple[int, int] | None) -> tuple[tuple[str, str], ...]:
    """What a reader wants in addition to the certificates."""
    facts = [
        ("network", f"{summary.depth} layers, {summary.parameters} parameters, {summary.widths[0]} inputs, {summary.outputs} outputs"),
        ("arithmetic", "real arithmetic, with the parameters as they are stored"),
        *(("note", note) for note in summary.notes),
        ("training errors", f"{summary.errors} of {summary.n}"),
    ]
    if judged is not None:
        facts.append(("held-out errors", f"{judged[0]} of {judged[1]}"))
    median = summary.margin_quantile(Fraction(1, 2))
    facts.append(("median margin", f"at least {decimal_down(median, 4)}"))
    if math.isfinite(summary.looseness):
        facts.append(("spectral norms", f"at most {decimal_up(summary.looseness, 4)} times the true ones"))
    upper, lower = summary.lipschitz_upper, summary.lipschitz_lower
    if upper is not None and lower is not None:
        facts.append(("Lipschitz constant", f"in [{decimal_down(float(lower), 4)}, {decimal_up(float(upper), 4)}]"))
    if summary.lipschitz_exact is not None:
        facts.append(("Lipschitz constant over the line", f"{decimal_up(float(summary.lipschitz_exact), 6)}"))
    return tuple(facts)


def _pair(data: Any, name: str) -> tuple[Any, Any]:
    """(inputs, labels), or (batches, None)."""
    if isinstance(data, Quantity | str | bytes) or data is None:
        raise ValueError(f"{name} must be (inputs, labels) or an iterable of batches, got {type(data).__name__}: pass the sample itself")
    if isinstance(data, tuple) and not (data and isinstance(data[0], tuple)):
        if len(data) != 2:
            raise ValueError(f"{name} must be (inputs, labels), got a tuple of {len(data)}: pass two arrays, or a list of batches")
        return data[0], data[1]
    return data, None
