"""Many networks trained at once, each on its own sample, seed and step size: batched, or one by one in compiled loops."""

from genbounds.models.ensemble.ensemble import Ensemble
from genbounds.models.ensemble.families import learning_curve, leave_one_out, noisy_pool, twins, with_label_noise
from genbounds.models.ensemble.losses import Loss, margins
from genbounds.models.ensemble.module_ensemble import ModuleEnsemble
from genbounds.models.ensemble.perceptron import HardMargin, PerceptronRun, cycle, hard_margin, one_pass, pool_errors
from genbounds.models.ensemble.recipe import Adam
from genbounds.models.ensemble.samples import CountSamples, IndexSamples, Samples
from genbounds.models.ensemble.stacked import Training
from genbounds.models.ensemble.stopping import Stopping
from genbounds.models.ensemble.tiles import plan_tiles

__all__ = [
    "Adam",
    "CountSamples",
    "Ensemble",
    "HardMargin",
    "IndexSamples",
    "Loss",
    "ModuleEnsemble",
    "PerceptronRun",
    "Samples",
    "Stopping",
    "Training",
    "cycle",
    "hard_margin",
    "learning_curve",
    "leave_one_out",
    "margins",
    "noisy_pool",
    "one_pass",
    "plan_tiles",
    "pool_errors",
    "twins",
    "with_label_noise",
]
