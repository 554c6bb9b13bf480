"""Pigeon's logs, what its receivers' replies mean, and an output format of one's own."""

from importlib.resources import files

RULES = files(__name__) / "rules.toml"
