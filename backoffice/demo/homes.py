"""What households buy together, and what they change to."""

HOMES: tuple[tuple[tuple[str, ...], int], ...] = (
    # the offers of one household, and how many households in a hundred have them
    (("TV-ESSENTIEL",), 14),
    (("PACK-CINE",), 9),
    (("PACK-SPORT",), 7),
    (("TOUT-INCLUS",), 5),
    (("NET-FIBRE",), 8),
    (("NET-FIBRE", "TEL-FIXE"), 7),
    (("CONFORT",), 16),
    (("CONFORT", "MOB-20"), 10),
    (("CONFORT", "MOB-150-TERM", "MOB-20"), 5),
    (("TV-ESSENTIEL", "NET-FIBRE"), 5),
    (("MOB-20",), 7),
    (("MOB-150-TERM",), 3),
    (("TV-ANNUEL",), 4),
)
UPGRADES = {
    "TV-ESSENTIEL": "PACK-CINE",
    "PACK-CINE": "TOUT-INCLUS",
    "PACK-SPORT": "TOUT-INCLUS",
    "NET-FIBRE": "NET-FIBRE-MAX",
    "MOB-20": "MOB-150-TERM",
}
DOWNGRADES = {"PACK-CINE": "TV-ESSENTIEL", "PACK-SPORT": "PACK-CINE"}
"""No new price is below half of the old one, so the invoice after the change stays above zero."""

WITH_OPTIONS = ("TV-ESSENTIEL", "PACK-CINE", "PACK-SPORT", "CONFORT")
WITH_DECODER = (*WITH_OPTIONS, "TOUT-INCLUS")
WITH_BOX = ("NET-FIBRE", "CONFORT")
