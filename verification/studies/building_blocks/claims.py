"""What the literature says of dense, convolutional, recurrent and attention layers."""

from __future__ import annotations

from genbounds.verification.studies.phenomenon import Claim

CLAIMS = (
    Claim(
        "parameters",
        "A dense layer from d to m units has m (d + 1) parameters; the number of parameters of a convolution, a recurrence or an "
        "attention layer does not depend on the size of the image, the length of the sequence or the number of tokens.",
        "Goodfellow, Bengio and Courville 2016, sections 6, 9.2 and 10.1; Vaswani et al. 2017, section 3.2",
    ),
    Claim(
        "Lipschitz constants",
        "Dense, convolutional and unrolled recurrent networks have a Lipschitz constant of at most the product of their layers' "
        "constants on all inputs; networks with attention have one on a ball.",
        "Bartlett, Foster and Telgarsky 2017, section 1; Kim, Papamakarios and Mnih 2021, section 3",
    ),
    Claim(
        "attention has none on all inputs",
        "Dot-product attention has no Lipschitz constant on all inputs: its derivative grows with the square of the size of large tokens.",
        "Kim, Papamakarios and Mnih 2021, Theorem 3.1",
    ),
    Claim(
        "certificates",
        "Every certificate that applies to a network holds with the probability that it states.",
        "the catalogue of bounds, each with its source",
    ),
    Claim(
        "identity activations collapse",
        "With the identity as its activation, a dense, convolutional or recurrent network is an affine map, however many layers it has.",
        "Goodfellow, Bengio and Courville 2016, section 6.1; the lecture notes",
    ),
    Claim(
        "activations pay",
        "On each task the network with ReLU units has a smaller risk than the one with identity activations.",
        "Goodfellow, Bengio and Courville 2016, section 6.1",
    ),
)
