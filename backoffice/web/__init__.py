"""HTTP: the GraphQL paths, sign-in, the console, health and metrics. No SQL is known here."""
