"""The business: one file a noun, plain functions, the session first and the rest by keyword. Services never commit."""
