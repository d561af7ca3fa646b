"""What one line of text says: junk, byline, dateline, date, place, outlet. All that is known of Indonesian lines is here."""
