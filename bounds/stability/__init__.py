"""Algorithmic stability: how much the output depends on a single example, and what follows for the risk."""

from genbounds.bounds.stability._bassily2020nonsmooth import bassily2020nonsmooth
from genbounds.bounds.stability._bousquet_elisseeff2002 import bousquet_elisseeff2002
from genbounds.bounds.stability._bousquet_klochkov_zhivotovskiy2020 import bousquet_klochkov_zhivotovskiy2020
from genbounds.bounds.stability._differential_privacy import (
    approximate_privacy_gap,
    differential_privacy,
    differential_privacy_gap,
)
from genbounds.bounds.stability._expected_gap import expected_gap
from genbounds.bounds.stability._feldman_vondrak2018 import feldman_vondrak2018
from genbounds.bounds.stability._hardt2016convex import hardt2016convex
from genbounds.bounds.stability._hardt2016decaying import hardt2016decaying
from genbounds.bounds.stability._hardt2016distance import (
    hardt2016distance_convex,
    hardt2016distance_nonconvex,
    hardt2016distance_strongly_convex,
)
from genbounds.bounds.stability._hardt2016nonconvex import hardt2016nonconvex
from genbounds.bounds.stability._hardt2016nonconvex_steps import hardt2016nonconvex_steps
from genbounds.bounds.stability._hardt2016strongly_convex import hardt2016strongly_convex
from genbounds.bounds.stability._kuzborskij_lampert2018 import kuzborskij_lampert2018
from genbounds.bounds.stability._leave_one_out import kernel_leave_one_out, ridge_leave_one_out
from genbounds.bounds.stability._leave_one_out_bounds import bousquet_elisseeff2002leave_one_out, bousquet_elisseeff2002remove
from genbounds.bounds.stability._minibatches import minibatch_convex, minibatch_nonconvex
from genbounds.bounds.stability._minimum_norm_interpolation import minimum_norm_interpolation
from genbounds.bounds.stability._regularized_erm import regularized_erm, regularized_erm_approximate
from genbounds.bounds.stability._regularized_erm_remove import regularized_erm_remove, regularized_erm_remove_renormalized

__all__ = [
    "approximate_privacy_gap",
    "bassily2020nonsmooth",
    "bousquet_elisseeff2002",
    "bousquet_elisseeff2002leave_one_out",
    "bousquet_elisseeff2002remove",
    "bousquet_klochkov_zhivotovskiy2020",
    "differential_privacy",
    "differential_privacy_gap",
    "expected_gap",
    "feldman_vondrak2018",
    "hardt2016convex",
    "hardt2016decaying",
    "hardt2016distance_convex",
    "hardt2016distance_nonconvex",
    "hardt2016distance_strongly_convex",
    "hardt2016nonconvex",
    "hardt2016nonconvex_steps",
    "hardt2016strongly_convex",
    "kernel_leave_one_out",
    "kuzborskij_lampert2018",
    "minibatch_convex",
    "minibatch_nonconvex",
    "minimum_norm_interpolation",
    "regularized_erm",
    "regularized_erm_approximate",
    "regularized_erm_remove",
    "regularized_erm_remove_renormalized",
    "ridge_leave_one_out",
]
