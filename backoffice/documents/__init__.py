"""Documents: a frozen dataclass in, bytes out."""
