"""Texts that the tests share: the brief's own, and what Hypothesis makes of the alphabet's awkward corners."""

from datetime import timedelta

from hypothesis import strategies as st

from modem.sms.alphabet import SEPTETS
from modem.sms.composition import compose
from modem.sms.message import OutgoingPart

ALERT = "Vol avec violence rue de la Station. Suspect en fuite. Restez chez vous, appelez le 101. 21h40"
THREE_PARTS = (
    "Police Seraing/Neupré : un homme armé a été signalé près de la gare. N'approchez pas du quartier jusqu'à nouvel "
    "ordre. Où que vous soyez, restez à l'intérieur, fermez portes et volets. N'ouvrez à personne, surtout pas à qui "
    "se dit policier : nos agents montrent toujours leur carte. Dommages estimés à plus de 5000 €. Signalez tout "
    "fait suspect au 101, jamais sur les réseaux sociaux. Un nouveau message suivra à 22h30."
)
UCS2 = "Fenêtre fracturée, cœur de ville : n’ouvrez à personne 🚨 appelez le 101"

_PIECES = ("é ê œ ’ ~ € [ e\u0301 🚨 👮🏽\u200d♀️ 🇧🇪 ❤️ Seraing " + "x" * 150).split(" ")
pieced_texts = st.lists(st.sampled_from([*_PIECES, " ", "\n"]), max_size=200).map("".join)
gsm7_texts = st.text(alphabet=st.sampled_from("".join(SEPTETS)), max_size=700)
texts = st.one_of(st.text(max_size=300), gsm7_texts, pieced_texts)

msisdns = st.integers(10**6, 10**15 - 1).map("+{}".format)
validities = st.timedeltas(min_value=timedelta(days=-1), max_value=timedelta(weeks=70))


def parts_of(text: str, msisdn: str = "+32470123456", reference: int = 77, **changes: object) -> list[OutgoingPart]:
    """The parts of one message, as the outbox would hand them over one by one."""
    composition = compose(text, max_parts=255)
    total = len(composition.segments)
    given = {"validity": timedelta(hours=4)} | changes
    return [
        OutgoingPart(msisdn, segment, composition.encoding, seq, total, reference, **given)  # type: ignore[arg-type]
        for seq, segment in enumerate(composition.segments, start=1)
    ]
