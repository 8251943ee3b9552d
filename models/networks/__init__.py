"""Kinds of network. Dense: plain or residual, with any activation of `ACTIVATIONS`."""

from genbounds.models.networks.activations import ACTIVATIONS, Activation
from genbounds.models.networks.dense import DenseNetwork

__all__ = ["ACTIVATIONS", "Activation", "DenseNetwork"]
