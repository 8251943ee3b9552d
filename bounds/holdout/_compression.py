from __future__ import annotations

from genbounds.bounds.assumptions import IID_SAMPLE, LOSS_IN_UNIT_INTERVAL, PRIOR_CODE_FIXED_IN_ADVANCE
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import COUNT
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World


@bound(
    source=Source("lotfi2022pac", "the compression bound with a universal prior; as an Occam bound, Zhou et al. 2019"),
    provenance=DERIVED,
    assumes=(IID_SAMPLE, LOSS_IN_UNIT_INTERVAL, PRIOR_CODE_FIXED_IN_ADVANCE),
    symbols={"empirical_risk": r"\widehat{R}_n", "n": "n", "bits": r"\ell", "delta": r"\delta"},
    domains={"bits": COUNT.meaning_is("length of the code of the hypothesis in bits")},
    increasing=("empirical_risk", "bits"),
    decreasing=("n", "delta"),
    form_argument="code",
    form="prefix",
    holds_for="every hypothesis that the code can describe, at once",
)
def compression(math: World, *, empirical_risk: Number, n: Number, bits: Number, delta: Number) -> Terms:
    r"""The risk of every hypothesis that has a code word of l bits in a prefix code fixed in advance is at most the upper kl inverse of its
    empirical risk at (l ln 2 + ln(1/delta)) / n.

    Derivation. This is ``occam_kl`` with the prior weights 2^-l, which add up to at most 1 for a prefix code (Kraft). ``code="plain"`` is
    for codes in which one word may be a prefix of another: the weights 2^-l/(l (l + 1)) add ln(l (l + 1)) to the cost.

    Every choice that was made on the data must be in the code: the codebook, the quantiser, the architecture, the seed, the subspace.
    ``encode_levels`` is a prefix code of quantised weights, whose length can be passed here.

    Inputs: ``empirical_risk`` of the *decoded* hypothesis, in [0, 1]; ``n``; ``bits`` l; ``delta``.

    >>> from fractions import Fraction
    >>> inputs = dict(empirical_risk=Fraction(1, 50), n=60000, bits=1000, delta=Fraction(1, 20))
    >>> round(compression(**inputs).value, 13), round(compression(**inputs, code="plain").value, 6)
    (0.0491386931614, 0.049507)
    """
    return {"kl inversion": math.kl_inverse(empirical_risk, (bits * math.log(2) + math.log_quotient(1, delta)) / n)}


@compression.other_form("plain", provenance=DERIVED)
def _compression_plain(math: World, *, empirical_risk: Number, n: Number, bits: Number, delta: Number) -> Terms:
    cost = bits * math.log(2) + math.log(bits * (bits + 1)) + math.log_quotient(1, delta)
    return {"kl inversion": math.kl_inverse(empirical_risk, cost / n)}
