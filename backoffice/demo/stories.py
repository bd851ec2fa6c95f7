"""What tickets say: the subject, the first message, the question or answer of the agent."""

from dataclasses import dataclass

from backoffice.models import TicketTopic


@dataclass(frozen=True, slots=True)
class Story:
    """The texts of one kind of ticket; `proof` is the text of a file that comes with it."""

    topic: TicketTopic
    subject: str
    message: str
    question: str
    answer: str
    proof: str | None = None


STORIES = {
    "INVOICE_HIGHER": Story(
        TicketTopic.BILLING,
        "Ma facture est plus élevée que prévu",
        "J'ai changé d'offre en cours de mois et la facture reprend la différence pour le mois entier. Est-ce normal ?",
        "Pouvez-vous nous indiquer le jour auquel vous avez demandé le changement ?",
        "Le calcul au prorata a été refait, un avoir corrige la ligne concernée.",
        "Capture de la facture, ligne de rattrapage entourée.",
    ),
    "PROMOTION_ENDED": Story(
        TicketTopic.BILLING,
        "Fin de promotion facturée trop tôt",
        "Ma remise courait encore quelques jours mais toute la période est au plein tarif.",
        "Avez-vous conservé l'offre que vous aviez acceptée ?",
        "La remise a été appliquée jusqu'à son dernier jour, vous recevez un avoir.",
        "Capture horodatée de l'offre de bienvenue.",
    ),
    "OPTION_UNUSED": Story(
        TicketTopic.BILLING,
        "Option jamais utilisée",
        "Je paie une option que plus personne ne regarde à la maison. Peut-on me rembourser ?",
        "Depuis quand l'option ne sert-elle plus ?",
        "L'option est arrêtée et les jours restants vous sont crédités.",
    ),
    "BILLED_TWICE": Story(
        TicketTopic.BILLING,
        "Deux fois la télévision",
        "Je paie la télévision chez vous et une seconde fois par votre partenaire.",
        "Pouvez-vous joindre la facture de notre partenaire ?",
        "Le doublon est confirmé ; le mois facturé deux fois est crédité.",
        "Facture du partenaire, page 1.",
    ),
    "REJECTED_DEBIT": Story(
        TicketTopic.PAYMENT,
        "Prélèvement rejeté",
        "Ma banque a rejeté le prélèvement. Comment régler sans frais supplémentaires ?",
        "Souhaitez-vous payer par carte dès maintenant ?",
        "Le paiement est enregistré, le dossier est à jour.",
    ),
    "SUSPENDED": Story(
        TicketTopic.PAYMENT,
        "Plus aucune chaîne",
        "Tout est coupé depuis ce matin alors que je suis abonné depuis longtemps.",
        "Votre carte est arrivée à expiration. Pouvez-vous en enregistrer une nouvelle ?",
        "Le paiement est reçu et les services sont rétablis.",
    ),
    "SUSPENDED_UNDULY": Story(
        TicketTopic.PAYMENT,
        "Coupé alors que ma nouvelle carte était enregistrée",
        "J'avais donné ma nouvelle carte avant la coupure. Je demande les jours perdus.",
        "À quelle date avez-vous enregistré la carte ?",
        "C'était notre erreur : les jours sans service sont crédités et aucun frais n'est dû.",
    ),
    "WITHDRAWAL": Story(
        TicketTopic.CONTRACT,
        "Je me rétracte",
        "Je souhaite me rétracter, le contrat date de moins de quatorze jours.",
        "Pouvez-vous confirmer l'adresse de retour du décodeur ?",
        "La rétractation est enregistrée, le remboursement part vers votre carte.",
    ),
    "OUTAGE": Story(
        TicketTopic.TECHNICAL,
        "Plusieurs jours sans service",
        "Nous n'avons eu ni télévision ni Internet pendant plusieurs jours.",
        "Le voyant de la box est-il resté rouge tout ce temps ?",
        "L'incident est confirmé, les jours sans service sont crédités.",
        "Photographie du voyant rouge.",
    ),
    "NO_PICTURE": Story(
        TicketTopic.TECHNICAL,
        "Écran noir sur une chaîne",
        "L'image disparaît sur une seule chaîne, le son reste.",
        "Le problème est-il le même sur le téléphone ?",
        "Le décodeur a été réinitialisé à distance, l'image est revenue.",
    ),
    "NO_INTERNET": Story(
        TicketTopic.TECHNICAL,
        "Débit très faible le soir",
        "Le débit tombe chaque soir vers vingt heures.",
        "Pouvez-vous faire une mesure par câble ?",
        "Le raccordement a été repris par le technicien.",
    ),
    "STRANGE_LOGIN": Story(
        TicketTopic.SECURITY,
        "Connexion que je ne connais pas",
        "J'ai reçu une alerte pour un appareil qui n'est pas à moi, depuis une autre ville.",
        "Reconnaissez-vous l'appareil affiché dans l'alerte ?",
        "L'appareil est écarté et vos autres sessions sont fermées.",
    ),
    "DEVICE_LIMIT": Story(
        TicketTopic.DEVICE,
        "Impossible d'ajouter un appareil",
        "On me dit que la limite est atteinte alors que deux appareils ne servent plus.",
        "Peut-on retirer l'appareil de la location de vacances ?",
        "Les appareils oubliés sont retirés, vous pouvez lier le nouveau.",
    ),
    "STOLEN_DEVICE": Story(
        TicketTopic.SECURITY,
        "Téléphone volé",
        "Mon téléphone a été volé, merci de couper l'accès tout de suite.",
        "Avez-vous porté plainte ?",
        "L'accès de l'appareil est révoqué.",
        "Récépissé de dépôt de plainte.",
    ),
    "NEW_ADDRESS": Story(
        TicketTopic.CONTRACT,
        "Déménagement le mois prochain",
        "Je déménage dans une autre ville. Que devient mon abonnement ?",
        "Quelle est la nouvelle adresse d'installation ?",
        "Le transfert est programmé.",
    ),
    "OFFER_QUESTION": Story(
        TicketTopic.CONTRACT,
        "Question sur une offre",
        "Puis-je prendre l'option sport pour un seul mois ?",
        "S'agit-il de l'option au mois glissant ?",
        "Oui, sans engagement, et elle s'arrête sur demande.",
    ),
    "PRICE_RISE": Story(
        TicketTopic.BILLING,
        "Hausse de tarif contestée",
        "Je n'ai pas été prévenu un mois à l'avance de la hausse.",
        "À quelle date avez-vous reçu notre message ?",
        "Le message vous a été envoyé dans les délais, la hausse est maintenue.",
    ),
    "DATA_COPY": Story(
        TicketTopic.PERSONAL_DATA,
        "Copie de mes données",
        "Je souhaite une copie des données que vous détenez sur moi.",
        "Pouvez-vous confirmer votre identité depuis votre espace ?",
        "La copie est disponible dans votre espace.",
    ),
    "RETURN_DECODER": Story(
        TicketTopic.OTHER,
        "Retour du décodeur",
        "Où puis-je déposer l'ancien décodeur ?",
        "Avez-vous encore le carton d'origine ?",
        "Le bon de retour vous a été envoyé.",
    ),
}
