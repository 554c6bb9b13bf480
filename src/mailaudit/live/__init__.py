"""The live view: what is counted of the last deliveries, and the screen that shows it (textual, an extra)."""
