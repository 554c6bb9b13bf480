"""Lets `python -m mailaudit` do what `mailaudit` does."""

from __future__ import annotations

from mailaudit.cli import main

if __name__ == "__main__":
    main()
