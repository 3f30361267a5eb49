"""Ready-made alerts in the order of warning research, and numbered answers. Frozen.

What a zone wrote itself stays, and what it deleted stays away; the others are put anew, and new ones come after them.
"""

import json
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from peewee import AutoField, DateTimeField, IntegerField, Model, TextField, fn

_LANGUAGES = ("fr", "nl", "de", "en")
_TEMPLATES = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))["template"]


def up(migrator: Any, db: Any) -> None:
    class There(Model):
        id = AutoField()

        class Meta:
            database = db
            legacy_table_names = False

    class AlertTemplate(There):
        title = TextField()
        icon = TextField()
        kind = TextField()
        position = IntegerField()
        fields = TextField()
        changed_by = TextField()
        changed_at = DateTimeField()

    class AlertTemplateText(There):
        template_id = IntegerField()
        language = TextField()
        body = TextField()

    class AlertWording(There):
        language = TextField()

    migrator.migrate(migrator.add_column("alert_reply", "choice", IntegerField(default=0)))
    if not AlertWording.select().exists():  # a fresh database gets them later
        return
    now = datetime.now(UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")
    last = AlertTemplate.select(fn.COALESCE(fn.MAX(AlertTemplate.position), 0)).scalar()
    for row in _TEMPLATES:
        values = {name: row.get(name, "alert") for name in ("title", "icon", "kind")}
        values |= {"fields": json.dumps([_field(each) for each in row.get("fields", ())], ensure_ascii=False)}
        named = AlertTemplate.select().where(AlertTemplate.title == row.get("was", row["title"])).first()
        if "was" not in row:
            if named is not None:
                continue
            last += 1
            made = AlertTemplate.create(position=last, changed_by="plp", changed_at=now, **values).id
        elif named is not None and named.changed_by == "plp":
            made = named.id
            AlertTemplate.update(values).where(AlertTemplate.id == made).execute()
            AlertTemplateText.delete().where(AlertTemplateText.template_id == made).execute()
        else:
            continue
        for language in _LANGUAGES:
            AlertTemplateText.create(template_id=made, language=language, body=row[language])


def _field(row: dict[str, Any]) -> dict[str, Any]:
    choices = [{"words": list(zip(_LANGUAGES, each.split(" | "), strict=True))} for each in row.get("choices", ())]
    return {"kind": "text", "optional": False, **row, "choices": choices}
