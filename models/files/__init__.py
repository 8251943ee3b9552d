"""Files that users bring: labelled samples and saved weights, read without running any code in them."""
