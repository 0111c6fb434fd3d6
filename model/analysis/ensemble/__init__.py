"""A hundred thousand sampled worlds in one Parquet file, on processes or a cluster."""
