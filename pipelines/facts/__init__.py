"""What a page says of its article besides the text: each witness in the order in which it is believed."""
