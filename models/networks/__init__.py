"""Kinds of network: dense, convolutional, recurrent and attention, each plain or residual, with any activation of ``ACTIVATIONS``.

All but ``DenseNetwork`` take a normalisation; a dense network with one is a ``NormalisedDenseNetwork``.
"""

from genbounds.models.networks.activations import ACTIVATIONS, Activation
from genbounds.models.networks.attention import AttentionNetwork
from genbounds.models.networks.convolutional import ConvolutionalNetwork
from genbounds.models.networks.dense import DenseNetwork
from genbounds.models.networks.normalisation import GROUPS, Normalisation
from genbounds.models.networks.normalised import NormalisedDenseNetwork
from genbounds.models.networks.recurrent import RecurrentNetwork

__all__ = [
    "ACTIVATIONS",
    "GROUPS",
    "Activation",
    "AttentionNetwork",
    "ConvolutionalNetwork",
    "DenseNetwork",
    "Normalisation",
    "NormalisedDenseNetwork",
    "RecurrentNetwork",
]
