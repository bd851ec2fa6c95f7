"""The support back office of a subscription operator: one graph, a console, exact money."""
