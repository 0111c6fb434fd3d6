"""A solution to a mix: tables, indicators, certificate, shadow prices, comparison, and the words and numbers for them."""
