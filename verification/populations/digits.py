"""The 1797 handwritten digits that scikit-learn ships (8 x 8 pixels), as a population."""

from __future__ import annotations

from genbounds.verification.populations.finite_pool import FinitePool


def digits() -> FinitePool:
    """scikit-learn's digits: 1797 points, 64 pixels in [0, 1] (the raw 0..16 over 16), labels 0 to 9.

    Dividing by 16 is exact in binary and fixed by the file format, so it fits nothing. Digit 0 against the rest is
    separable
    through the origin with (radius / margin)^2 below 900 (``digits_0_vs_rest``).
    """
    from sklearn.datasets import load_digits

    data = load_digits()
    return FinitePool("digits", data.data / 16, data.target, "pixels / 16")
