"""What a model told of SMS over 4G, remembered by operator."""

from datetime import timedelta

import pytest

from db.models.modem_records import ImsNote
from db.modems.signal_history import apply_ims, ims_state

pytestmark = pytest.mark.usefixtures("database")


def test_the_newest_word_of_a_model_with_an_operator_counts(now):
    apply_ims("Quectel EC25", "Proximus", "none", now)
    apply_ims("Quectel EC25", "Proximus", "sms", now + timedelta(hours=1))
    apply_ims("Quectel EC25", "Orange", "registered", now)
    assert ims_state("Quectel EC25", "Proximus") == "sms"
    assert ims_state("Quectel EC25", "Orange") == "registered"
    assert (ims_state("Quectel EC25", None), ims_state("Telit LE910", "Proximus")) == ("", "")
    apply_ims("Quectel EC25", "Proximus", "none", now + timedelta(hours=2))
    assert ims_state("Quectel EC25", "Proximus") == "none"
    assert ImsNote.select().count() == 2
