"""The sentences of the warnings of an advice, for the agent who reads them."""

from backoffice.billing.cautions import Caution

ENGLISH = {
    Caution.CLAIM_OLDER_THAN_A_YEAR: "The payment is more than a year old: the claim is barred (CPCE L34-2).",
    Caution.NOT_PAID: "It was not paid: a credit reduces what is due, no money goes back.",
    Caution.ALREADY_CREDITED: "A part of it was credited before: only the rest stands.",
    Caution.DAYS_ALREADY_CREDITED: "Some of these days, or this very error, were credited before: that part is taken off.",
    Caution.NOTHING_STANDS: "Nothing of it is left: earlier credits took all of it.",
    Caution.DAYS_UNKNOWN: "It is not known which days are concerned: ask, and give the first one.",
    Caution.CORRECT_AMOUNT_UNKNOWN: "The contract does not tell the right amount: replay the bill or preview a correction.",
    Caution.BILLED_NO_MORE_THAN_CORRECT: "It billed no more than what the contract says: there is no error to refund.",
    Caution.PROOF_NEEDED: "This reason is judged case by case: ask for a proof and attach it to the ticket.",
    Caution.RULE_ASSUMED: "Nobody has yet checked the article of this rule in the text in force.",
    Caution.ASKED_ABOVE_MOST: "More is asked than may be given back at all.",
}
FRENCH = {
    Caution.CLAIM_OLDER_THAN_A_YEAR: "Le paiement date de plus d'un an : la réclamation est prescrite (CPCE L34-2).",
    Caution.NOT_PAID: "Rien n'a été payé : un avoir réduit ce qui est dû, aucun argent ne repart.",
    Caution.ALREADY_CREDITED: "Une partie a déjà été créditée : seul le reste subsiste.",
    Caution.DAYS_ALREADY_CREDITED: "Une partie de ces jours, ou cette erreur, a déjà été créditée : elle est déduite.",
    Caution.NOTHING_STANDS: "Il n'en reste rien : des avoirs l'ont entièrement reprise.",
    Caution.DAYS_UNKNOWN: "On ne sait pas quels jours sont concernés : demandez-les, et donnez le premier.",
    Caution.CORRECT_AMOUNT_UNKNOWN: "Le contrat ne donne pas le bon montant : rejouez la facture, ou simulez la correction.",
    Caution.BILLED_NO_MORE_THAN_CORRECT: "La ligne ne dépasse pas ce que dit le contrat : il n'y a pas d'erreur à rembourser.",
    Caution.PROOF_NEEDED: "Ce motif se juge au cas par cas : demandez un justificatif et joignez-le au ticket.",
    Caution.RULE_ASSUMED: "Personne n'a encore vérifié l'article de cette règle dans le texte en vigueur.",
    Caution.ASKED_ABOVE_MOST: "La demande dépasse tout ce qui peut être rendu.",
}
PHRASES = {"en": ENGLISH, "fr": FRENCH}
