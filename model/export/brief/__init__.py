"""The brief, once in words, as PDF and as a web page."""
