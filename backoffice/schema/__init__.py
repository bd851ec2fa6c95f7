"""The public face of the graph: names, descriptions, and who may see what. No SQL and no session here."""
