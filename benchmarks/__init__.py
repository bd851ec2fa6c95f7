"""Comparisons that anyone can repeat: what the graph costs beside SQL written by hand, as ratios within one run."""
