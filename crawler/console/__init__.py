"""What is printed: lines, tables, progress. What strangers wrote is made printable here, so nobody else prints."""
