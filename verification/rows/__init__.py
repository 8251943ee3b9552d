"""What a report is made of: one kind of row per file, and the check that rows follow from their numbers."""
