"""certify: every certificate that a trained network admits, in one call."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import Any

from torch import nn

from genbounds.bounds import Bound, Certificate, Quantity, best_of, catalogue
from genbounds.bounds.assumptions import HYPOTHESIS_INDEPENDENT_OF_SAMPLE, Audit, AuditedAssumption
from genbounds.bounds.bounds_on import RISK
from genbounds.bounds.exact import exact
from genbounds.bounds.inputs import CONFIDENCE
from genbounds.bounds.special.rounding import decimal_down, decimal_up
from genbounds.models.certifying.candidates import Candidate, counting
from genbounds.models.certifying.candidates import held_out as held_out_candidates
from genbounds.models.certifying.certificate_table import CertificateTable
from genbounds.models.certifying.common_examples import SeenInputs
from genbounds.models.certifying.margin_candidates import margins
from genbounds.models.measuring.held_out_errors import held_out_errors
from genbounds.models.measuring.labelled_sample import batches
from genbounds.models.measuring.network_summary import NetworkSummary
from genbounds.models.measuring.summary import summarize

_FAMILY_REASONS = {
    "holdout": "no held-out examples: pass held_out=(inputs, labels) that neither training nor model selection saw",
    "pac_bayes": "needs a posterior over weights: train_posterior and certify_gibbs make one",
    "perceptron": "counts the mistakes of the perceptron, which no summary of a network holds",
    "stability": "needs constants of the loss and of the training algorithm that cannot be read off a trained network",
}
_REASONS = {
    "holdout.bennett": "needs a bound on the variance that was known before the sample",
    "holdout.bernstein": "needs a bound on the variance that was known before the sample",
    "holdout.finite_class": "the held-out examples judge one network: see holdout.hoeffding; with several candidates pass their number",
    "holdout.occam_kl": "needs a prior over networks that was fixed in advance",
    "holdout.occam_binomial": "needs a prior over networks that was fixed in advance",
    "holdout.kawaguchi2017validation": "needs the number of candidates that the held-out examples chose from: one network has none",
    "holdout.progressive_validation": "needs the losses of an online pass",
    "holdout.adaptive_reuse": "needs the number of models that the held-out examples have judged: with one it is holdout.hoeffding",
    "rademacher.uniform_deviation": "needs a class whose norms were bounded before training: margin.norm_product pays for all norms",
    "margin.bartlett1998fat_shattering": "needs a margin that was fixed before the sample: margin.norm_product holds for all at once",
    "margin.mohri2018multiclass": "needs a class whose norms, and a margin, were fixed before the sample: margin.norm_product pays for all",
    "margin.mohri2018uniform": "needs a class whose norms were fixed before the sample: margin.norm_product pays for all",
    "margin.norm_product_fixed_class": "needs norms and a margin that were bounded before training: margin.norm_product pays for all",
    "margin.spectral_fixed_class": "needs norms and a margin that were bounded before training: margin.spectral pays for all",
    "margin.spectral_closed_fixed_class": "needs norms and a margin that were bounded before training: margin.spectral pays for all",
    "margin.mohri2018binary": "needs a class whose norms, and a margin, were fixed before the sample: margin.norm_product pays for all",
    "margin.neyshabur2018perturbed": "needs a margin fixed before the sample: margin.neyshabur2018pacbayes_grid holds for all at once",
    "margin.neyshabur2018pacbayes": "its noise scale is chosen by margin.neyshabur2018pacbayes_grid, at no further cost",
}


_MEASURED = ("empirical_risk", "errors", "n", "delta", "margin", "margin_risk")


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
) -> CertificateTable:
    """Every certificate for a trained network whose inputs can be measured: each alone at ``delta``, and the best with the union paid.

    Args:
        model: the trained network, anything that ``summarize`` reads. It is never run and stays as it is. The certificates are about the
            network of real arithmetic with its parameters; in its own dtype it must compute about the same on examples of every batch.
        train: the sample it was trained on: a tuple (inputs, labels), or an iterable of batches (x, y) that is no tuple.
        delta: the failure probability of each row, and of the best.
        initial: the network before training; it must not depend on the sample. Distances from it enter the spectral bounds.
        held_out: examples that neither training nor model selection saw, given like ``train``. If an input of theirs is, bit for bit, one
            of the training inputs, the rows that rest on them are marked as violated, with the number; ``audit`` may say otherwise.
        input_radius: a bound on ||x|| over the whole population, for ``margin.neyshabur2018pacbayes_grid``.
        counts: how often each training example occurs in the sample.
        audit: what is known about assumptions beyond what can be checked, as for ``Certificate.audited``: ``{IID_SAMPLE: ("by
            construction", "drawn with replacement from a pool")}``, or ``("violated", "augmented images")``, which makes the rows that rest
            on it no certificates and keeps them out of the best.

    Raises ``ValueError`` naming the module or the input that is wrong, and the remedy.

    >>> layer = nn.Linear(1, 1, bias=False)
    >>> _ = nn.init.ones_(layer.weight)
    >>> table = certify(layer, ([[1.0], [-1.0]], [1, -1]), held_out=([[2.0]] * 100, [1] * 100))
    >>> table.best.bound, round(table["holdout.clopper_pearson"].value, 12)  # 1 - 0.05^(1/100)
    ('holdout.clopper_pearson', 0.029513049607)
    """
    _delta(delta)
    if not isinstance(model, nn.Module):
        raise TypeError(f"model must be a torch.nn.Module, got {type(model).__name__}: a measured one goes to certify_summary")
    inputs, labels = _pair(train, "train")
    options = {"initial": initial, "input_radius": input_radius, "counts": counts}
    if held_out is None:
        return certify_summary(summarize(model, inputs, labels, **options), delta=delta, audit=audit)
    seen = SeenInputs()
    measured = summarize(model, seen.training(batches(inputs, labels)), **options)
    judged = held_out_errors(model, measured, seen.held_out(batches(*_pair(held_out, "held_out"))))
    table = certify_summary(measured, delta=delta, held_out=judged, audit={**_independence(seen), **(audit or {})})
    if not seen.common:
        return table
    return replace(table, facts=(*table.facts, ("held-out inputs that are training inputs", f"{seen.common} of {seen.judged}")))


def _independence(seen: SeenInputs) -> Audit:
    """The assumption that held-out inputs in common with the training sample break, unless the user's audit says why they do not."""
    if not seen.common:
        return {}
    if seen.common == seen.judged:
        how = "every held-out input is one of the training inputs, bit for bit"
    else:
        how = f"{seen.common} of {seen.judged} held-out inputs are training inputs, bit for bit"
    remedy = "hold out others, or say in audit= why they are independent draws all the same (a small discrete population repeats itself)"
    return {HYPOTHESIS_INDEPENDENT_OF_SAMPLE: ("violated", f"{how}: {remedy}")}


def certify_summary(
    summary: NetworkSummary,
    *,
    delta: Any = Fraction(1, 20),
    held_out: tuple[int, int] | None = None,
    audit: Audit | None = None,
) -> CertificateTable:
    """``certify`` for a network that was measured already; ``held_out`` is (errors, n) on the held-out examples.

    >>> layer = nn.Linear(1, 1, bias=False)
    >>> _ = nn.init.ones_(layer.weight)
    >>> table = certify_summary(summarize(layer, [[1.0], [-1.0]], [1, -1]), held_out=(0, 100))
    >>> round(table["holdout.clopper_pearson"].value, 12)  # 1 - 0.05^(1/100)
    0.029513049607
    """
    level, known = _delta(delta), dict(audit or {})
    reasons: dict[str, str] = {}
    for assumption, status in known.items():
        AuditedAssumption(assumption, *status)  # refuses an unknown status now
    candidates = [*_judged(held_out), *counting(summary, reasons), *margins(summary, reasons)]
    rows: list[tuple[Candidate, Certificate]] = []
    failed = 0
    for candidate in candidates:
        try:
            rows.append((candidate, candidate.at(level).audited_where_made(known)))
        except (OverflowError, ValueError) as error:
            reasons[candidate.bound] = str(error)
            failed += candidate.may_win
    rows.sort(key=lambda row: row[1].value)
    found = {certificate.bound for _, certificate in rows}
    return CertificateTable(
        rows=tuple(certificate for _, certificate in rows),
        best=_best(rows, failed, level, known),
        not_applicable=tuple((name, reason) for name, reason in _not_applicable(found, reasons, held_out is not None)),
        facts=_facts(summary, held_out),
        delta=level,
    )


def _best(rows: list[tuple[Candidate, Certificate]], failed: int, delta: Fraction, audit: Audit) -> Certificate | None:
    """The best of the rows that may win, each at its share, which does not depend on what became of the others."""
    able = [candidate for candidate, certificate in rows if candidate.may_win and not certificate.violated]
    if not able:
        return None
    # Rows whose assumption is violated, and candidates that could not be evaluated, may be out because of what the samples say (held-out
    # inputs that are training inputs, errors on the sample). With other samples they might have won: the union is over them too.
    entered = sum(candidate.may_win for candidate, _ in rows) + failed
    calls = [partial(_called, candidate, audit, {}) for candidate in able]
    best = best_of(calls, delta * Fraction(len(able), entered))
    part = delta / entered
    winner = next(candidate for candidate, call in zip(able, calls, strict=True) if call.args[2][part].value == best.value)
    paid = f"best of {entered} at delta/{entered} each"
    return replace(best, note=f"{winner.form}; {paid}" if winner.form else paid)


def _called(candidate: Candidate, audit: Audit, made: dict[Fraction, Certificate], *, delta: Fraction) -> Certificate:
    """The candidate's certificate, remembered under its delta."""
    made[delta] = candidate.at(delta).audited_where_made(audit)
    return made[delta]


def _judged(counted: tuple[int, int] | None) -> list[Candidate]:
    if counted is None:
        return []
    errors, n = counted
    if not (isinstance(errors, int) and isinstance(n, int) and 0 <= errors <= n and n >= 1):
        raise ValueError(f"held_out must be (errors, n) with 0 <= errors <= n and n >= 1, got {counted}: count on the held-out examples")
    return held_out_candidates(errors, n)


def _not_applicable(found: set[str], reasons: Mapping[str, str], judged: bool) -> list[tuple[str, str]]:
    """A reason for every bound of the catalogue that has no row."""
    result = []
    for formula in catalogue():
        if not isinstance(formula, Bound) or formula.name in found:
            continue
        result.append((formula.name, reasons.get(formula.name) or _general_reason(formula, judged)))
    return result


def _general_reason(bound: Bound, judged: bool) -> str:
    """Why a bound that no candidate reads has no row."""
    if bound.family == "holdout" and not judged:
        return _FAMILY_REASONS["holdout"]
    if bound.name in _REASONS:
        return _REASONS[bound.name]
    if bound.family in _FAMILY_REASONS and bound.family != "holdout":
        return _FAMILY_REASONS[bound.family]
    if bound.bounds_on != RISK:
        return f"bounds the {bound.bounds_on}, not the risk of the network"
    missing = ", ".join(name for name in bound.inputs if name not in _MEASURED)
    return f"needs inputs that no measurement of a network gives: {missing}" if missing else "is about something else than one network"


def _facts(summary: NetworkSummary, judged: tuple[int, int] | None) -> tuple[tuple[str, str], ...]:
    """What a reader wants beside the certificates."""
    facts = [
        ("network", f"{summary.depth} layers, {summary.parameters} parameters, {summary.widths[0]} inputs, {summary.outputs} outputs"),
        ("arithmetic", "real arithmetic, with the parameters as they are stored"),
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


def _delta(delta: Any) -> Fraction:
    number = exact(delta, "delta")
    CONFIDENCE.check("delta", number)
    return Fraction(number)


def _pair(data: Any, name: str) -> tuple[Any, Any]:
    """(inputs, labels), or (batches, None)."""
    if isinstance(data, Quantity | str | bytes) or data is None:
        raise ValueError(f"{name} must be (inputs, labels) or an iterable of batches, got {type(data).__name__}: pass the sample itself")
    if isinstance(data, tuple) and not (data and isinstance(data[0], tuple)):
        if len(data) != 2:
            raise ValueError(f"{name} must be (inputs, labels), got a tuple of {len(data)}: pass two arrays, or a list of batches")
        return data[0], data[1]
    return data, None
