"""Ready-made alerts: forms whose answers become a text in each language."""

from db.models import LANGUAGES
from db.templates.filling import filled, framed, places, unfilled
from db.templates.kept import (
    delete_template,
    move_template,
    save_template,
    save_wordings,
    template,
    templates,
    wordings,
)
from db.templates.seeds import seed_templates
from db.templates.values import (
    FIELD_KINDS,
    ICON_OF_THE_END,
    ICONS,
    MOST_FIELDS,
    Choice,
    Field,
    TemplateCard,
    TemplateDraft,
    Wording,
)

__all__ = [
    "FIELD_KINDS",
    "ICONS",
    "ICON_OF_THE_END",
    "LANGUAGES",
    "MOST_FIELDS",
    "Choice",
    "Field",
    "TemplateCard",
    "TemplateDraft",
    "Wording",
    "delete_template",
    "filled",
    "framed",
    "move_template",
    "places",
    "save_template",
    "save_wordings",
    "seed_templates",
    "template",
    "templates",
    "unfilled",
    "wordings",
]
