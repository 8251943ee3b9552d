"""What a report is made of: one kind of row a file, and the check that rows follow from their numbers."""
