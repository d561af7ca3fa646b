"""The daily clipping: what is new on the user's actors and terms, what was changed, and what was not collected."""
