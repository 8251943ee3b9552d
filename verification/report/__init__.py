"""The report: what a run of the suite found, as a page, text, LaTeX tables, data and BibTeX."""
