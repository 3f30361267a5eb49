"""The last look before a number is dialled: whatever the console ordered, only Belgian mobiles ever are."""

from rules.numbers import parse_mobile
from rules.refusals import Refusal


def may_dial(msisdn: str) -> bool:
    """True for a mobile in exactly the stored form; short codes, 101, 070, landlines and GSM-R never."""
    try:
        return parse_mobile(msisdn) == msisdn
    except Refusal:
        return False
