"""PAC-Bayes on MNIST: cells, networks, what a cell does, and the study."""
