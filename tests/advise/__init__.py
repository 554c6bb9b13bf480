"""Tests of the rules that follow from numbers."""
