"""Evidence: the page behind a row, as it was archived, and how somebody else can check it."""
