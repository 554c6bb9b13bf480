"""How answers are written: one function per format, all with one signature (see `writers.formats`)."""
