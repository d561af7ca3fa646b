"""What is kept: the archive of raw pages, the database, what is found in it."""
