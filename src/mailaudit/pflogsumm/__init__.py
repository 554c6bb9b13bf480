"""pflogsumm's own way of counting, line by line, and its own report: for sites that switch and keep their scripts.

The grand totals are counted a second time, from messages, in `measure.pflogsumm`, which says why they differ from ours.
"""
