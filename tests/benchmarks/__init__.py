"""Measurements against pflogsumm and grep; never part of the tests."""
