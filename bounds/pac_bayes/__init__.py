"""PAC-Bayes bounds on the Gibbs risk of a randomised predictor."""

from genbounds.bounds.pac_bayes._catoni import catoni, catoni_grid
from genbounds.bounds.pac_bayes._data_dependent_prior import data_dependent_prior
from genbounds.bounds.pac_bayes._disintegrated import disintegrated
from genbounds.bounds.pac_bayes._gaussian_kl import gaussian_kl
from genbounds.bounds.pac_bayes._gaussian_kl_blocks import gaussian_kl_blocks
from genbounds.bounds.pac_bayes._gaussian_kl_blocks_grid import gaussian_kl_blocks_grid
from genbounds.bounds.pac_bayes._gaussian_kl_grid import gaussian_kl_grid
from genbounds.bounds.pac_bayes._gaussian_kl_low_rank import gaussian_kl_low_rank
from genbounds.bounds.pac_bayes._gaussian_log_ratio import gaussian_log_ratio
from genbounds.bounds.pac_bayes._germain2015 import germain2015pac_bound_1, germain2015pac_bound_2
from genbounds.bounds.pac_bayes._majority_vote import c_bound, majority_vote_factor_two
from genbounds.bounds.pac_bayes._masegosa2020tandem import masegosa2020tandem
from genbounds.bounds.pac_bayes._maurer2004 import langford2001, maurer2004
from genbounds.bounds.pac_bayes._mcallester import mcallester
from genbounds.bounds.pac_bayes._mcallester1999 import mcallester1999, mcallester2003
from genbounds.bounds.pac_bayes._monte_carlo import monte_carlo_errors, monte_carlo_risk
from genbounds.bounds.pac_bayes._quadratic import quadratic
from genbounds.bounds.pac_bayes._seeger2002 import seeger2002
from genbounds.bounds.pac_bayes._shalev_shwartz2014pac_bayes import shalev_shwartz2014pac_bayes
from genbounds.bounds.pac_bayes._split_kl import split_kl
from genbounds.bounds.pac_bayes._thiemann import thiemann
from genbounds.bounds.pac_bayes._tolstikhin_seldin import tolstikhin_seldin
from genbounds.bounds.pac_bayes._tolstikhin_seldin_empirical_bernstein import tolstikhin_seldin_empirical_bernstein
from genbounds.bounds.pac_bayes._unexpected_bernstein import unexpected_bernstein
from genbounds.bounds.pac_bayes._wu2024recursive import wu2024recursive

__all__ = [
    "c_bound",
    "catoni",
    "catoni_grid",
    "data_dependent_prior",
    "disintegrated",
    "gaussian_kl",
    "gaussian_kl_blocks",
    "gaussian_kl_blocks_grid",
    "gaussian_kl_grid",
    "gaussian_kl_low_rank",
    "gaussian_log_ratio",
    "germain2015pac_bound_1",
    "germain2015pac_bound_2",
    "langford2001",
    "majority_vote_factor_two",
    "masegosa2020tandem",
    "maurer2004",
    "mcallester",
    "mcallester1999",
    "mcallester2003",
    "monte_carlo_errors",
    "monte_carlo_risk",
    "quadratic",
    "seeger2002",
    "shalev_shwartz2014pac_bayes",
    "split_kl",
    "thiemann",
    "tolstikhin_seldin",
    "tolstikhin_seldin_empirical_bernstein",
    "unexpected_bernstein",
    "wu2024recursive",
]
