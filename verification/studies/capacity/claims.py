"""What the literature says of width, capacity and the number of parameters."""

from __future__ import annotations

from genbounds.verification.studies.phenomenon import Claim

CLAIMS = (
    Claim(
        "law of double descent",
        "Least squares of least norm on p of D Gaussian features has a risk whose mean grows like 1 + p/(n - p - 1) below p = n, is "
        "infinite around p = n and falls beyond it; its excess is distributed as a multiple of a quotient of chi-squared variables, to "
        "which a multiple of a beta variable is added beyond p = n.",
        "Belkin, Hsu and Xu 2020, Theorem 1 and its corollary",
    ),
    Claim(
        "bias and variance",
        "The expected squared error is the noise plus the squared bias plus the variance.",
        "Geman, Bienenstock and Doursat 1992, section 2",
    ),
    Claim(
        "double descent",
        "On random features the risk first falls, then rises to a peak where there are as many features as examples, and then falls again.",
        "Belkin, Hsu, Ma and Mandal 2019, figures 1 and 2",
    ),
    Claim(
        "the second descent is lower",
        "Beyond the interpolation threshold the risk falls below the least one before it.",
        "Belkin, Hsu, Ma and Mandal 2019, figure 2",
    ),
    Claim(
        "peak of trained networks",
        "The test error of networks with one hidden layer has the same peak, where there are as many parameters as examples.",
        "Belkin, Hsu, Ma and Mandal 2019, figure 3",
    ),
    Claim(
        "both fall with width",
        "In networks both the squared bias and the variance fall as the width grows.",
        "Neal et al. 2018, section 4",
    ),
    Claim(
        "wider is no worse",
        "Adding units beyond those needed to fit the sample does not increase the test error (here: by less than .01).",
        "Neyshabur, Tomioka and Srebro 2015, figure 1",
    ),
    Claim(
        "size of the weights",
        "The size of the weights matters more than the size of the network: the examples that a norm bound needs grow less with the "
        "width than those "
        "that the VC bound needs.",
        "Bartlett 1998, section 1; Neyshabur, Tomioka and Srebro 2015",
    ),
    Claim(
        "bounds",
        "The VC, norm and margin bounds hold for each trained network with probability 95 %.",
        "Mohri et al. 2018, Corollary 3.19; Golowich et al. 2018, Theorem 1; Bartlett et al. 2017, Theorem 1.1",
    ),
    Claim(
        "parameters per example",
        "A network of L hidden layers of p units on p inputs has L p^2 + p weights: with n = p^2 examples there are L + 1/p weights per "
        "example, which is about the depth.",
        "the lecture notes; counted",
        printed="about the depth",
    ),
    Claim(
        "fitted with more parameters than examples",
        "At several parameters per example such networks still err on fewer than half as many digits as guessing does.",
        "the lecture notes; Zhang et al. 2017, section 2",
    ),
)
