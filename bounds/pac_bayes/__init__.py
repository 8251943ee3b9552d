"""PAC-Bayes bounds on the Gibbs risk of a randomised predictor."""

from genbounds.bounds.pac_bayes._catoni import catoni, catoni_grid
from genbounds.bounds.pac_bayes._disintegrated import disintegrated
from genbounds.bounds.pac_bayes._gaussian_kl import gaussian_kl
from genbounds.bounds.pac_bayes._mcallester import mcallester
from genbounds.bounds.pac_bayes._mcallester1999 import mcallester1999
from genbounds.bounds.pac_bayes._monte_carlo import monte_carlo_errors, monte_carlo_risk
from genbounds.bounds.pac_bayes._quadratic import quadratic
from genbounds.bounds.pac_bayes._seeger2002 import seeger2002
from genbounds.bounds.pac_bayes._thiemann import thiemann
from genbounds.bounds.pac_bayes._tolstikhin_seldin import tolstikhin_seldin

__all__ = [
    "catoni",
    "catoni_grid",
    "disintegrated",
    "gaussian_kl",
    "mcallester",
    "mcallester1999",
    "monte_carlo_errors",
    "monte_carlo_risk",
    "quadratic",
    "seeger2002",
    "thiemann",
    "tolstikhin_seldin",
]
