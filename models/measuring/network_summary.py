"""NetworkSummary: what bounds consume about a trained network and its sample, as Quantities and plain numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, fields
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from genbounds.bounds import notebook
from genbounds.bounds.exact import Exact, from_json, to_json
from genbounds.bounds.quantity import Quantity
from genbounds.bounds.special.rounding import decimal_down
from genbounds.models.tracing.cover_constants import CoverConstants

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class NetworkSummary:
    """Measurements of one network on one sample, made by ``summarize``; it holds no tensor and no module.

    The network is the one of real arithmetic with the parameters as they are stored, whatever dtype it was trained and is used in.

    Quantities per layer are vectors, first layer first; their kind is ``upper`` unless the name says lower. A layer is one use of a weight,
    as a linear operator at its real input size, so a weight that is used at every step of a recurrence has one entry per step.

    Attributes:
        widths: inputs, hidden widths, outputs. ``outputs == 1`` means a scalar network with labels -1 and +1.
        parameters: number of weights and biases.
        n: examples in the sample (the sum of the counts, if it was given as counts).
        errors: examples whose margin, rounded down, is at most 0 (ties are errors). ``errors_undecided`` of them lie within the rounding
            allowance of 0, so that exact arithmetic might count them as correct.
        spectral_norms, spectral_norms_lower, frobenius_norms, norms_2_1, norms_1_inf: per layer; (2,1) is the sum over output rows of the
            rows' l2 norms, 1-inf the largest l1 norm of a row.
        spectral_distances, frobenius_distances, distances_2_1, distances_1_inf: the same norms of the weights minus the initial ones; None
            if no ``initial`` was given (for the reference 0 the norms themselves are the distances).
        activations, lipschitz, values_at_zero: one entry per layer; the last layer has the identity.
        homogeneous: whether the network is positively homogeneous in each weight matrix: homogeneous activations, no biases, no residual
            branches.
        has_bias, is_block, tau: whether there is a bias anywhere; which layers are residual branches; the scale of the branches.
        data_norm: ||X||_F = sqrt(sum ||x_i||^2), upper. ``data_norm_columns``: max_j sqrt(sum_i x_ij^2), upper.
        input_radius: the declared population bound (``upper``), or the largest norm seen (``estimate``: no certificate takes it).
        margins: float64, one per example in the order given, rounded down; v_y - max_{j != y} v_j, or y f(x).
        counts: how often each example occurs in the sample, or None if once each.
        is_chain: whether the network is a chain of layers, each followed by one function of Lipschitz constant ``lipschitz`` that keeps 0
            (or moves every unit to ``values_at_zero``). If not (residual sums, concatenations, recurrences, attention), ``activations``,
            ``lipschitz``, ``values_at_zero`` and ``is_block`` describe residual dense networks only, and are empty for all others.
        layer_paths, layer_kinds, layer_shapes: the module path (not compared by ==), the kind and (outputs, inputs) of each layer's
            operator.
        lipschitz_upper, lipschitz_lower: a bracket for the network's Lipschitz constant, in l2 for inputs and logits. ``lipschitz_lower``
            is None from ``summarize_ensemble``. Where ``how`` names a radius, they hold for inputs of at most that norm.
        lipschitz_exact: the constant itself where the input is one number and the network piecewise linear: the largest slope over all
            pieces; otherwise None. It is rounded up, and of kind ``upper``, where it is irrational.
        input_norms: N_i, a bound on the Frobenius norm over the sample of the input of layer i, for all weights with these spectral norms
            and these biases. ``output_lipschitz``: D_i, the Lipschitz constant from layer i's output (before its activation) to the logits.
        bias_norms, bias_distances: the l1 norm, over all output entries, of layer i's bias, and of its change from ``initial``.
        covers: the network as ``margin.spectral_graph`` takes it; None with attention or a trained threshold, or if its numbers leave the
            doubles, in which case ``covers_overflow`` is True.
        with_biases_absorbed: what ``augmented`` gives, where the biases can be written as weights.
        notes: what was opened or left out to read the network, one sentence for each (not compared by ==).

    >>> from torch import nn
    >>> from genbounds.models import summarize
    >>> layer = nn.Linear(1, 1, bias=False)
    >>> _ = nn.init.constant_(layer.weight, 2.0)
    >>> summary = summarize(layer, [[1.0], [3.0], [-1.0]], [1, 1, 1])  # margins 2, 6 and -2, rounded down
    >>> summary.empirical_risk, summary.margin_risk(3), round(summary.margin_quantile(1), 9)
    (Fraction(1, 3), Fraction(2, 3), 6.0)
    """

    widths: tuple[int, ...]
    parameters: int
    n: int
    errors: int
    errors_undecided: int
    spectral_norms: Quantity
    spectral_norms_lower: Quantity
    frobenius_norms: Quantity
    norms_2_1: Quantity
    norms_1_inf: Quantity
    spectral_distances: Quantity | None
    frobenius_distances: Quantity | None
    distances_2_1: Quantity | None
    distances_1_inf: Quantity | None
    activations: tuple[str, ...]
    lipschitz: tuple[float, ...]
    values_at_zero: tuple[float, ...]
    homogeneous: bool
    has_bias: bool
    is_block: tuple[bool, ...]
    tau: float
    data_norm: Quantity
    data_norm_columns: Quantity
    input_radius: Quantity
    margins: Floats
    counts: Counts | None
    with_biases_absorbed: NetworkSummary | None = None
    is_chain: bool = True
    layer_paths: tuple[str, ...] = ()
    layer_kinds: tuple[str, ...] = ()
    layer_shapes: tuple[tuple[int, int], ...] = ()
    lipschitz_upper: Quantity | None = None
    lipschitz_lower: Quantity | None = None
    lipschitz_exact: Quantity | None = None
    input_norms: Quantity | None = None
    output_lipschitz: Quantity | None = None
    bias_norms: Quantity | None = None
    bias_distances: Quantity | None = None
    covers: CoverConstants | None = None
    covers_overflow: bool = False
    notes: tuple[str, ...] = ()

    @property
    def depth(self) -> int:
        """The number of weight matrices."""
        return len(self.widths) - 1

    @property
    def outputs(self) -> int:
        """The number of output units."""
        return self.widths[-1]

    @property
    def residual(self) -> bool:
        """Whether the network is not a chain; if so, bounds for chains do not apply."""
        return any(self.is_block) or not self.is_chain

    @property
    def looseness(self) -> float:
        """The largest ratio, over the layers, of the upper to the lower bound on the spectral norm; infinite if only the lower is 0."""
        pairs = zip(self.spectral_norms.value, self.spectral_norms_lower.value, strict=True)  # type: ignore[arg-type]
        return max((float(upper / lower) if lower else math.inf) if upper else 1.0 for upper, lower in pairs)

    @property
    def empirical_risk(self) -> Fraction:
        """errors / n."""
        return Fraction(self.errors, self.n)

    def _repr_html_(self) -> str:
        """For notebooks: what was measured, each number rounded as its kind says and with how it was measured, and the notes."""
        rows = [("empirical risk", f"{self.errors} of {self.n} ({self.errors_undecided} of them within the rounding allowance of 0)")]
        margins = f"from {decimal_down(float(self.margins.min()), 6)} to {decimal_down(float(self.margins.max()), 6)}, rounded down"
        rows += [("margins", margins)] if len(self.margins) else []
        rows += [(name, ", ".join(map(str, getattr(self, name)))) for name in ("widths", "layer_kinds", "activations")]
        rows += [(name, str(getattr(self, name))) for name in ("parameters", "is_chain", "homogeneous", "has_bias")]
        measured = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        return notebook.table("NetworkSummary", rows, self.notes) + "".join(
            notebook.folded(name, value._repr_html_()) for name, value in measured.items() if isinstance(value, Quantity)
        )

    def norm_product(self, which: str = "frobenius_norms") -> Quantity:
        """The product over the layers of one kind of norm (an attribute name), an upper bound.

        The factors are multiplied exactly and rounded up once; a product above 1.8e308 stays an exact Fraction. ``ValueError`` if the
        network is not a chain, for which the product is not a bound on anything.
        """
        if self.residual:
            raise ValueError(
                "norm_product needs a chain of layers, got a network with sums or concatenations: use lipschitz_upper, or input_norms and "
                "output_lipschitz"
            )
        norms = getattr(self, which)
        if not isinstance(norms, Quantity) or not isinstance(norms.value, tuple):
            raise ValueError(f"which must name a vector of norms, got {which!r}: for example 'frobenius_norms'")
        product = math.prod((Fraction(value) for value in norms.value), start=Fraction(1))
        return Quantity(_round_up(product), norms.kind, f"product over the layers: {norms.how}", norms.delta, norms.charges)

    def normalised_margins(self, which: str = "lipschitz") -> Floats:
        """The margins divided by the Lipschitz bound (``"lipschitz"``), or by the product over a chain of the norms of that attribute.

        They are rounded to nearest, for plots and for comparing networks; certificates use the margin and the norms separately.
        """
        scale = self.lipschitz_upper if which == "lipschitz" else self.norm_product(which)
        if scale is None or not float(scale):
            raise ValueError(
                f"normalised margins need a positive {which} bound, got {scale}: the network is constant or has no such number"
            )
        normalised: Floats = frozen(self.margins / float(scale))
        return normalised

    def margin_risk(self, gamma: Exact) -> Fraction:
        """The fraction of the sample with margin <= gamma (margins are rounded down, so this is never too small)."""
        if not math.isfinite(gamma):
            raise ValueError(f"gamma must be finite, got {gamma}: margins are compared with it")
        below = self.margins <= _round_down(Fraction(gamma))
        return Fraction(int(below.sum()) if self.counts is None else int(self.counts[below].sum()), self.n)

    def margin_quantile(self, q: Exact) -> float:
        """The smallest margin m in the sample with margin_risk(m) >= q, for q in [0, 1]."""
        if not 0 <= q <= 1:
            raise ValueError(f"q must lie in [0, 1], got {q}: it is a fraction of the sample")
        order = np.argsort(self.margins, kind="stable")
        multiplicity = np.ones(len(order), np.int64) if self.counts is None else self.counts[order]
        needed = math.ceil(Fraction(q) * self.n)
        present = np.flatnonzero(np.cumsum(multiplicity) >= max(needed, 1))
        return float(self.margins[order[present[0]]])

    def augmented(self) -> NetworkSummary:
        """The same network with its biases written as weights, for theorems about networks without biases.

        Hidden layers become [[A, b], [0, 1]], the last [A, b], and inputs (x, 1): widths (but the outputs) grow by one,
        ||X||_F^2 by n, squared radii by 1. It needs activations with sigma(1) = 1 (ReLU and its like) and no residual
        branches: ``ValueError`` otherwise. A network without biases is returned as it is.
        """
        if not self.has_bias:
            return self
        if self.with_biases_absorbed is None:
            names = ", ".join(sorted(set(self.activations[:-1]))) or "a graph"
            raise ValueError(
                "biases can be absorbed into weights only in a chain whose activations map 1 to 1 (ReLU, LeakyReLU, "
                "ELU), got "
                f"{'residual branches' if self.residual else names}: train without biases, or use a bound that "
                "allows them"
            )
        return self.with_biases_absorbed

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready dict that ``from_dict`` reads back to an equal summary."""
        return {field.name: _pack(getattr(self, field.name)) for field in fields(self)}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> NetworkSummary:
        """Read what ``to_dict`` wrote."""
        values = {name: _unpack(value) for name, value in data.items() if name not in ("covers", "with_biases_absorbed")}
        values["counts"] = None if data["counts"] is None else frozen(np.asarray(data["counts"], np.int64))
        values["margins"] = frozen(np.asarray(data["margins"], np.float64))
        inner = data["with_biases_absorbed"]
        values["with_biases_absorbed"] = None if inner is None else cls.from_dict(inner)
        values["covers"] = None if data["covers"] is None else CoverConstants.from_dict(data["covers"])
        return cls(**values)

    def __eq__(self, other: object) -> bool:
        """Equal in every number and every kind; the names of the layers and the notes do not count."""
        return isinstance(other, NetworkSummary) and _nameless(self.to_dict()) == _nameless(other.to_dict())

    def __hash__(self) -> int:
        """A hash of a few numbers that equal summaries share."""
        return hash((self.widths, self.n, self.errors, self.spectral_norms.value))


def _nameless(data: dict[str, Any] | None) -> dict[str, Any] | None:
    if data is None:
        return None
    covers = data["covers"] and data["covers"] | {"paths": None}
    return data | {"layer_paths": None, "notes": None, "covers": covers, "with_biases_absorbed": _nameless(data["with_biases_absorbed"])}


def frozen(array: Any) -> Any:
    """A contiguous copy that cannot be written to."""
    copy = np.array(array)
    copy.setflags(write=False)
    return copy


def _pack(value: Any) -> Any:
    if isinstance(value, (Quantity, NetworkSummary, CoverConstants)):
        return value.to_dict()
    if isinstance(value, np.ndarray):
        return value.tolist()
    return to_json(value)


def _unpack(value: Any) -> Any:
    return Quantity.from_dict(value) if isinstance(value, dict) and "kind" in value else from_json(value)


def _round_up(number: Fraction) -> Exact:
    """The smallest double that is at least the number; the number itself where no double is."""
    return _rounded(number, math.inf, lambda double: double >= number)


def _round_down(number: Fraction) -> float:
    """The largest double that is at most the number."""
    return float(_rounded(number, -math.inf, lambda double: double <= number))


def _rounded(number: Fraction, towards: float, holds: Callable[[Fraction], bool]) -> Exact:
    try:
        double = float(number)
    except OverflowError:
        return number
    if holds(Fraction(double)):
        return double
    beyond = math.nextafter(double, towards)
    return beyond if math.isfinite(beyond) else number
