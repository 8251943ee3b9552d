"""One procedure for studies of posteriors: the data set, the network and the recipe are its arguments."""
