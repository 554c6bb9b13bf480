"""The program as a whole: what must not change its answers, and what must not break it."""
