"""Data-free certificates by compression: small ternary networks, and the prefix code that charges for every choice in them."""

from genbounds.models.compression._family import DIGITS, MNIST, Architecture, Family, fixed_features
from genbounds.models.compression._message import decode, encode
from genbounds.models.compression._network import TernaryNetwork, counted_as_errors
from genbounds.models.compression._polish import polish_last_layer
from genbounds.models.compression._training import Compression, train_ternary

__all__ = [
    "DIGITS",
    "MNIST",
    "Architecture",
    "Compression",
    "Family",
    "TernaryNetwork",
    "counted_as_errors",
    "decode",
    "encode",
    "fixed_features",
    "polish_last_layer",
    "train_ternary",
]
