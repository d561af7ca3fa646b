"""From bytes to a tree, and from the tree to blocks of text, further parts, and JSON that a page carries."""
