"""Tests of links between records, and of the clock."""
