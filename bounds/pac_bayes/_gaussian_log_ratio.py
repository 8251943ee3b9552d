from __future__ import annotations

from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import POSITIVE, REAL, same_length
from genbounds.bounds.theorem import capacity
from genbounds.bounds.worlds.protocol import Number, World


@capacity(
    source=Source("viallard2024general", "the disintegrated divergence of Gaussians of one covariance"),
    gives="log_ratio",
    provenance=DERIVED,
    symbols={"shift": r"\mu", "noise": r"\epsilon", "std": "s"},
    domains={
        "shift": REAL.as_vector("posterior mean minus prior mean, one entry per weight", "pass one finite number for each weight"),
        "noise": REAL.as_vector("the drawn weights minus the posterior mean", "pass one finite number for each weight"),
        "std": POSITIVE.meaning_is("standard deviation of every weight, of posterior and prior alike"),
    },
    requires=(same_length("shift", "noise", entry="weight"),),
    left_side=r"\ln\frac{dQ}{dP}(h)",
)
def gaussian_log_ratio(math: World, *, shift: Number, noise: Number, std: Number) -> Terms:
    r"""ln(dQ/dP) at one draw from Q, for Gaussians with the same isotropic covariance, is (||mu + e||^2 - ||e||^2)/(2 s^2); it is the
    ``log_ratio`` of ``disintegrated``.

    Derivation. The draw is h = mean_q + e, where mean_q = mean_p + mu, and the normalising constants cancel. The log ratio is evaluated as
    sum mu (mu + 2 e)/(2 s^2). It may be negative: keep its sign. Its mean over draws is the divergence ||mu||^2/(2 s^2). Pass the noise of
    the very draw that is certified.

    Inputs: ``shift`` mu and ``noise`` e, each with one number per weight; ``std`` s.

    >>> gaussian_log_ratio(shift=(1, 2), noise=(0.5, -1), std=2).value  # (1 (1 + 1) + 2 (2 - 2))/8
    0.25
    """
    return {"log ratio": math.sum(shift * (shift + 2 * noise)) / (2 * std**2)}
