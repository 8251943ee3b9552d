"""Scenarios: a learner on a population, one per file, by name. A module is imported only when its scenario is asked for.

A new scenario is a file of its own and one line in ``SCENARIOS``; no bound is named anywhere, since bounds meet scenarios by declarations.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module

from genbounds.verification.scenarios.hostile import HOSTILE
from genbounds.verification.scenarios.scenario import Scenario

SCENARIOS: dict[str, tuple[str, str]] = {
    "fixed hypothesis": ("fixed_hypothesis", "FixedHypothesis"),
    "valued losses": ("valued_losses", "ValuedLosses"),
    "best of a class": ("best_of_a_class", "BestOfAClass"),
    "best of K scores": ("best_of_scores", "BestOfScores"),
    "consistent hypothesis": ("consistent_hypothesis", "ConsistentHypothesis"),
    "adaptive analyst": ("adaptive_analyst", "AdaptiveAnalyst"),
    "leaderboard": ("adaptive_analyst", "Leaderboard"),
    "online run": ("online_run", "OnlineRun"),
    "losses in order": ("losses_in_order", "LossesInOrder"),
    "surrogate": ("surrogate", "Surrogate"),
    "crowd of voters": ("crowd_of_voters", "CrowdOfVoters"),
    "fitted prior": ("crowd_of_voters", "FittedPrior"),
    "point posterior": ("point_posterior", "PointPosterior"),
    "valued posterior": ("valued_posterior", "ValuedPosterior"),
    "excess over a reference": ("excess_posterior", "ExcessPosterior"),
    "drawn voter": ("point_posterior", "DrawnVoter"),
    "posterior draws": ("posterior_draws", "PosteriorDraws"),
    "listed votes": ("votes", "ListedVotes"),
    "coins on hard points": ("votes", "CoinsOnHardPoints"),
    "network fixed in advance": ("fixed_network", "FixedNetwork"),
    "one function if it is consistent": ("fixed_network", "ConsistentOrNone"),
    "memoriser": ("memoriser", "Memoriser"),
    "memoriser of a part": ("memoriser", "PartMemoriser"),
    "memoriser of a part, mean complexity": ("memoriser", "PartMemoriserOverSamples"),
    "memoriser of few points": ("memoriser", "MemoriserOfFew"),
    "memoriser of two classes": ("memoriser", "ScoresMemoriser"),
    "two constants": ("signs_on_a_line", "Constants"),
    "half-spaces on a line": ("signs_on_a_line", "HalfSpacesOnALine"),
    "half-planes on a circle": ("signs_on_a_line", "HalfPlanesOnACircle"),
    "half-planes around a circle": ("spacings", "LargestGap"),
    "sample maximum": ("spacings", "SampleMaximum"),
    "largest examples": ("largest_examples", "LargestExamples"),
    "unlucky compression": ("unlucky_compression", "UnluckyCompression"),
    "single layer on a line": ("signs_on_a_line", "ReluUnitOnALine"),
    "ReLU network on a line": ("signs_on_a_line", "ReluNetworkOnALine"),
    "threshold network on a line": ("signs_on_a_line", "ThresholdNetworkOnALine"),
    "threshold network on a line, by its size": ("signs_on_a_line", "CountedThresholdNetworkOnALine"),
    "logistic network on a line": ("signs_on_a_line", "LogisticNetworkOnALine"),
    "squared unit on a line": ("signs_on_a_line", "SquareOnALine"),
    "squared unit on a line, by its layers": ("signs_on_a_line", "SquareByLayersOnALine"),
    "l2 ball of linear functions": ("norm_ball", "LinearBall"),
    "l2 ball, mean complexity": ("norm_ball", "LinearBallOverSamples"),
    "l1 ball of linear functions": ("norm_ball", "SparseBall"),
    "two layers, l2 rows": ("norm_ball", "ReluBall"),
    "two layers, Frobenius norms": ("norm_ball", "ReluFrobeniusBall"),
    "two layers, l1 rows": ("norm_ball", "ReluSparseBall"),
    "two layers, largest l1 norms of rows": ("norm_ball", "ReluRowsBall"),
    "two layers, odd activation": ("norm_ball", "OddBall"),
    "two layers, l1 rows, odd activation": ("norm_ball", "OddSparseBall"),
    "linear memoriser": ("linear_memoriser", "LinearMemoriser"),
    "linear memoriser of two classes": ("linear_memoriser", "LogitsMemoriser"),
    "memoriser of two layers": ("linear_memoriser", "DeepMemoriser"),
    "kernel memoriser": ("linear_memoriser", "KernelMemoriser"),
    "kernel and coins": ("linear_memoriser", "KernelAndCoins"),
    "perceptron run": ("perceptron_run", "PerceptronRun"),
    "perceptron to convergence": ("perceptron_run", "PerceptronToConvergence"),
    "perceptron on noise": ("perceptron_run", "PerceptronOnNoise"),
    "hard margin": ("hard_margin", "HardMargin"),
    "interpolant": ("interpolant", "Interpolant"),
    "regularised minimiser": ("regularised_minimiser", "RegularisedMinimiser"),
    "approximate minimiser": ("regularised_minimiser", "ApproximateMinimiser"),
    "regularised minimiser of the sum": ("regularised_minimiser", "MinimiserOfTheSum"),
    "fresh weights": ("regularised_minimiser", "FreshWeights"),
    "descent with batches": ("descent_with_batches", "DescentWithBatches"),
    "descent with batches on concave losses": ("descent_with_batches", "ConcaveDescentWithBatches"),
    "private release": ("private_release", "PrivateRelease"),
    "private release with a leak": ("private_release", "LeakyRelease"),
    "memory of all": ("memory_of_all", "MemoryOfAll"),
    "memory of all, by replacement": ("memory_of_all", "MemoryByReplacement"),
    "tiny algorithms": ("tiny_algorithms", "TinyAlgorithms"),
    "tiny interpolants": ("tiny_algorithms", "TinyInterpolants"),
    "blurred memory": ("blurred_memory", "BlurredMemory"),
    "sharp memory": ("blurred_memory", "SharpMemory"),
    "descent on linear losses": ("descent_on_quadratics", "LinearDescent"),
    "descent on quadratics": ("descent_on_quadratics", "StronglyConvexDescent"),
    "descent with decaying steps": ("descent_on_quadratics", "DecayingDescent"),
    "descent on concave losses": ("descent_on_quadratics", "ConcaveDescent"),
    "descent that memorises": ("descent_that_memorises", "MemorisingDescent"),
    "descent on kinked losses": ("descent_on_kinks", "DescentOnKinks"),
    "descent on rounded kinks": ("descent_on_kinks", "DescentOnRoundedKinks"),
    "network on held-out draws": ("pools.held_out_network", "HeldOutNetwork"),
    "losses in order on held-out draws": ("pools.losses_in_order", "LossesOnPool"),
    "network and surrogate": ("pools.surrogate_network", "SurrogateNetwork"),
    "adaptive analyst on noise labels": ("pools.analyst", "AnalystOnNoise"),
    "best of a sweep": ("pools.sweep", "BestOfSweep"),
    "posterior on random classifiers": ("pools.voters", "RandomClassifiers"),
    "private choice of a classifier": ("pools.private_choice", "PrivateChoice"),
    "excess over an earlier posterior": ("pools.voters", "ExcessOverEarlier"),
    "votes on the population": ("pools.voters", "VotesOfPopulation"),
    "Gaussian posterior": ("pools.gaussian_posterior", "GaussianPosterior"),
    "Gaussian posterior with a learnt prior": ("pools.gaussian_posterior", "LearntPrior"),
    "Gaussian posterior, prior scale on a grid": ("pools.gaussian_posterior", "PriorScaleOnGrid"),
    "one draw from a Gaussian posterior": ("pools.gaussian_posterior", "OneDraw"),
    "perceptron on digits": ("pools.perceptron", "PerceptronOnDigits"),
    "perceptron on digits to convergence": ("pools.perceptron", "ConvergedOnDigits"),
    "perceptron on breast cancer": ("pools.perceptron", "PerceptronOnNoisyPool"),
    "pick-to-learn on digits": ("pools.picking", "PickToLearn"),
    "regularised logistic regression": ("pools.regularised", "RegularisedOnPool"),
    "regularised logistic regression, each example left out": ("pools.left_out", "LeftOut"),
    "regularised logistic regression of the sum, each example left out": ("pools.left_out", "LeftOutOfSum"),
    "regularised logistic regression stopped early": ("pools.left_out", "StoppedEarly"),
    "logistic gradient descent": ("pools.descent", "LogisticDescent"),
    "sigmoid gradient descent": ("pools.descent", "SigmoidDescent"),
    "one pass of sigmoid descent": ("pools.descent", "OnePassSigmoid"),
    "regularised gradient descent": ("pools.descent", "RegularisedDescent"),
    "regularised gradient descent with decaying steps": ("pools.descent", "DecayingRegularisedDescent"),
    "trained network": ("pools.trained_network", "TrainedNetwork"),
    "trained network of a fixed class": ("pools.trained_network", "TrainedInFixedClass"),
    "kernel regression": ("pools.kernel_regression", "KernelRegression"),
    "best linear function of a ball": ("pools.linear_ball", "LinearLossOfBall"),
    "best linear function of a ball, mean complexity": ("pools.linear_ball", "LinearLossOverSamples"),
    "signs of a linear function of a ball": ("pools.linear_ball", "SignsOfBall"),
    "class means": ("pools.class_means", "ClassMeans"),
    "hard margin on the separable pool": ("pools.hard_margin", "HardMarginOnPool"),
    "quantised classifier": ("pools.quantised", "QuantisedClassifier"),
    "best parity on the cube": ("pools.parities", "BestParity"),
    "sum of signed examples": ("pools.half_spaces", "SumOfExamples"),
    "parity without an error": ("pools.consistent", "ConsistentParity"),
    "half-space without an error": ("pools.consistent", "ConsistentHalfSpace"),
    "leaderboard on noise labels": ("pools.leaderboard", "LeaderboardOnNoise"),
    "draws from a Gaussian posterior": ("pools.posterior_draws", "DrawsFromGaussian"),
    "linear classifier at one margin": ("pools.one_margin", "LinearAtOneMargin"),
    "ReLU network on the unit interval": ("pools.unit_interval_network", "NetworkOnUnitInterval"),
}
SCENARIOS |= HOSTILE
"""Module of each scenario, and its class or the scenario itself, in the order of reports; hostile ones come last."""


def names() -> tuple[str, ...]:
    """The names of all scenarios.

    >>> names()[0]
    'fixed hypothesis'
    """
    return tuple(SCENARIOS)


@cache
def scenario(name: str) -> Scenario:
    """The scenario of that name; underscores may stand for spaces.

    Raises:
        ValueError: an unknown name; the message lists the known ones.

    >>> scenario("fixed_hypothesis").name
    'fixed hypothesis'
    """
    spaced = name.replace("_", " ")
    if spaced not in SCENARIOS:
        raise ValueError(f"scenario must be one of {', '.join(SCENARIOS)}, got {name!r}: genbounds scenarios lists them")
    module, kind = SCENARIOS[spaced]
    found = getattr(import_module(f"{__name__}.{module}"), kind)
    made: Scenario = found if isinstance(found, Scenario) else found()
    return made
