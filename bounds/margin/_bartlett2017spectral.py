from __future__ import annotations

from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import Requirement
from genbounds.bounds.margin._layers import CHAIN, LAYERS_FIT, LIPSCHITZ, OUTPUTS_FIT, SYMBOLS
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World

_MARGIN_AT_MOST_N = Requirement(
    ("margin", "n"),
    lambda margin, n: margin <= n,
    "margin must be at most n",
    "the printed form discretises the margin in steps up to n: use margin.spectral",
)


@bound(
    source=Source("bartlett2017spectrally", "Lemmas A.8 and A.9"),
    provenance=DERIVED,
    assumes=CHAIN,
    symbols=SYMBOLS,
    domains={"lipschitz": LIPSCHITZ},
    requires=(LAYERS_FIT, OUTPUTS_FIT, _MARGIN_AT_MOST_N),
    increasing=("margin_risk", "spectral_norms", "distances_2_1", "lipschitz", "data_norm"),
    decreasing=("delta", "margin"),
    form_argument="homogeneous",
    form=False,
    holds_for="every network of these widths, every norm and every margin at once",
)
def bartlett2017spectral(
    math: World,
    *,
    margin_risk: Number,
    margin: Number,
    spectral_norms: Number,
    distances_2_1: Number,
    lipschitz: Number,
    widths: Number,
    outputs: Number,
    data_norm: Number,
    n: Number,
    delta: Number,
) -> Terms:
    r"""The risk of every network of an architecture fixed in advance is at most the spectrally normalised margin bound of Bartlett, Foster
    and Telgarsky, with the explicit constants of their appendix.

    This is margin risk + 8/n + 144 ln(n) ln(2W) / (gamma n) prod rho_i (1 + ||X||_F) (sum_j ((1/L + b_j) prod_{i != j} (1/L +
    s_i))^{2/3})^{3/2} + sqrt(9/(2n)) sqrt(ln(1/delta) + ln(2n/gamma) + 2 ln(2 + ||X||_F) + 2 sum ln(2 + L b_j) + 2 sum ln(2 + L s_j)). Here
    s_i are the spectral norms, b_i the (2,1) distances from the reference, rho_i the Lipschitz constants of the activations, and W is the
    largest width, that of the inputs included. This is as printed, with one repair: ln(2W) stands for sqrt(ln(2 W^2)), which it bounds only
    for W >= 3, so the larger of the two is taken. ``margin.spectral`` is tighter; this bound is for comparison with the paper. It has no
    homogeneous form.

    Derivation. For fixed norms, Dudley's integral from 1/n with the cover of ``spectral_closed`` shows that twice the complexity is at most
    8/n^(3/2) + 36 Q ln(n)/n with Q = (2/gamma) ||X||_F prod(rho s) (sum (b/s)^(2/3))^(3/2) sqrt(ln(2 W^2)). (The paper leaves out the
    ceilings of the numbers of samples in the covers. They are paid for here by the Lipschitz constant sqrt 2 of the margin in place of 2.)
    The norms are rounded up to j/L and k/L with j, k >= 1, which makes them at most 1/L larger, and the weights 1/(j (j + 1)) and
    1/(k (k + 1)) cost at most 2 ln(2 + L s) and 2 ln(2 + L b). The margin is rounded down to n 2^-g with g >= 0. This loses at most the
    factor 2 in 144 = 2 * 72, and the weight 2^-(g+1) costs at most ln(4 n/gamma) <= ln(2 n/gamma) + 2 ln(2 + ||X||_F). The constant 9 is
    above the 4 of ``rademacher.uniform_deviation``.

    Inputs: those of ``margin.spectral``, with ``margin`` at most ``n``.

    >>> from fractions import Fraction
    >>> inputs = dict(margin_risk=0, margin=1, spectral_norms=(1, 1), distances_2_1=(1, 1), lipschitz=(1, 1), widths=(10, 10, 2), outputs=2)
    >>> terms = bartlett2017spectral(**inputs, data_norm=1000, n=10**6, delta=Fraction(1, 20)).terms
    >>> round(terms["discretisation"] + terms["complexity"], 9), round(terms["confidence"], 11)
    (37.965935882, 0.01381535854)
    """
    layers = math.last(math.positions(spectral_norms))
    widest = math.largest(widths)
    logarithm = math.let(r"\lambda", math.maximum(math.log(2 * widest), math.sqrt(math.log(2 * widest**2))))
    padded = math.let("p", math.along(1 / layers) + spectral_norms)
    product = math.exp(math.sum(math.log(padded)) + math.sum(math.log(lipschitz)))
    moved = (math.along(1 / layers) + distances_2_1) / padded
    norms = product * math.power(math.sum(math.power(moved, math.ratio(2, 3))), math.ratio(3, 2))
    grid = (
        math.log(2 * n / margin)
        + 2 * math.log(2 + data_norm)
        + 2 * math.sum(math.log(2 + math.along(layers) * distances_2_1))
        + 2 * math.sum(math.log(2 + math.along(layers) * spectral_norms))
    )
    return {
        "margin risk": margin_risk,
        "discretisation": 8 / n,
        "complexity": 144 * math.log(n) * logarithm * (1 + data_norm) * norms / (margin * n),
        "confidence": math.sqrt(9 / (2 * n)) * math.sqrt(math.log_quotient(1, delta) + grid),
    }
