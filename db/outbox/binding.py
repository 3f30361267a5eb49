"""A message and the SIM that its first claim bound it to."""

from db.models import Broadcast, Message


def unbind(message_id: int) -> None:
    """No part of it is under way: any SIM may take it. A self-test stays with the SIM that it tests."""
    tests = Broadcast.select(Broadcast.id).where(Broadcast.kind == "selftest")
    Message.update(imsi=None).where(Message.id == message_id, Message.broadcast.not_in(tests)).execute()
