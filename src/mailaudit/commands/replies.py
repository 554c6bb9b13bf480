"""What two replies have in common, for the commands that group them."""

from mailaudit.measure.replies import normalised

__all__ = ["normalised"]
