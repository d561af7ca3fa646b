"""Files of others through the same chain: which documents they hold, whose they are, and which were taken before."""
