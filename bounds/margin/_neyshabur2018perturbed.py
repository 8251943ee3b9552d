"""The two lemmas behind the PAC-Bayes margin bound, as printed: from a perturbation to the risk, and how far it moves the outputs."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from genbounds.bounds.assumptions import (
    HALF_PROBABILITY_PERTURBATION,
    IID_SAMPLE,
    MARGIN_FIXED_IN_ADVANCE,
    MARGIN_LOSS,
    NO_BIAS,
    ONE_LIPSCHITZ_ACTIVATION,
    PRIOR_INDEPENDENT_OF_SAMPLE,
)
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import COUNT, NONNEGATIVE, NONNEGATIVE_VECTOR, Requirement, same_length
from genbounds.bounds.theorem import bound, capacity
from genbounds.bounds.worlds.protocol import Number, World

_TWO_EXAMPLES = Requirement(("n",), lambda n: n >= 2, "n must be at least 2", "the bound divides by n - 1")


def _small(spectral_norms: Any, noise_norms: Any) -> Any:
    if isinstance(noise_norms, tuple):
        layers = len(noise_norms)
        return all(layers * Fraction(noise) <= Fraction(norm) for noise, norm in zip(noise_norms, spectral_norms, strict=True))
    return np.all(np.shape(noise_norms)[-1] * noise_norms <= spectral_norms, axis=-1)


_NOISE_SMALL = Requirement(
    ("spectral_norms", "noise_norms"),
    _small,
    "noise_norms must be at most spectral_norms divided by the number of layers",
    "the factor e only covers (1 + 1/L)^L: take a smaller perturbation",
)


@bound(
    source=Source("neyshabur2018pac", "Lemma 1"),
    provenance=DERIVED,
    assumes=(IID_SAMPLE, MARGIN_LOSS, MARGIN_FIXED_IN_ADVANCE, PRIOR_INDEPENDENT_OF_SAMPLE, HALF_PROBABILITY_PERTURBATION),
    symbols={"margin_risk": r"\widehat{R}_\gamma", "kl": r"\mathrm{KL}(w + u \Vert P)", "n": "n", "delta": r"\delta"},
    domains={
        "n": COUNT.meaning_is("number of examples that the margin risk was computed on, at least 2"),
        "kl": NONNEGATIVE.meaning_is("relative entropy of the perturbed weights w + u and the prior, in nats"),
    },
    requires=(_TWO_EXAMPLES,),
    increasing=("margin_risk", "kl"),
    decreasing=("n", "delta"),
    holds_for="every network with such a perturbation, at one margin fixed in advance",
)
def neyshabur2018perturbed(math: World, *, margin_risk: Number, kl: Number, n: Number, delta: Number) -> Terms:
    r"""The risk of every network is, at one margin fixed in advance, at most its margin risk plus 4 sqrt((KL(w + u || P) + ln(6
    n/delta))/(n - 1)), for a random perturbation u of its weights w that moves the outputs little with probability at least 1/2.

    u may be any random perturbation of the weights with P(max_x |f_{w+u}(x) - f_w(x)|_inf < gamma/4) >= 1/2, where the maximum is over all
    inputs x that can occur. Its law may be chosen on the sample, and ``kl`` must be that of this very law. ``neyshabur2018pacbayes`` gives
    such a perturbation, and pays for the margin and the noise scale.

    Derivation. Condition u on that event. Then the relative entropy is at most 2 (kl + ln 2), and every margin moves by less than gamma/2
    (steps (1) and (2) of ``neyshabur2018pacbayes``). ``pac_bayes.seeger2002`` for the loss 1[margin <= gamma/2] and Pinsker's inequality
    give the deviation sqrt((2 kl + 2 ln 2 + ln(xi(n)/delta))/(2n)). As xi(n) <= n + 1, it is smaller than the printed one.

    Inputs: ``margin_risk`` at a margin fixed in advance; ``kl`` of w + u and the prior (``gaussian_kl``); ``n``; ``delta``.

    >>> from fractions import Fraction
    >>> round(neyshabur2018perturbed(margin_risk=0, kl=3 * 2**17, n=10**7, delta=Fraction(1, 20)).value, 6)
    0.793208
    """
    return {"margin risk": margin_risk, "deviation": 4 * math.sqrt((kl + math.log_quotient(6 * n, delta)) / (n - 1))}


@capacity(
    source=Source("neyshabur2018pac", "Lemma 2"),
    gives="output_change",
    provenance=DERIVED,
    assumes=(ONE_LIPSCHITZ_ACTIVATION, NO_BIAS),
    symbols={"spectral_norms": "s", "noise_norms": r"\nu", "input_radius": "B"},
    domains={
        "noise_norms": NONNEGATIVE_VECTOR.meaning_is("spectral norm of each layer's perturbation"),
        "input_radius": NONNEGATIVE.meaning_is("bound on the l2 norm of every input"),
    },
    requires=(same_length("spectral_norms", "noise_norms", entry="layer"), _NOISE_SMALL),
    increasing=("noise_norms", "input_radius"),
    left_side=r"\left\Vert f_{w+u}(x) - f_w(x) \right\Vert_2",
)
def neyshabur2018output_change(math: World, *, spectral_norms: Number, noise_norms: Number, input_radius: Number) -> Terms:
    r"""A perturbation of the weights with ||U_i|| <= ||W_i||/L moves the output at an input of norm at most B by at most e B prod ||W_i||
    sum ||U_i||/||W_i||.

    Derivation. After layer i the difference is at most (1 + 1/L)^i B prod_{j<=i} ||W_j|| sum_{j<=i} ||U_j||/||W_j||. This follows by
    induction: layer i multiplies the difference by at most ||W_i|| + ||U_i|| <= (1 + 1/L) ||W_i|| and adds at most
    ||U_i|| B prod_{j<i} ||W_j||. Finally, (1 + 1/L)^L < e. ``neyshabur2018pacbayes`` uses B (prod(||W_i|| + ||U_i||) - prod ||W_i||), which
    is never larger.

    Inputs: ``spectral_norms`` ||W_i|| (exact); ``noise_norms`` ||U_i||; ``input_radius`` B.

    >>> import math
    >>> change = neyshabur2018output_change(spectral_norms=(2, 1), noise_norms=(0.25, 0.25), input_radius=4)
    >>> round(float(change) / math.e, 12)
    3.0
    """
    product = math.exp(math.sum(math.log(spectral_norms)))
    return {"change": math.exp(1) * input_radius * product * math.sum(noise_norms / spectral_norms)}
