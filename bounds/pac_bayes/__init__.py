"""PAC-Bayes bounds on the Gibbs risk of a randomised predictor."""

from genbounds.bounds.pac_bayes._gaussian_kl import gaussian_kl
from genbounds.bounds.pac_bayes._mcallester import mcallester
from genbounds.bounds.pac_bayes._monte_carlo import monte_carlo_errors, monte_carlo_risk
from genbounds.bounds.pac_bayes._seeger2002 import seeger2002

__all__ = ["gaussian_kl", "mcallester", "monte_carlo_errors", "monte_carlo_risk", "seeger2002"]
