"""Sentences and numbers for the screen; no Streamlit."""
