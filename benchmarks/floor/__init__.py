"""Subscriber 360 by hand: the least that the same answer costs with the same drivers.

Two floors: "rows" reads lists with plain statements and makes dicts of them, "JSON" has the database make the answer's
text in one statement. They speak to asyncpg and sqlite3 directly, without SQLAlchemy.
"""
