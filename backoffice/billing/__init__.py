"""Pure billing arithmetic: money, periods, proration, VAT, credits, derivations and dated legal rules.

Nothing here reads a clock, a file or a database. Money is whole cents in `int`, exact values are
`fractions.Fraction`, days are civil dates and every refusal is a `ValueError` that carries its facts.
"""
