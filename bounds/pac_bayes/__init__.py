"""pac_bayes."""
