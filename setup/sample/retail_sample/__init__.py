"""Sample data: reading the shipped extract, inventing people, and posting everything through the till's own code."""
