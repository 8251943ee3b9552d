"""Bounds from held-out data: the hypothesis does not depend on the sample that evaluates it."""

from genbounds.bounds.holdout._adaptive_reuse import adaptive_reuse, adaptive_reuse_rounded
from genbounds.bounds.holdout._bennett import bennett
from genbounds.bounds.holdout._bernstein import bernstein
from genbounds.bounds.holdout._betting import betting, empirical_bernstein_sequence
from genbounds.bounds.holdout._campi2023compression import campi2023compression
from genbounds.bounds.holdout._chernoff_kl import chernoff_kl
from genbounds.bounds.holdout._clopper_pearson import clopper_pearson
from genbounds.bounds.holdout._compression import compression
from genbounds.bounds.holdout._confidence_sequence import confidence_sequence
from genbounds.bounds.holdout._disagreement import disagreement
from genbounds.bounds.holdout._empirical_bernstein import empirical_bernstein, maurer2009finite_class
from genbounds.bounds.holdout._finite_class import finite_class
from genbounds.bounds.holdout._hoeffding import hoeffding
from genbounds.bounds.holdout._kawaguchi2017validation import kawaguchi2017validation
from genbounds.bounds.holdout._ladder import ladder
from genbounds.bounds.holdout._occam_binomial import occam_binomial
from genbounds.bounds.holdout._occam_kl import occam_kl
from genbounds.bounds.holdout._online_to_batch import cesabianchi2008improved, online_to_batch
from genbounds.bounds.holdout._prefix_code import decode_levels, encode_levels
from genbounds.bounds.holdout._progressive_validation import progressive_validation, progressive_validation_grid
from genbounds.bounds.holdout._realizable_finite_class import realizable_finite_class
from genbounds.bounds.holdout._sample_compression import sample_compression
from genbounds.bounds.holdout._split_kl import split_kl
from genbounds.bounds.holdout._unexpected_bernstein import unexpected_bernstein

__all__ = [
    "adaptive_reuse",
    "adaptive_reuse_rounded",
    "bennett",
    "bernstein",
    "betting",
    "campi2023compression",
    "cesabianchi2008improved",
    "chernoff_kl",
    "clopper_pearson",
    "compression",
    "confidence_sequence",
    "decode_levels",
    "disagreement",
    "empirical_bernstein",
    "empirical_bernstein_sequence",
    "encode_levels",
    "finite_class",
    "hoeffding",
    "kawaguchi2017validation",
    "ladder",
    "maurer2009finite_class",
    "occam_binomial",
    "occam_kl",
    "online_to_batch",
    "progressive_validation",
    "progressive_validation_grid",
    "realizable_finite_class",
    "sample_compression",
    "split_kl",
    "unexpected_bernstein",
]
