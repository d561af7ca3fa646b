"""Which blocks of a page are the story: noise goes from the tree, the body is taken, its lines are cleaned."""
