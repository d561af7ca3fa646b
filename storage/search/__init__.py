"""Search: postings of the newest versions in plain SQL, and the questions to them."""
