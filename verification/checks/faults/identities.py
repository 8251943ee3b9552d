"""Identities and brackets that the product's own measurements satisfy, each with its value found another way; what is violated is said."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import torch
from flint import arb

from genbounds.bounds.confidence import Choice
from genbounds.bounds.holdout import chernoff_kl
from genbounds.bounds.pac_bayes import catoni
from genbounds.bounds.special.precision import precision
from genbounds.models.measuring import margins as measured_margins
from genbounds.models.norms import convolution as convolution_norms
from genbounds.models.norms import entrywise, normalisation
from genbounds.models.norms import spectral as spectral_norms
from genbounds.models.stochastic import gaussian, pairs
from genbounds.verification.populations import population

DRAWS, EXAMPLES = 200, 100
NEAR = 1e-9


def spectral() -> str | None:
    """The norm of a wide Gaussian matrix is at least how much it stretches a vector (the one of LAPACK)."""
    matrix = np.random.default_rng(0).standard_normal((64, 48))
    vector = np.linalg.svd(matrix)[2][0]
    stretched, upper = float(np.linalg.norm(matrix @ vector)), float(spectral_norms.spectral_norm(matrix)[0])
    return (
        None
        if upper >= stretched * (1 - NEAR)
        else f"the norm is said to be at most {upper:.4g}, and a vector is stretched {stretched:.4g}-fold"
    )


def convolution() -> str | None:
    """The norm of a convolution with zero padding is at least how much it stretches an image."""
    edge = torch.tensor([1.0, 0.0, -1.0], dtype=torch.float64)
    kernels = [torch.outer(edge, edge)[None, None], torch.ones(1, 1, 3, 3, dtype=torch.float64)]
    for kernel in kernels:
        basis = torch.eye(36, dtype=torch.float64).reshape(36, 1, 6, 6)
        matrix = torch.nn.functional.conv2d(basis, kernel, padding=1).flatten(1)
        stretched = float(torch.linalg.matrix_norm(matrix, 2))
        upper = float(convolution_norms.convolution_norms(kernel, input_size=(6, 6), padding=1).spectral)
        if upper < stretched * (1 - NEAR):
            return f"the norm is said to be at most {upper:.4g}, and an image is stretched {stretched:.4g}-fold"
    return None


def norm_2_1() -> str | None:
    """The (2,1) norm of a matrix that is not square is the sum over its rows."""
    matrix = np.arange(1.0, 7.0).reshape(2, 3)
    expected = sum(float(np.linalg.norm(row)) for row in matrix)
    found = float(entrywise.norm_2_1(matrix))
    return None if abs(found - expected) <= NEAR * expected else f"{found:.6g}, while the lengths of the rows add up to {expected:.6g}"


def frobenius() -> str | None:
    """The Frobenius norm of a matrix is the root of the sum of the squares of its entries."""
    matrix = np.arange(1.0, 7.0).reshape(2, 3)
    found, expected = float(entrywise.frobenius_norm(matrix)), math.sqrt(91)
    return None if abs(found - expected) <= NEAR * expected else f"{found:.6g}, while the squares of the entries add up to {expected:.6g}^2"


def kl_rounding() -> str | None:
    """No certificate p of the kl bound lies below the exact inverse: kl(q || p) is at least ln(1/delta)/n, in balls of 200 bits."""
    low = []
    with precision(200):
        for errors in range(1, 21):
            certified = chernoff_kl(empirical_risk=Fraction(errors, 100), n=100, delta=Fraction(1, 20)).value
            q, p = arb(errors) / 100, arb(certified)
            reached = q * (q / p).log() + (1 - q) * ((1 - q) / (1 - p)).log()
            if reached < arb(20).log() / 100:
                low.append(errors)
    return f"{len(low)} of 20 certificates lie below the exact inverse, the first at {low[0]} errors of 100" if low else None


def noise() -> str | None:
    """One unit of noise moves a pre-activation by the root of sum sigma^2 x^2."""
    x, variance = torch.tensor([[9.0, 12.0]], dtype=torch.float64), torch.full((1, 2), 0.04, dtype=torch.float64)
    mean, one = torch.zeros(1, 2, dtype=torch.float64), torch.ones(1, 1, dtype=torch.float64)
    found = float(gaussian.noisy(x, mean, variance, None, None, one))
    return None if abs(found - 3) <= NEAR else f"one unit of noise moves the output by {found:.6g}, its standard deviation is 3"


def margins() -> str | None:
    """As many margins are negative as predictions are wrong."""
    generator = torch.Generator().manual_seed(0)
    logits, labels = torch.randn(200, 5, generator=generator), torch.randint(5, (200,), generator=generator)
    wrong, negative = int((logits.argmax(dim=1) != labels).sum()), int((measured_margins.plain_margins(logits, labels) < 0).sum())
    return None if wrong == negative else f"{wrong} predictions are wrong, and {negative} margins are negative"


def ties() -> str | None:
    """A tie is an error."""
    errors = int(pairs.wrong(torch.zeros(4, 3), torch.tensor([0, 1, 2, 0])).sum())
    return None if errors == 4 else f"of 4 ties {errors} are counted as errors"


def batch_norm() -> str | None:
    """A batch norm as an affine map gives what torch's gives in evaluation mode."""
    layer = torch.nn.BatchNorm1d(2, dtype=torch.float64).eval()
    with torch.no_grad():
        layer.running_mean.copy_(torch.tensor([1.0, -2.0]))  # type: ignore[union-attr]
        layer.running_var.copy_(torch.tensor([4.0, 0.25]))  # type: ignore[union-attr]
        x = torch.tensor([[0.5, 1.5]], dtype=torch.float64)
        scale, offset = normalisation.batch_norm_affine(
            layer.running_mean, layer.running_var, layer.weight.detach(), layer.bias.detach(), eps=layer.eps
        )
        apart = float((x * scale + offset - layer(x)).abs().max())
    return None if apart <= NEAR else f"the folded batch norm is {apart:.3g} away from the layer in evaluation mode"


def radius() -> str | None:
    """No point of the population lies outside the input radius."""
    pool = population("digits")
    largest = float(np.sqrt(np.square(pool.inputs).sum(axis=1)).max())
    return (
        None if pool.input_radius >= largest * (1 - NEAR) else f"a point has norm {largest:.6g}, outside the radius {pool.input_radius:.6g}"
    )


def choice() -> str | None:
    """A temperature chosen among ten is paid: the certificate is that of a tenth of delta."""
    given = {"empirical_risk": Fraction(3, 100), "kl": 5, "n": 1000}
    found = catoni(**given, temperature=Choice(2, alternatives=10, how="ten temperatures"), delta=Fraction(1, 20)).value
    paid = catoni(**given, temperature=2, delta=Fraction(1, 200)).value
    return None if found == paid else f"the certificate is {found:.6g}; at delta/10 it is {paid:.6g}"


def class_counts() -> str | None:
    """The number of examples of one class has the binomial variance: its chi-square lies within what 1e-6 leaves."""
    from scipy import stats

    pool = population("digits")
    of_class = pool.labels == pool.labels[0]
    share = float(of_class.mean())
    counts = [int(of_class[pool.sample(("class counts", key), EXAMPLES)].sum()) for key in range(DRAWS)]
    ratio = sum((count - EXAMPLES * share) ** 2 for count in counts) / (EXAMPLES * share * (1 - share))
    low, high = stats.chi2.ppf([5e-7, 1 - 5e-7], DRAWS)
    return None if low < ratio < high else f"the variance of the class's count is {ratio / DRAWS:.3g} of the binomial one"


def separation() -> str | None:
    """Held-out draws share no more with the sample of the same key than chance, whether drawn one by one or as counts."""
    pool = population("digits")
    sample, held_out = (pool.sample("separation", EXAMPLES, purpose=purpose) for purpose in ("sample", "held out"))
    equal = int((sample == held_out).sum())
    if equal > EXAMPLES // 10:
        return f"in {equal} of {EXAMPLES} places the held-out examples are those of the sample"
    sample, held_out = (pool.sample_counts("separation", EXAMPLES, purpose=purpose) for purpose in ("sample", "held out"))
    equal = int(np.minimum(sample, held_out).sum())
    return None if equal <= EXAMPLES // 4 else f"{equal} of {EXAMPLES} held-out examples are those of the sample"


def independence() -> str | None:
    """Samples of different keys share no more than chance: hardly ever do two agree in more than a tenth of their places."""
    pool = population("digits")
    one, two = (pool.sample(("independence", key), EXAMPLES) for key in range(2))
    equal = int((one == two).sum())
    return None if equal <= EXAMPLES // 10 else f"two runs drew the same example in {equal} of {EXAMPLES} places"
