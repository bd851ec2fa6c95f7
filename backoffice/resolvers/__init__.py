"""Behaviour that is not data: mutations, searches, loaders, pages. A resolver has the name of its field."""
