"""What the literature says of backpropagation, and of gradients in deep networks."""

from __future__ import annotations

from genbounds.verification.studies.phenomenon import Claim

CLAIMS = (
    Claim(
        "dense recursion",
        "With s_j = sigma'(W_j z_j + b_j) * delta_(j+1), a dense network has delta_j = W_j^T s_j, and its outputs have the Jacobians "
        "s_j z_j^T in the weights and s_j in the biases.",
        "Rumelhart, Hinton and Williams 1986",
    ),
    Claim(
        "residual recursion",
        "In a residual network delta_j = W_j^T s_j + delta_(j+1), and the Jacobians have the same form.",
        "He, Zhang, Ren and Sun 2016, Identity mappings in deep residual networks, equation 5",
    ),
    Claim(
        "bounds on delta",
        "||delta_j|| is at most the product of Lip(sigma) ||W_l|| over the layers above, of 1 + Lip(sigma) ||W_l|| in a residual network, "
        "where it is at least the product of 1 - Lip(sigma) ||W_l||, if these are positive.",
        "Bengio, Simard and Frasconi 1994; Pascanu, Mikolov and Bengio 2013, section 2; the residual form by the triangle inequality",
        "1 + L ||W||",
    ),
    Claim(
        "0.25^depth",
        "In a sigmoid network with ||W_l|| at most 1, ||delta|| falls at least by the factor 0.25^depth.",
        "Hochreiter 1991; the largest slope of the sigmoid is 1/4",
        "0.25^10 = 9.5e-7",
    ),
    Claim(
        "vanishing",
        "With weights of variance 1/width, gradients vanish in sigmoid networks: each layer makes delta shorter.",
        "Glorot and Bengio 2010",
    ),
    Claim(
        "exploding",
        "With weights of variance 4/width, twice the variance that preserves their size, gradients explode in ReLU networks: each "
        "layer makes delta longer.",
        "He, Zhang, Ren and Sun 2015, section 2.2",
    ),
    Claim(
        "residual networks keep them",
        "At equal weights of norm 1 the logarithm of ||delta|| changes less per layer in residual sigmoid networks than in dense ones.",
        "He, Zhang, Ren and Sun 2016",
    ),
    Claim(
        "forward bound",
        "||z_(j+1)|| is at most Lip(sigma) (||W_j|| ||z_j|| + ||b_j||) + ||sigma(0)||, to which ||z_j|| is added in a residual network.",
        "the triangle inequality; Pascanu, Mikolov and Bengio 2013 for the case sigma(0) = 0",
    ),
    Claim(
        "exception",
        "Where sigma(0) is not 0, as for the sigmoid, the forward bound without ||sigma(0)|| is false.",
        "the sigmoid at z = 0 and b = 0",
    ),
    Claim(
        "symmetric powers",
        "If A is symmetric with largest absolute eigenvalue lambda and eigenvector v, |<u, v>| lambda^L <= ||A^L u|| <= lambda^L ||u||.",
        "Goodfellow, Bengio and Courville 2016, section 8.2.5; the spectral theorem",
        "lambda^L",
    ),
    Claim(
        "lambda^L",
        "For any A, ||A^L u|| eventually grows like lambda^L, where lambda is the spectral radius: it vanishes if lambda is below 1 "
        "and explodes if it is above 1.",
        "Goodfellow, Bengio and Courville 2016, section 8.2.5",
        "lambda^L",
    ),
)
