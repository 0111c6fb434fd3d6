"""Facts, read from a data folder and checked; a visitor's own numbers and own folder; the workshop's story."""
