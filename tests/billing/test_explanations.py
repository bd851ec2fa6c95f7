from datetime import date
from fractions import Fraction

import pytest

from backoffice.billing import changes, lines, phrases
from backoffice.billing.derivation import Derived
from backoffice.billing.formats import UnknownLocale, amount, format_for, percent, period
from backoffice.billing.money import Rounding
from backoffice.billing.periods import Period
from backoffice.billing.steps import Operator, Percentage, Source, Unit

NOVEMBER = Period(date(2026, 11, 1), date(2026, 12, 1))
HALF = lines.prorated(
    full_cents=3499, price_version="PV-7", served=Period(date(2026, 11, 16), date(2026, 12, 1)), of=NOVEMBER
)


class TestExplain:
    def test_reads_in_french(self) -> None:
        assert HALF.explain("fr") == [
            "Le prix de la période entière est de 34,99 € (PV-7).",
            (
                "Du 16 novembre 2026 au 30 novembre 2026 inclus : 15 jours sur les 30 de la période "
                "du 1er novembre 2026 au 30 novembre 2026."
            ),
            "34,99 € × 15/30 = 17,495 €.",
            "Arrondi au centime le plus proche, le demi-centime vers le haut : 17,50 €.",
        ]

    def test_reads_in_english(self) -> None:
        assert HALF.explain("en") == [
            "The price of the whole period is €34.99 (PV-7).",
            (
                "From 16 November 2026 to 30 November 2026 inclusive: 15 days out of the 30 of the period "
                "from 1 November 2026 to 30 November 2026."
            ),
            "€34.99 × 15/30 = €17.495.",
            "Rounded to the nearest cent, half a cent upwards: €17.50.",
        ]

    def test_reads_a_capped_credit_to_its_end(self) -> None:
        moved = changes.change(
            on=date(2026, 11, 16),
            period=NOVEMBER,
            old_cents=3499,
            old_line="F-12/1",
            new_cents=7499,
            price_version="PV-9",
            already_credited_cents=3000,
        )

        assert moved.credit.explain("fr")[4:] == [
            "Montant déjà crédité sur cette ligne : 30,00 €.",
            "Il reste : 34,99 € − 30,00 € = 4,99 €.",
            "Le plus petit montant entre 17,50 € et 4,99 € est retenu : 4,99 €.",
            "Ce montant est rendu : −4,99 €.",
        ]

    def test_says_when_a_written_value_is_not_exact(self) -> None:
        served = Period(date(2026, 10, 7), date(2026, 11, 1))
        of = Period(date(2026, 10, 1), date(2026, 11, 1))

        derived = lines.prorated(full_cents=3499, price_version="", served=served, of=of)

        assert derived.explain("en")[2] == "€34.99 × 25/31 ≈ €28.2177."

    @pytest.mark.parametrize(
        ("served", "sentence"),
        [
            (
                Period(date(2026, 11, 5), date(2026, 11, 6)),
                "Le 5 novembre 2026 : 1 jour sur les 30 de la période du 1er novembre 2026 au 30 novembre 2026.",
            ),
            (
                Period(date(2026, 11, 5), date(2026, 11, 5)),
                "Aucun jour ne compte dans la période du 1er novembre 2026 au 30 novembre 2026.",
            ),
            (
                Period(date(2026, 10, 5), date(2026, 11, 2)),
                "Le 1er novembre 2026 : 1 jour sur les 30 de la période du 1er novembre 2026 au 30 novembre 2026.",
            ),
        ],
    )
    def test_names_only_days_that_count(self, served: Period, sentence: str) -> None:
        derived = lines.prorated(full_cents=3499, price_version="PV-7", served=served, of=NOVEMBER)

        assert derived.explain("fr")[1] == sentence

    @pytest.mark.parametrize("locale", ["fr-FR", "fr_CH", "FR"])
    def test_accepts_variants_of_a_language(self, locale: str) -> None:
        assert HALF.explain(locale) == HALF.explain("fr")

    def test_writes_another_currency(self) -> None:
        assert HALF.explain("fr", currency="CHF")[-1].endswith(": 17,50 CHF.")
        assert HALF.explain("en", currency="CHF")[-1].endswith(": CHF 17.50.")

    def test_refuses_a_language_it_does_not_write(self) -> None:
        with pytest.raises(UnknownLocale) as refusal:
            HALF.explain("de")

        assert refusal.value.locale == "de"

    def test_has_the_same_sentences_in_both_languages(self) -> None:
        wanted = {
            "and",
            "percentage",
            "days.many",
            "days.one",
            "days.none",
            *(f"amount.{source}" for source in Source),
            *(f"quantity.{unit}" for unit in Unit),
            *(f"rounding.{mode}" for mode in Rounding),
            *(f"operation.{operator}" for operator in Operator),
        }

        assert set(phrases.FRENCH) == set(phrases.ENGLISH) == wanted


class TestFormats:
    @pytest.mark.parametrize(
        ("cents", "french", "english"),
        [
            (Fraction(3499), "34,99 €", "€34.99"),
            (Fraction(123456789), "1 234 567,89 €", "€1,234,567.89"),
            (Fraction(-5), "−0,05 €", "−€0.05"),
            (Fraction(0), "0,00 €", "€0.00"),
            (Fraction(100), "1,00 €", "€1.00"),
            (Fraction(17495, 10), "17,495 €", "€17.495"),
            (Fraction(199999, 2), "999,995 €", "€999.995"),
        ],
    )
    def test_write_amounts(self, cents: Fraction, french: str, english: str) -> None:
        assert amount(cents, format_for("fr"), "EUR") == french
        assert amount(cents, format_for("en"), "EUR") == english

    @pytest.mark.parametrize(
        ("share", "french", "english"),
        [
            (Fraction(1, 5), "20 %", "20%"),
            (Fraction(55, 1000), "5,5 %", "5.5%"),
            (Fraction(1, 3), "33,3333 %", "33.3333%"),
            (Fraction(1), "100 %", "100%"),
        ],
    )
    def test_write_percentages(self, share: Fraction, french: str, english: str) -> None:
        assert percent(share, format_for("fr")) == french
        assert percent(share, format_for("en")) == english

    def test_write_the_last_day_served_and_not_the_end_date(self) -> None:
        august = Period(date(2026, 8, 1), date(2026, 9, 1))

        assert period(august, format_for("fr")) == "1er août 2026 au 31 août 2026"
        assert period(august, format_for("en")) == "1 August 2026 to 31 August 2026"

    def test_write_a_rate_with_its_article(self) -> None:
        derived = Derived(0, (Percentage("conso-L224-28-II-terminal", Fraction(1, 5)),))

        assert derived.explain("fr") == ["Le taux est de 20 % (Code de la consommation, article L224-28, II)."]
