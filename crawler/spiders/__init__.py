"""One spider class a source file, made by `loader`, and spiders of a user's own."""
