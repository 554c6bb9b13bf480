"""Why mail failed: what a reply means, who can put it right, and what to do next.

`verdict` judges one reply, `bulk.verdicts` all replies of a log at once. Rules, categories and lists are data.
"""

from __future__ import annotations

from mailaudit.classify.verdicts import Verdict, verdict

__all__ = ["Verdict", "verdict"]
