"""Lists on the import pages: uploaded, and their form posted with other boxes."""

import io
import re

from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from db.engine.connection import connected
from db.people.members.listing import members

LIST = """prénom;nom;gsm;e-mail;langue;quartier;rôle
Anne;Dumont;0470 12 34 56;;fr;Rotheux;membre
Benoît;Faux;04 223 44 5;;fr;Rotheux;membre
;;;;;;
Carl;Court;0470 12 34 5;;nl;Centre;membre
"""


def total():
    with connected():
        return members().total


def upload(browser, content=None, name="liste.csv"):
    # Encoded here: the test client would leave the temporary file of a long list open.
    file = FileStorage(io.BytesIO(LIST.encode() if content is None else content), name)
    boundary, body = encode_multipart({"csrf_token": browser.token(), "file": file})
    kind = f"multipart/form-data; boundary={boundary}"
    return browser.client.post(
        "/members/import", input_stream=io.BytesIO(body), content_type=kind, content_length=len(body)
    )


def people():
    with connected():
        return {card.last_name: card for card in members().rows}


def form(page, **changes):
    """What the form of the page would send, with other boxes."""
    ticked = re.findall(r'type="checkbox" name="(\w+)" value="([^"]+)" checked', page.get_data(as_text=True))
    sent = {}
    for name, value in ticked:
        sent.setdefault(name, []).append(value)
    return sent | {"here": "1"} | changes


KNOWN = "prénom;nom;gsm;quartier\nAnne;Dumont;0470123456;Rotheux\nLuc;Maes;0470123457;Rotheux\n"
