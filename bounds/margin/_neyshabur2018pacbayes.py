from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from genbounds.bounds.assumptions import (
    ARCHITECTURE_FIXED_IN_ADVANCE,
    IID_SAMPLE,
    INPUT_RADIUS_OF_POPULATION,
    MARGIN_LOSS,
    NO_BIAS,
    ONE_LIPSCHITZ_ACTIVATION,
    REFERENCE_FIXED_IN_ADVANCE,
)
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.grids import halving_index, weight_of_integer
from genbounds.bounds.inputs import NONNEGATIVE_VECTOR, POSITIVE, Domain, Requirement
from genbounds.bounds.membership import whole
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds import FLOATS
from genbounds.bounds.worlds.protocol import Number, World

_ETA = Domain("lie in (0, 1/2]", "eta=0.01 serves", 0, 0.5, low_open=True).meaning_is(
    "probability with which the norms of the noise may be above their bounds sigma tau_i"
)
_COMMON: dict[str, Any] = {
    "provenance": DERIVED,
    "assumes": (
        IID_SAMPLE,
        MARGIN_LOSS,
        ARCHITECTURE_FIXED_IN_ADVANCE,
        ONE_LIPSCHITZ_ACTIVATION,
        NO_BIAS,
        REFERENCE_FIXED_IN_ADVANCE,
        INPUT_RADIUS_OF_POPULATION,
    ),
    "symbols": {
        "margin_risk": r"\widehat{R}_\gamma",
        "margin": r"\gamma",
        "spectral_norms": "s",
        "frobenius_distances": "f",
        "widths": "h",
        "input_radius": "B",
        "noise_scale": r"\sigma",
        "n": "n",
        "delta": r"\delta",
        "eta": r"\eta",
    },
    "increasing": ("margin_risk", "spectral_norms", "frobenius_distances", "input_radius"),
    "decreasing": ("n", "delta"),
    "chosen": {"halvings": "g", "noise_index": "j"},
    "holds_for": "every network of these widths, every norm and every margin at once",
}
_DOMAINS = {
    "frobenius_distances": NONNEGATIVE_VECTOR.meaning_is("Frobenius norm of each layer's distance from its reference"),
    "input_radius": POSITIVE.meaning_is("bound on the l2 norm of every input of the population, known in advance"),
    "eta": _ETA,
}


def _one_entry_a_layer(spectral_norms: Any, frobenius_distances: Any, widths: Any) -> bool:
    layers = np.shape(spectral_norms)[-1]
    return bool(np.shape(frobenius_distances)[-1] == layers == np.shape(widths)[-1] - 1)


_LAYERS_FIT = Requirement(
    ("spectral_norms", "frobenius_distances", "widths"),
    _one_entry_a_layer,
    "spectral_norms and frobenius_distances must have one entry per layer, and widths one more",
    "pass widths = (inputs, hidden..., outputs) and one norm for each weight matrix",
)


def _power_of_two(noise_scale: Any) -> Any:
    if isinstance(noise_scale, np.ndarray):
        return np.frexp(noise_scale)[0] == 0.5
    exact = Fraction(noise_scale)
    return bool(exact.numerator & (exact.numerator - 1) == 0 and exact.denominator & (exact.denominator - 1) == 0)


_ON_THE_GRID = Requirement(
    ("noise_scale",),
    _power_of_two,
    "noise_scale must be a power of two, the grid that the bound pays for",
    "pass 2.0**j, or let margin.neyshabur2018pacbayes_grid choose it",
)


def _perturbation(math: World, spectral_norms: Number, widths: Number, input_radius: Number, noise_scale: Number, eta: Number) -> Number:
    """B (prod(s_i + sigma tau_i) - prod s_i), without cancellation: the most by which noise below its bound moves the outputs."""
    layers = math.last(math.positions(spectral_norms))
    tail = math.sqrt(2 * math.log(layers / eta))
    largest = math.let(r"\tau", math.sqrt(math.after(widths)) + math.sqrt(math.before(widths)) + math.along(tail))
    grown = math.expm1(math.sum(math.log1p(math.along(noise_scale) * largest / spectral_norms)))
    return math.let(r"\Delta", input_radius * math.exp(math.sum(math.log(spectral_norms))) * grown)


def _terms(
    math: World,
    margin_risk: Number,
    frobenius_distances: Number,
    perturbation: Number,
    noise_scale: Number,
    n: Number,
    delta: Number,
    eta: Number,
    halvings: Number,
    noise_index: Number,
) -> Terms:
    divergence = math.let(r"\mathrm{KL}", math.sum(frobenius_distances**2) / (2 * noise_scale**2))
    entropy = math.let(r"H(\eta)", -eta * math.log(eta) - (1 - eta) * math.log1p(-eta))
    grid = weight_of_integer(math, halvings) + weight_of_integer(math, noise_index)
    cost = math.let("c", ((divergence + entropy) / (1 - eta) + math.log_quotient(math.xi(n), delta) + grid) / n)
    small = math.less(4 * perturbation, math.power(2, -halvings))
    return {"kl inversion": math.where(small, math.kl_inverse(margin_risk, cost), 1)}


def _search(*, margin: Any, noise_scale: Any, **_: Any) -> dict[str, np.ndarray]:
    return {"halvings": halving_index(margin), "noise_index": -halving_index(noise_scale)}


def _membership_grid(math: World, *, margin: Number, halvings: Number, noise_index: Number, **_: Any) -> dict[str, Any]:
    """2^-g is at most the margin; every whole power of two may be the noise scale."""
    return {
        "halvings": [*whole(math, halvings), math.less_equal(math.power(2, -halvings), margin)],
        "noise_index": whole(math, noise_index),
    }


def _membership(math: World, *, noise_scale: Number, noise_index: Number, **named: Any) -> dict[str, Any]:
    """The same, where the noise scale is given: the power of two is that number."""
    common, scale = _membership_grid(math, noise_index=noise_index, **named), math.power(2, noise_index)
    same = [math.less_equal(noise_scale, scale), math.less_equal(scale, noise_scale)]
    return {**common, "noise_index": [*common["noise_index"], *same]}


@bound(
    source=Source("neyshabur2018pac", "Lemma 1 and Theorem 1, with a truncated posterior and constants derived here"),
    domains={
        **_DOMAINS,
        "noise_scale": POSITIVE.meaning_is("standard deviation of the noise, a power of two, perhaps chosen on the sample"),
    },
    requires=(_LAYERS_FIT, _ON_THE_GRID),
    choose=_search,
    membership=_membership,
    **_COMMON,
)
def neyshabur2018pacbayes(
    math: World,
    *,
    margin_risk: Number,
    margin: Number,
    spectral_norms: Number,
    frobenius_distances: Number,
    widths: Number,
    input_radius: Number,
    noise_scale: Number,
    n: Number,
    delta: Number,
    eta: Number = Fraction(1, 100),
    halvings: Number,
    noise_index: Number,
) -> Terms:
    r"""The risk of every network of an architecture fixed in advance is bounded by PAC-Bayes, with Gaussian noise of scale sigma on the
    weights that changes every margin by less than gamma/2.

    Let Delta = B (prod(s_i + sigma tau_i) - prod s_i) with tau_i = sqrt(h_i) + sqrt(h_{i-1}) + sqrt(2 ln(L/eta)). If Delta < gamma/4, the
    risk is at most the upper kl inverse of the margin risk at (KL' + ln(xi(n)/delta'))/n, where KL' = (sum f_i^2/(2 sigma^2) + H(eta))/(1 -
    eta), H is the binary entropy in nats, and xi(n) is that of ``pac_bayes.seeger2002``. Otherwise the bound is 1. gamma = 2^-g is the
    margin rounded down to a power of two, sigma = 2^j, and delta' = delta w(g) w(j) with the weights w(j) = 1/(1.5 (|j| + 1)(|j| + 2))
    pays for both, so that the margin and the noise scale may be chosen on the sample.

    Derivation. The prior is P = N(M, sigma^2 I) around the reference M, and the posterior is Q = N(W, sigma^2 I) around the weights W.

    (1) With probability at least 1 - eta the Gaussian matrices U_i have ||U_i|| <= sigma tau_i for all layers (Davidson and Szarek 2001,
    with a union over the L layers). Let Q' be Q given this event, and p = Q(event) >= 1 - eta >= 1/2. Since KL(Q||P) + H(p) >=
    p KL(Q'||P), KL(Q'||P) <= (KL(Q||P) + H(eta))/(1 - eta).

    (2) Under Q' the outputs move by at most Delta in l2, for every ||x|| <= B and 1-Lipschitz activations with s(0) = 0. Indeed, with
    u_i = ||U_i|| the change d_i after layer i is at most (s_i + u_i) d_{i-1} + u_i B prod_{l<i} s_l, so by induction d_i <=
    B (prod_{l<=i} (s_l + u_l) - prod_{l<=i} s_l). If Delta < gamma/4, each logit moves by less than gamma/4, and so every margin by less
    than gamma/2. Hence R(w) <= R_{gamma/2}(Q'), and R_{gamma/2}(Q') on the sample is at most the margin risk of w at gamma.

    (3) ``pac_bayes.seeger2002`` for the loss 1[margin <= gamma/2] gives the bound.

    Inputs: ``margin_risk`` at ``margin``; per layer ``spectral_norms`` s and ``frobenius_distances`` f = ||W - M||_F; ``widths`` h =
    (inputs, hidden..., outputs); ``input_radius`` B over the *population* (not the sample's largest); ``noise_scale`` sigma; ``n``;
    ``delta``; ``eta``. For homogeneous networks first rescale the layers to equal spectral norms.

    >>> from fractions import Fraction
    >>> inputs = dict(margin_risk=Fraction(1, 20), margin=1, spectral_norms=(1, 1), widths=(10, 10, 2), input_radius=1, n=10**7)
    >>> certificate = neyshabur2018pacbayes(**inputs, frobenius_distances=(2**0.5, 1), noise_scale=2.0**-9, delta=Fraction(1, 20))
    >>> round(certificate.value, 13)
    0.1354627694849
    """
    perturbation = _perturbation(math, spectral_norms, widths, input_radius, noise_scale, eta)
    return _terms(math, margin_risk, frobenius_distances, perturbation, noise_scale, n, delta, eta, halvings, noise_index)


def _search_scale(
    *, margin: Any, spectral_norms: Any, frobenius_distances: Any, widths: Any, input_radius: Any, eta: Any, **_: Any
) -> dict[str, np.ndarray]:
    """The power of two of the least cost, among those whose noise moves the margins by less than half of them: others say nothing."""
    halvings = halving_index(margin)
    shape = np.broadcast_shapes(halvings.shape, np.shape(spectral_norms)[:-1], np.shape(widths)[:-1], np.shape(input_radius), np.shape(eta))
    low, high = np.full(shape, -1000.0), np.full(shape, 1000.0)
    with np.errstate(over="ignore"):
        while np.any(high - low > 1):
            middle = np.floor((low + high) / 2)
            moved = np.asarray(_perturbation(FLOATS, spectral_norms, widths, input_radius, 2.0**middle, eta))
            fits = 4 * moved * (1 + 1e-9) < 2.0**-halvings
            low, high = np.where(fits, middle, low), np.where(fits, high, middle)
    return {"halvings": halvings, "noise_index": np.where(low > 0, _cheapest(low, frobenius_distances, eta), low)}


def _cheapest(largest: np.ndarray, frobenius_distances: Any, eta: Any) -> np.ndarray:
    """The index j in 0..largest of least KL + ln((j + 1) (j + 2)). Below 0 KL and weight both ask for the largest; here they part."""
    divergence = np.sum(np.square(frobenius_distances), axis=-1) / (2 * (1 - np.asarray(eta)))
    index = np.zeros_like(largest)
    while np.any(cheaper := (index < largest) & (divergence * 0.75 * 0.25**index > np.log((index + 3) / (index + 1)))):
        index += cheaper  # what the next index saves falls faster than what it costs, so the first minimum is the least
    return index


@bound(
    source=Source("neyshabur2018pac", "Lemma 1 and Theorem 1, with a truncated posterior, the noise scale chosen on a paid grid"),
    domains=_DOMAINS,
    requires=(_LAYERS_FIT,),
    choose=_search_scale,
    membership=_membership_grid,
    **_COMMON,
)
def neyshabur2018pacbayes_grid(
    math: World,
    *,
    margin_risk: Number,
    margin: Number,
    spectral_norms: Number,
    frobenius_distances: Number,
    widths: Number,
    input_radius: Number,
    n: Number,
    delta: Number,
    eta: Number = Fraction(1, 100),
    halvings: Number,
    noise_index: Number,
) -> Terms:
    r"""``neyshabur2018pacbayes`` with the cheapest noise scale sigma = 2^j among those that the margin allows.

    The bound there already pays for the choice of j.

    Inputs: those of ``neyshabur2018pacbayes``, without ``noise_scale``.

    >>> from fractions import Fraction
    >>> inputs = dict(margin_risk=Fraction(1, 20), margin=1, spectral_norms=(1, 1), widths=(10, 10, 2), input_radius=1, n=10**7)
    >>> certificate = neyshabur2018pacbayes_grid(**inputs, frobenius_distances=(2**0.5, 1), delta=Fraction(1, 20))
    >>> certificate.choices["noise_index"], round(certificate.value, 9)
    (-7.0, 0.066866014)
    """
    noise_scale = math.let(r"\sigma", math.power(2, noise_index))
    perturbation = _perturbation(math, spectral_norms, widths, input_radius, noise_scale, eta)
    return _terms(math, margin_risk, frobenius_distances, perturbation, noise_scale, n, delta, eta, halvings, noise_index)
