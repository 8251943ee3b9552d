"""Margin bounds of a measured network: what each is given, at which margin, and why the others do not apply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from genbounds.bounds import Quantity
from genbounds.bounds import assumptions as a
from genbounds.bounds.assumptions import Assumption, Audit, Status
from genbounds.bounds.exact import Exact
from genbounds.bounds.special.rounding import decimal_up
from genbounds.models.certifying.candidates import DECLARED_IID, PIECEWISE_LINEAR, Candidate
from genbounds.models.certifying.margin_search import MarginSearch
from genbounds.models.measuring.network_summary import NetworkSummary

SMALLEST = 2.0**-1000
"""Stands for a spectral norm of zero: an upper bound too, and the bounds take logarithms."""


def margins(summary: NetworkSummary, reasons: dict[str, str]) -> list[Candidate]:
    """Margin bounds, those of graphs and those of chains; ``reasons`` collects what does not apply."""
    return [*_graph(summary, reasons), *_chain(summary, reasons)]


def _graph(summary: NetworkSummary, reasons: dict[str, str]) -> list[Candidate]:
    """The spectral bound of the graph, for each reference that is at hand."""
    name, covers = "margin.spectral_graph", summary.covers
    if summary.covers_overflow:
        # The sample decided that these bounds can't be read, so they are candidates that fail: their shares are paid.
        references = ["zero"] if summary.distances_2_1 is None else ["initialisation", "zero"]
        return [Candidate(name, _beyond_the_doubles, _graph_audit(reference), f"reference: {reference}") for reference in references]
    if covers is None:
        reasons[name] = (
            "attention or gates (their slope grows with what they multiply, which norms of layers do not fix), or a trained threshold"
        )
        return []
    fixed: dict[str, Any] = {
        "input_lipschitz": covers.input_lipschitz,
        "inputs_at_zero": covers.inputs_at_zero,
        "output_lipschitz": covers.output_lipschitz,
        "entries": covers.entries,
        "outputs": summary.outputs,
        "data_norm": summary.data_norm,
        "n": summary.n,
    }
    found = []
    for reference, distances in (("initialisation", covers.distances_2_1), ("zero", covers.norms_2_1)):
        if distances is not None:
            given = {**fixed, "distances_2_1": distances}
            found.append(_at_best_margin(name, summary, given, _graph_audit(reference), f"reference: {reference}"))
    return found


def _beyond_the_doubles(delta: Fraction) -> Mapping[str, Any]:
    raise OverflowError("a constant of the network is above 1.8e308, the largest double")


def _chain(summary: NetworkSummary, reasons: dict[str, str]) -> list[Candidate]:
    """The bounds of chains."""
    bounds = ("norm_product", "spectral", "spectral_closed", "bartlett2017spectral", "neyshabur2018pacbayes_grid")
    names = [f"margin.{name}" for name in bounds]
    if summary.residual:
        reasons |= dict.fromkeys(
            names, f"{'residual' if any(summary.is_block) else 'branching'} network: the theorem is for chains of layers"
        )
        return []
    try:
        chain = summary.augmented()
    except ValueError as error:
        reasons |= dict.fromkeys(names, str(error))
        return []
    offset = [name for name, value in zip(chain.activations, chain.values_at_zero, strict=True) if value]
    if offset:
        reasons |= dict.fromkeys(names, f"activation {offset[0]} does not map 0 to 0")
        return []
    return [*_norm_product(summary, chain, reasons), *_spectral(summary, chain), *_pac_bayes_margin(summary, chain, reasons)]


def _norm_product(plain: NetworkSummary, chain: NetworkSummary, reasons: dict[str, str]) -> list[Candidate]:
    name = "margin.norm_product"
    others = sorted(set(chain.activations) - PIECEWISE_LINEAR)
    if others or not chain.homogeneous:
        reasons[name] = f"activation {', '.join(others)} is not elementwise and positively homogeneous" if others else "not homogeneous"
    elif max(chain.lipschitz) > 1:
        reasons[name] = f"an activation has Lipschitz constant {decimal_up(max(chain.lipschitz), 6)}, and the theorem needs 1"
    else:
        fixed = {"norm_product": chain.norm_product(), "depth": chain.depth, "outputs": chain.outputs}
        fixed |= {"data_norm": chain.data_norm, "n": chain.n}
        return [_at_best_margin(name, chain, fixed, _margin_audit(plain, chain, None), unit=chain.norm_product().value)]  # type: ignore[arg-type]
    return []


def _spectral(plain: NetworkSummary, chain: NetworkSummary) -> list[Candidate]:
    """The spectral bounds, for each reference that is at hand."""
    common: dict[str, Any] = {"lipschitz": chain.lipschitz, "widths": chain.widths, "outputs": chain.outputs}
    common |= {"spectral_norms": _positive(chain.spectral_norms), "data_norm": chain.data_norm, "n": chain.n}
    found = []
    for reference, distances in (("initialisation", chain.distances_2_1), ("zero", chain.norms_2_1)):
        if distances is None:
            continue
        fixed, audit = common | {"distances_2_1": distances}, _margin_audit(plain, chain, reference)
        homogeneous = reference == "zero" and chain.homogeneous
        options = {"homogeneous": True} if homogeneous else {}
        form = f"reference: {reference}{', layers rescaled' if homogeneous else ''}"
        unit = chain.norm_product("spectral_norms").value if homogeneous else 1
        name = "margin.spectral"
        found.append(_at_best_margin(name, chain, fixed, audit, form, options=options, unit=unit))  # type: ignore[arg-type]
        # Its closed form is an upper bound on the sums that the chain adds up, so it is left out where the best is chosen.
        form = f"reference: {reference}"
        found.append(replace(_at_best_margin("margin.spectral_closed", chain, fixed, audit, form), may_win=False))
        found.append(_at_best_margin("margin.bartlett2017spectral", chain, fixed, audit, form))
    return found


def _pac_bayes_margin(plain: NetworkSummary, chain: NetworkSummary, reasons: dict[str, str]) -> list[Candidate]:
    name = "margin.neyshabur2018pacbayes_grid"
    if max(chain.lipschitz) > 1:
        reasons[name] = f"an activation has Lipschitz constant {decimal_up(max(chain.lipschitz), 6)}, and the theorem needs 1"
        return []
    if chain.input_radius.kind not in ("exact", "upper") or not float(chain.input_radius):
        reasons[name] = (
            "no bound on the norm of every input of the population: pass input_radius (the largest norm in the sample is not one)"
        )
        return []
    common = {"widths": chain.widths, "input_radius": chain.input_radius, "n": chain.n}
    norms, found = _positive(chain.spectral_norms), []
    if chain.frobenius_distances is not None:
        fixed = common | {"spectral_norms": norms, "frobenius_distances": chain.frobenius_distances}
        audit = _margin_audit(plain, chain, "initialisation")
        found.append(_at_best_margin(name, chain, fixed, audit, "reference: initialisation"))
    frobenius, form = chain.frobenius_norms, "reference: zero"
    if chain.homogeneous:
        norms, frobenius = equalised(norms, frobenius)
        form = "reference: zero, layers rescaled"
    fixed = common | {"spectral_norms": norms, "frobenius_distances": frobenius}
    found.append(_at_best_margin(name, chain, fixed, _margin_audit(plain, chain, "zero"), form))
    return found


def equalised(spectral: Quantity, frobenius: Quantity) -> tuple[Quantity, Quantity]:
    """The norms of a homogeneous network after layer i is multiplied by c_i > 0 with product 1: the same function, nearly equal norms.

    The factors are rational numbers, and exactly of product 1, so the products with the norms are exact.

    >>> s, f = equalised(Quantity((4.0, 1.0), "upper", "made up"), Quantity((8.0, 3.0), "upper", "made up"))
    >>> s.value, f.value
    ((2, 2), (4, 6))
    """
    norms: tuple[Any, ...] = spectral.value  # type: ignore[assignment]
    logs = np.array([float(np.log2(float(norm))) for norm in norms])
    factors = [Fraction(float(2.0**exponent)).limit_denominator(2**40) for exponent in np.clip(logs.mean() - logs, -40, 40)]
    factors = [factor if factor > 0 else Fraction(1, 2**40) for factor in factors[:-1]]
    product = Fraction(1)
    for factor in factors:
        product *= factor
    factors.append(1 / product)
    how = "layers rescaled by exact factors of product 1"

    def scaled(quantity: Quantity) -> Quantity:
        values: tuple[Any, ...] = quantity.value  # type: ignore[assignment]
        return replace(
            quantity,
            value=tuple(Fraction(value) * factor for value, factor in zip(values, factors, strict=True)),
            how=f"{quantity.how}; {how}",
        )

    return scaled(spectral), scaled(frobenius)


def _positive(quantity: Quantity) -> Quantity:
    values: tuple[Any, ...] = quantity.value  # type: ignore[assignment]
    return replace(quantity, value=tuple(value if value > 0 else SMALLEST for value in values))


def _at_best_margin(
    name: str,
    summary: NetworkSummary,
    fixed: Mapping[str, Any],
    audit: Audit,
    form: str = "",
    *,
    options: Mapping[str, Any] | None = None,
    unit: Exact = 1,
) -> Candidate:
    """The bound at the margin where it is smallest in floats; nothing is paid, as it holds for all margins at once.

    ``unit``: the bound rounds the margin down to a number unit * 2^j, so these are tried too.
    """
    search = MarginSearch(name, summary, dict(fixed), dict(options or {}), unit)
    return Candidate(name, search.inputs, audit, form, search.options, at_size=search.at_size)


def _margin_audit(plain: NetworkSummary, chain: NetworkSummary, reference: str | None) -> Audit:
    names = ", ".join(sorted(set(chain.activations[:-1]))) or "none"
    largest = max(chain.lipschitz)
    return {
        **_measured_audit(reference),
        a.ARCHITECTURE_FIXED_IN_ADVANCE: (
            "declared",
            "the network's own widths and activations, chosen before the sample was seen",
        ),
        a.DEPTH_AND_ACTIVATION_FIXED_IN_ADVANCE: (
            "declared",
            f"{chain.depth} layers with activations {names}, chosen before the sample was seen",
        ),
        a.HOMOGENEOUS_ACTIVATION: ("checked", f"activations: {names}"),
        a.HOMOGENEOUS_LIPSCHITZ_ACTIVATION: (
            "checked" if chain.homogeneous else "violated",
            f"activations: {names}, with Lipschitz constants of at most {decimal_up(largest, 6)}",
        ),
        a.LIPSCHITZ_ACTIVATION: (
            "checked",
            f"activations: {names}, with Lipschitz constants of at most {decimal_up(largest, 6)} and value 0 at 0",
        ),
        a.ONE_LIPSCHITZ_ACTIVATION: (
            "checked" if largest <= 1 else "violated",
            f"activations: {names}, with Lipschitz constants of at most {decimal_up(largest, 6)} and value 0 at 0",
        ),
        a.NO_BIAS: ("checked", "no layer has one")
        if chain is plain
        else ("by construction", "biases are part of augmented matrices [[A, b], [0, 1]], and inputs are (x, 1)"),
        a.INPUT_RADIUS_OF_POPULATION: ("declared", "no example of the sample exceeds the declared radius"),
    }


def _graph_audit(reference: str) -> Audit:
    how = "constants read off the network's own operations and layers, rounded up; the architecture was chosen before the sample"
    return {**_measured_audit(reference), a.LIPSCHITZ_GRAPH: ("declared", how)}


def _measured_audit(reference: str | None) -> Audit:
    """What holds of every margin bound that a summary feeds."""
    audit: dict[Assumption, tuple[Status, str]] = {
        **DECLARED_IID,
        a.MARGIN_LOSS: ("by construction", "float64 margins, rounded down by their error allowance, counted in whole numbers"),
        a.DATA_NORM_OF_SAMPLE: ("by construction", "float64 sum of squares over this sample, rounded up"),
    }
    if reference == "zero":
        audit[a.REFERENCE_FIXED_IN_ADVANCE] = audit[a.REFERENCE_ZERO] = ("by construction", "zero")
    if reference == "initialisation":
        audit[a.REFERENCE_FIXED_IN_ADVANCE] = ("declared", "the given initialisation was drawn without looking at the sample")
    return audit
