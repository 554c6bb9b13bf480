"""Comparison of answers with what is known to have happened."""
