"""Fashion-MNIST (Xiao, Rasul and Vollgraf 2017), 70 000 pictures of clothes, shoes and bags, from files that the user has."""

from __future__ import annotations

from genbounds.verification.populations.finite_pool import FinitePool
from genbounds.verification.populations.idx_pool import IdxPool

REPEATED = (2115, 2436, 2605, 2770, 4926, 4998, 6210, 7465, 7799, 9867)
"""Test images of an article that a training image shows too: no two have the same bytes, but these ten lie within 0.79 (Euclidean, pixels
in [0, 1]) of a training image of their class; the next one of the 10 000 lies 0.798 from the nearest."""
FASHION_MNIST = IdxPool(
    "fashion_mnist",
    "Fashion-MNIST",
    "fashion-mnist",
    content="01d83252b94c117961a7e8847562fec3",
    remedy="Debian's package dataset-fashion-mnist puts them into /usr/share/datasets/fashion-mnist, and its authors publish them at "
    "https://github.com/zalandoresearch/fashion-mnist in data/fashion",
    repeated=REPEATED,
)


def fashion_mnist() -> FinitePool:
    """Fashion-MNIST, training and test images together: 70 000 points, 784 pixels in [0, 1] (the raw 0..255 over 255), labels 0 to 9.

    The environment variable ``GENBOUNDS_DATA`` names the folder with the four IDX files (``train-images-idx3-ubyte`` and so on, gzipped or
    not), or the folder above it if theirs is called ``fashion-mnist``. Raises ``ValueError`` where they are not there, or are other data.
    """
    return FASHION_MNIST.pool()
