"""What a browser shows: charts from plain values, and templates that escape whatever they are given."""
