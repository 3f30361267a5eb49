"""How mail stands."""

from db.mail.listing import mail_cards


def card(mail_id):
    return mail_cards([mail_id])[mail_id]


def states(ids):
    cards = mail_cards(ids)
    return [cards[each].state for each in ids]
