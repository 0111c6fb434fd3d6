"""Vega-Lite specifications and maps; no Streamlit."""
