"""The inverse of the standard normal distribution function, the same to the last bit on every device.

Algorithm AS 241 (Wichura, Applied Statistics 37, 1988, PPND16): rational functions of degree seven in three regions,
relative accuracy about 1e-16. Its one transcendental, the logarithm of the tails, is an odd series here: library
logarithms differ between devices, and on one processor between the vectorised body of a loop and its remainder. What is
left is additions, multiplications, divisions and square roots, which IEEE 754 rounds in one way only, one torch
operation each so that no compiler contracts them.
"""

from __future__ import annotations

import torch
from torch import Tensor

# fmt: off
_CENTRE = (
    (2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4, 4.5921953931549871457e4,
     1.3731693765509461125e4, 1.9715909503065514427e3, 1.3314166789178437745e2, 3.3871328727963666080e0),
    (5.2264952788528545610e3, 2.8729085735721942674e4, 3.9307895800092710610e4, 2.1213794301586595867e4,
     5.3941960214247511077e3, 6.8718700749205790830e2, 4.2313330701600911252e1, 1.0),
)
_SHOULDER = (
    (7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1, 1.27045825245236838258e0,
     3.64784832476320460504e0, 5.76949722146069140550e0, 4.63033784615654529590e0, 1.42343711074968357734e0),
    (1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2, 1.48103976427480074590e-1,
     6.89767334985100004550e-1, 1.67638483018380384940e0, 2.05319162663775882187e0, 1.0),
)
_TAIL = (
    (2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3, 2.65321895265761230930e-2,
     2.96560571828504891230e-1, 1.78482653991729133580e0, 5.46378491116411436990e0, 6.65790464350110377720e0),
    (2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5, 7.86869131145613259100e-4,
     1.48753612908506148525e-2, 1.36929880922735805310e-1, 5.99832206555887937690e-1, 1.0),
)
# fmt: on
_SQRT_HALF = 0.7071067811865476
_LN2_HIGH, _LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10  # the high part has 21 trailing zero bits
_LOG_SERIES = tuple(1.0 / (2 * k + 1) for k in range(11, 0, -1))


def inverse_normal_cdf(probability: Tensor) -> Tensor:
    """The z with Phi(z) = probability, elementwise.

    Args:
        probability: float64 tensor with values in the open interval (0, 1).

    Returns:
        A float64 tensor of the same shape, within 1e-14 relative of the exact value.

    Example:
        >>> round(float(inverse_normal_cdf(torch.tensor(0.975, dtype=torch.float64))), 12)
        1.95996398454
    """
    q = probability - 0.5
    r = 0.180625 - q * q
    centre = q * _ratio(_CENTRE, r)
    root = torch.sqrt(-_log(torch.minimum(probability, 1.0 - probability)))
    tail = torch.where(root <= 5.0, _ratio(_SHOULDER, root - 1.6), _ratio(_TAIL, root - 5.0))
    return torch.where(q.abs() <= 0.425, centre, torch.where(q < 0.0, -tail, tail))


def _ratio(coefficients: tuple[tuple[float, ...], tuple[float, ...]], x: Tensor) -> Tensor:
    return _polynomial(coefficients[0], x) / _polynomial(coefficients[1], x)


def _polynomial(coefficients: tuple[float, ...], x: Tensor) -> Tensor:
    value = torch.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        value.mul_(x).add_(coefficient)
    return value


def _log(x: Tensor) -> Tensor:
    """ln(m 2**e) = e ln 2 + 2 artanh((m - 1)/(m + 1)), m in [sqrt(1/2), sqrt 2), where 12 terms reach 1e-17."""
    mantissa, exponent = torch.frexp(x)
    small = mantissa < _SQRT_HALF
    mantissa = torch.where(small, mantissa * 2.0, mantissa)
    exponent = (exponent - small.to(exponent.dtype)).to(x.dtype)
    s = (mantissa - 1.0) / (mantissa + 1.0)
    z = s * s
    twice = s * 2.0
    rest = twice * (z * _polynomial(_LOG_SERIES, z))
    return exponent * _LN2_HIGH + (twice + (rest + exponent * _LN2_LOW))
