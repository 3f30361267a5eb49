"""Remarks that a coordinator adds to « relayé », which somebody should read. Pure."""

import re

from plp.letters.words import BULLETIN
from plp.rules.collation import folded

# Below “-- ” stands who wrote (RFC 3676 § 4.3); programs of telephones say which they are.
_SIGNATURE = re.compile(r"^-- ?$.*", re.M | re.S)
_FROM_MY_PHONE = re.compile(r"^(envoye (de|depuis) mon|sent from my|verzonden (vanaf|met) mijn|von meinem).*$", re.M)
_TOKEN = re.compile(r"\[plp-r:[^\[\]]*\]")
# A name, or a thank-you, is no remark.
FEWEST_WORDS = 4


def has_remark(text: str) -> bool:
    """True when the text says more than the button of the bulletin put there. In doubt it does: somebody reads it."""
    left = " ".join(_FROM_MY_PHONE.sub("", _TOKEN.sub("", folded(_SIGNATURE.sub("", text)))).split())
    for words in BULLETIN.values():
        left = left.replace(" ".join(folded(words["mail_body"]).split()), "")
    return len(re.findall(r"\w{2,}", left)) >= FEWEST_WORDS
