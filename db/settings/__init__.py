"""config.ini, read strictly: an unknown key is an error with its file, section, key and line."""

from db.settings.reading import load_settings
from db.settings.values import (
    ConsoleSettings,
    DatabaseSettings,
    LogSettings,
    MailSettings,
    ModemSettings,
    PlanBSettings,
    RetentionSettings,
    SendingSettings,
    Settings,
    ZoneSettings,
)

__all__ = [
    "ConsoleSettings",
    "DatabaseSettings",
    "LogSettings",
    "MailSettings",
    "ModemSettings",
    "PlanBSettings",
    "RetentionSettings",
    "SendingSettings",
    "Settings",
    "ZoneSettings",
    "load_settings",
]
