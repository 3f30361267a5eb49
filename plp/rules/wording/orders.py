"""Whom a broadcast went to."""

ORDERS: dict[str, str] = {
    "audience_all": "tous les membres",
    "audience_places": "{places}",
    "audience_near": "{places} (au plus près de {near} d'abord)",
    "audience_group": "le groupe d'exercice",
    "audience_number": "1 numéro",
    "audience_numbers": "{numbers} numéros",
    "audience_reached": "ceux que l'envoi {follows} a atteints",
}
