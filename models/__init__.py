"""Networks, their training in ensembles, and the measurements that bounds need. Importing the package makes bounds accept torch tensors."""

from genbounds.models import tensor_world
from genbounds.models.certifying.certificate_table import CertificateTable
from genbounds.models.certifying.certification import certify, certify_summary
from genbounds.models.certifying.predictions import certify_losses, certify_predictions, certify_predictor
from genbounds.models.ensemble import CountSamples, Ensemble, IndexSamples
from genbounds.models.measuring.network_summary import NetworkSummary
from genbounds.models.measuring.summary import summarize, summarize_ensemble
from genbounds.models.networks import DenseNetwork
from genbounds.models.picking import Picked, Picking, pick_to_learn
from genbounds.models.randomness.streams import Stream
from genbounds.models.stochastic import GaussianDenseNetwork, certify_gibbs, train_posterior

__all__ = [
    "CertificateTable",
    "CountSamples",
    "DenseNetwork",
    "Ensemble",
    "GaussianDenseNetwork",
    "IndexSamples",
    "NetworkSummary",
    "Picked",
    "Picking",
    "Stream",
    "certify",
    "certify_gibbs",
    "certify_losses",
    "certify_predictions",
    "certify_predictor",
    "certify_summary",
    "pick_to_learn",
    "summarize",
    "summarize_ensemble",
    "tensor_world",
    "train_posterior",
]
