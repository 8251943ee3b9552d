"""PAC-Bayes on digits: cells, what a cell does, and the study."""
