"""How facts are written in French and in English, and that neither language lacks a word."""

import re
import string
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from backoffice.billing.formats import UnknownLocale
from backoffice.billing.periods import Period
from backoffice.documents.credit_notes import CreditReason
from backoffice.documents.fetching import ASSETS
from backoffice.documents.lines import Days
from backoffice.documents.payments import Means, MeansKind, Offset, Paid, Reopened, Repayment
from backoffice.documents.wording import ENGLISH, FRENCH
from backoffice.documents.writing import FIXED, Writer

FR, EN = Writer("fr", "EUR"), Writer("en", "EUR")
DAY, CARD = date(2026, 12, 1), Means(MeansKind.CARD, "4242")
MONTH = Period(date(2026, 11, 1), date(2026, 12, 1))
SOURCES = [*ASSETS.glob("*.html"), Path(__file__).parents[2] / "backoffice" / "documents" / "writing.py"]


class TestWording:
    def test_has_the_same_keys_and_facts_in_both_languages(self) -> None:
        assert {key: _facts(words) for key, words in ENGLISH.items()} == {
            key: _facts(words) for key, words in FRENCH.items()
        }

    def test_has_every_key_that_templates_and_writer_ask_for(self) -> None:
        asked = {key for source in SOURCES for key in re.findall(r'text\("([\w.]+)"[,)]', source.read_text())}

        assert len(asked) > 40
        assert asked - ENGLISH.keys() == set()

    def test_has_no_words_that_nobody_asks_for(self) -> None:
        sources = "".join(source.read_text() for source in SOURCES)
        composed = ("title.", "lines.", "total_ttc.", "reason.", "means.", "section.")
        plain = [key for key in ENGLISH if not key.startswith(composed)]

        assert len(plain) > 60
        assert [key for key in plain if f'"{key}"' not in sources and f"'{key}'" not in sources] == []

    @pytest.mark.parametrize(
        "key", [*(f"reason.{reason}" for reason in CreditReason), *(f"means.{kind}" for kind in MeansKind)]
    )
    def test_names_each_reason_and_means(self, key: str) -> None:
        assert ENGLISH[key]
        assert FRENCH[key] != ENGLISH[key]


class TestWriter:
    @pytest.mark.parametrize(
        ("cents", "french", "english"),
        [
            (123456, "1 234,56 €", "€1,234.56"),
            (5, "0,05 €", "€0.05"),
            (0, "0,00 €", "€0.00"),
            (-1750, "−17,50 €", "−€17.50"),
            (123456789, "1 234 567,89 €", "€1,234,567.89"),
        ],
    )
    def test_writes_amounts_in_one_piece(self, cents: int, french: str, english: str) -> None:
        assert FR.amount(cents) == french.replace(" ", FIXED)
        assert EN.amount(cents) == english

    @pytest.mark.parametrize(
        ("rate", "french", "english"),
        [
            ("0.20", "20 %", "20%"),
            ("0.055", "5,5 %", "5.5%"),
            ("0.021", "2,1 %", "2.1%"),
            ("0", "0 %", "0%"),
        ],
    )
    def test_writes_rates_without_needless_zeros(self, rate: str, french: str, english: str) -> None:
        assert FR.rate(Decimal(rate)) == french.replace(" ", FIXED)
        assert EN.rate(Decimal(rate)) == english

    def test_tells_a_zero_rate_from_what_is_outside_of_vat(self) -> None:
        assert FR.rate(None) == "hors champ"
        assert EN.rate(None) == "outside scope"

    @pytest.mark.parametrize(
        ("starts", "ends", "french", "english"),
        [
            ("2026-11-16", "2026-12-01", "du 16 au 30 novembre 2026", "16 to 30 November 2026"),
            ("2026-11-01", "2026-11-15", "du 1er au 14 novembre 2026", "1 to 14 November 2026"),
            ("2026-11-21", "2026-12-21", "du 21 novembre au 20 décembre 2026", "21 November to 20 December 2026"),
            (
                "2026-12-21",
                "2027-01-21",
                "du 21 décembre 2026 au 20 janvier 2027",
                "21 December 2026 to 20 January 2027",
            ),
            (
                "2027-12-15",
                "2028-12-16",
                "du 15 décembre 2027 au 15 décembre 2028",
                "15 December 2027 to 15 December 2028",
            ),
            ("2028-02-01", "2028-03-01", "du 1er au 29 février 2028", "1 to 29 February 2028"),
        ],
    )
    def test_writes_a_period_with_its_last_day(self, starts: str, ends: str, french: str, english: str) -> None:
        period = Period(date.fromisoformat(starts), date.fromisoformat(ends))

        assert _plain(FR.period(period)) == f"{french} inclus"
        assert _plain(EN.period(period)) == f"{english} inclusive"

    def test_writes_a_period_of_a_day_as_a_day(self) -> None:
        period = Period(date(2026, 11, 16), date(2026, 11, 17))

        assert _plain(FR.period(period)) == "le 16 novembre 2026"
        assert _plain(EN.period(period)) == "16 November 2026"

    def test_names_a_few_channels_and_counts_many(self) -> None:
        names = [f"C{number}" for number in range(1, 8)]

        assert _plain(FR.channels(names[:6])) == "Chaînes : C1, C2, C3, C4, C5, C6"
        assert EN.channels(names) == "7 channels"

    def test_tells_what_is_off_until_its_last_day(self) -> None:
        off = ("Bienvenue", 500, date(2026, 12, 1))

        assert _plain(FR.discount(*off)) == "Bienvenue : 5,00 € de remise, jusqu'au 30 novembre 2026 inclus"
        assert _plain(EN.discount(*off)) == "Bienvenue: €5.00 off, until 30 November 2026 inclusive"

    def test_tells_what_is_due_again_and_what_was_paid_nobody_knows_how(self) -> None:
        on = date(2026, 12, 4)

        assert _plain(FR.settlement(Reopened(on, "D1", -700))) == "À nouveau dû selon D1 du 4 décembre 2026"
        assert _plain(EN.settlement(Paid(on, None, 700))) == "Paid on 4 December 2026"

    def test_counts_days_only_where_they_are_fewer_than_the_period_has(self) -> None:
        some, one = Period(date(2026, 11, 16), date(2026, 12, 1)), Period(date(2026, 11, 30), date(2026, 12, 1))

        assert _plain(FR.days(Days(some, MONTH))) == "du 16 au 30 novembre 2026 inclus, 15 jours sur 30"
        assert _plain(EN.days(Days(one, MONTH))) == "30 November 2026, 1 day out of 30"
        assert _plain(FR.days(Days(MONTH, MONTH))) == "du 1er au 30 novembre 2026 inclus"

    @pytest.mark.parametrize(
        ("means", "words"),
        [
            (Means(MeansKind.CARD, last_four="4242"), "carte bancaire se terminant par 4242"),
            (Means(MeansKind.CARD), "carte bancaire"),
            (
                Means(MeansKind.DIRECT_DEBIT, "0189", "RUM-7"),
                "prélèvement (compte se terminant par 0189, mandat RUM-7)",
            ),
            (Means(MeansKind.DIRECT_DEBIT, mandate_reference="RUM-7"), "prélèvement (mandat RUM-7)"),
            (Means(MeansKind.TRANSFER), "virement"),
            (Means(MeansKind.CHECK), "chèque"),
        ],
    )
    def test_names_means_of_payment_by_what_their_owner_knows(self, means: Means, words: str) -> None:
        assert _plain(FR.means(means)) == words

    @pytest.mark.parametrize(
        ("settlement", "words"),
        [
            (Paid(DAY, CARD, 100), "Paid on 1 December 2026 by card ending in 4242"),
            (Paid(DAY, Means(MeansKind.ACCOUNT_BALANCE), 100), "Credit of your account, on 1 December 2026"),
            (Offset(DAY, "A-1", 100), "Credit note A-1 of 1 December 2026"),
        ],
    )
    def test_writes_what_was_settled(self, settlement: Paid | Offset, words: str) -> None:
        assert _plain(EN.settlement(settlement)) == words

    def test_writes_what_goes_back_and_by_when(self) -> None:
        by_day = _plain(EN.repayment(Repayment(CARD, 100, DAY)))

        assert by_day == "Refunded by card ending in 4242, on 1 December 2026 at the latest"
        assert EN.repayment(Repayment(CARD, 100)) == "Refunded by card ending in 4242"

    def test_keeps_french_punctuation_with_its_word(self) -> None:
        assert FR.text("question") == f"Une question{FIXED}?"

    def test_leaves_facts_alone_when_it_sets_spaces(self) -> None:
        assert FR.text("corrected_line", position=4, label="Vote : {x} ?") == (
            f"Corrige la ligne 4 de la facture{FIXED}: Vote : {{x}} ?"
        )

    def test_refuses_a_language_that_it_cannot_write(self) -> None:
        with pytest.raises(UnknownLocale):
            Writer("de", "EUR")


def _facts(words: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(words) if name}


def _plain(text: str) -> str:
    return text.replace(FIXED, " ")
