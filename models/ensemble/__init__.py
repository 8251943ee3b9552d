"""Many networks trained as one batched tensor program, each on its own sample, seed and step size."""

from genbounds.models.ensemble.ensemble import Ensemble, Training
from genbounds.models.ensemble.losses import Loss, margins
from genbounds.models.ensemble.perceptron import HardMargin, PerceptronRun, cycle, hard_margin, one_pass, pool_errors
from genbounds.models.ensemble.samples import CountSamples, IndexSamples, Samples
from genbounds.models.ensemble.tiles import plan_tiles

__all__ = [
    "CountSamples",
    "Ensemble",
    "HardMargin",
    "IndexSamples",
    "Loss",
    "PerceptronRun",
    "Samples",
    "Training",
    "cycle",
    "hard_margin",
    "margins",
    "one_pass",
    "plan_tiles",
    "pool_errors",
]
