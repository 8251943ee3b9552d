"""The scale 1/sqrt(L) of a residual branch: norms at initialisation, products over windows of layers, and training."""
