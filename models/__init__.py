"""Networks, their training as ensembles, and what bounds need to know about them. Importing it registers the torch reading of bounds."""

from genbounds.models import tensor_world
from genbounds.models.ensemble import CountSamples, Ensemble, IndexSamples
from genbounds.models.network_summary import NetworkSummary
from genbounds.models.networks import DenseNetwork
from genbounds.models.stochastic import GaussianDenseNetwork, certify_gibbs, train_posterior
from genbounds.models.streams import Stream
from genbounds.models.summary import summarize, summarize_ensemble

__all__ = [
    "CountSamples",
    "DenseNetwork",
    "Ensemble",
    "GaussianDenseNetwork",
    "IndexSamples",
    "NetworkSummary",
    "Stream",
    "certify_gibbs",
    "summarize",
    "summarize_ensemble",
    "tensor_world",
    "train_posterior",
]
