"""config.ini, read strictly."""

import configparser
import re
from dataclasses import fields, is_dataclass
from functools import partial
from pathlib import Path
from typing import Any

from base.settings.values import ChannelSection, MailSettings, ModemSettings, Settings
from rules.refusals import Refusal
from rules.sentences import CodedRefusal, Sentence, coded

_SECTIONS: dict[str, Any] = {
    section.name: section.default_factory for section in fields(Settings) if is_dataclass(section.default_factory)
}
_CHANNEL = re.compile(r"alarm:([a-z0-9][a-z0-9_]{0,30})")
# What no value of any key holds.
_NO_VALUES = {
    re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]"): (
        "une seule ligne, sans caractère de commande ; une ligne décalée appartient à celle du dessus"
    ),
    re.compile(r"\s[#;]"): "un commentaire se met sur une ligne à part",
    re.compile(r"^([\"']).*\1$|^[«“].*[»”]$"): "écrivez la valeur sans guillemets",
}
# Without it alerts go out all the same: a fault in one leaves it out, and becomes an incident (docs/adr/0194).
_OPTIONAL = ("mail", "proof", "plan_b", "backup", "retention", "log")
_OPTIONAL_KEYS = {
    *(("sending", key) for key in ("duty_phone", "duty_call_every", "duty_call_rings")),
    ("journal", "syslog"),
}
_MODEM_NAME = re.compile(r"modem:([a-z0-9][a-z0-9_-]{0,30})")


def is_optional(section: str) -> bool:
    """True for a section whose fault leaves it out, and stops nothing else."""
    return section in _OPTIONAL or section.startswith("alarm:")


def load_settings(path: Path, *, strict: bool = True) -> Settings:
    """The settings of the file. Raises Refusal with file, section, key and line; unless `strict`, optional parts are
    left out where they are wrong (`Settings.left_out`).
    """
    path = path.absolute()
    if path.exists() and not path.is_file():  # a pipe or a device may never end
        raise Refusal("{path} n'est pas un fichier. Donnez la configuration avec --config ou PLP_CONFIG.", path=path)
    try:
        content = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise Refusal("{path} n'existe pas. Donnez la configuration avec --config ou PLP_CONFIG.", path=path) from None
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise Refusal("{path}, ligne {line} : ce texte n'est pas en UTF-8.", path=path, line=line) from None
    except OSError as error:
        raise Refusal("{path} ne peut pas être lu : {why}.", path=path, why=error.strerror) from None
    return _Reading(path, content, strict).settings()


def secret_in(path: Path, section: str, key: str) -> str:
    """The content of the secret file that this key names. Raises CodedRefusal."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else coded("not_text")
        raise CodedRefusal("secret_unreadable", section=section, key=key, path=path, why=why) from None


def _lines(content: str) -> dict[tuple[str, str], int]:
    """The first line of every section ("" for its key) and of every key in it."""
    lines: dict[tuple[str, str], int] = {}
    section = ""
    for number, line in enumerate(content.splitlines(), 1):
        if header := re.match(r"\[(.+)\]", line):
            section = header[1]
            lines.setdefault((section, ""), number)
        elif key := re.match(r"\s*[^\s#;=:][^#;=:]*(?=[=:])", line):
            lines.setdefault((section, key[0].strip().lower()), number)
    return lines


class _Reading:
    """One reading of one file: its parsed sections, and the lines to point at."""

    def __init__(self, path: Path, content: str, strict: bool) -> None:
        self.path = path
        self._strict = strict
        self._left_out: list[tuple[str, Sentence]] = []
        self.lines = _lines(content)
        self.parser = configparser.ConfigParser(interpolation=None, default_section="", strict=True)
        try:
            self.parser.read_string(content)
        except configparser.DuplicateSectionError as error:
            raise self._refusal(error.lineno, f"la section [{error.section}] est déjà plus haut") from None
        except configparser.DuplicateOptionError as error:
            raise self._refusal(error.lineno, f"[{error.section}] {error.option} est déjà plus haut") from None
        except configparser.MissingSectionHeaderError as error:
            raise self._refusal(error.lineno, "il manque une section, par exemple [zone]") from None
        except configparser.ParsingError as error:
            raise self._refusal(error.errors[0][0], "cette ligne n'est pas de la forme « clé = valeur »") from None

    def settings(self) -> Settings:
        modems, channels = [], []
        for section in self.parser.sections():
            if section in _SECTIONS:
                continue
            if channel := _CHANNEL.fullmatch(section):
                named = [(key, text) for key, text in self.parser.items(section) if key.endswith("_file") and text]
                files = tuple((key, self.path.parent / text) for key, text in named)
                channels.append(ChannelSection(channel[1], partial(self._read, section), files))
            elif modem := _MODEM_NAME.fullmatch(section):
                modems.append(self._read(section, ModemSettings, name=modem[1]))
            else:
                known = ", ".join([*_SECTIONS, "modem:NOM", "alarm:CANAL"])
                refusal = self._refusal(self._line(section), f"section [{section}] inconnue ; connues : {known}")
                self._leave_out(section, refusal, may=is_optional(section))
        read = {name: self._section(name, kind) for name, kind in _SECTIONS.items()}
        if bool(read["console"].certificate) != bool(read["console"].key):
            why = "[console] certificate et key vont ensemble : donnez les deux, ou aucun"
            raise self._refusal(self._line("console"), why)
        if read["mail"].user and not read["mail"].password_file:
            why = "[mail] user demande aussi password_file, le fichier du mot de passe"
            self._leave_out("mail", self._refusal(self._line("mail", "user"), why), may=True)
            read["mail"] = MailSettings()
        several: dict[str, Any] = {"modems": tuple(modems), "channels": tuple(channels), "lines": self.lines}
        several["written"] = {
            (section, key): text or "" for section in self.parser.sections() for key, text in self.parser.items(section)
        }
        several["left_out"] = tuple(self._left_out)
        return Settings(path=self.path, folder=self.path.parent, **several, **read)

    def _section(self, name: str, kind: Any) -> Any:
        try:
            return self._read(name, kind)
        except Refusal as refusal:
            self._leave_out(name, refusal, may=name in _OPTIONAL)
            return kind()

    def _leave_out(self, section: str, refusal: Refusal, *, may: bool) -> None:
        """Note it, where that `may` be."""
        if self._strict or not may:
            raise refusal
        self._left_out.append((section, coded("setting_left_out", section=section, why=str(refusal))))

    def _read(self, section: str, kind: Any, **values: object) -> Any:
        """Only what the file contains; defaults are in the value classes."""
        keys = {key.metadata["name"] or key.name: key for key in fields(kind) if key.metadata}
        for key, text in self.parser.items(section) if self.parser.has_section(section) else ():
            if key not in keys:
                known = ", ".join(keys)
                raise self._refusal(self._line(section, key), f"[{section}] {key} : clé inconnue ; connues : {known}")
            for pattern, why in _NO_VALUES.items():
                if pattern.search(text or ""):
                    raise self._refusal(self._line(section, key), f"[{section}] {key} : {why}")
            name, about = keys[key].name, keys[key].metadata
            try:
                value = about["kind"](text or "", self.path.parent)
            except ValueError as error:
                refusal = self._refusal(self._line(section, key), f"[{section}] {key} : {error}")
                self._leave_out(section, refusal, may=(section, key) in _OPTIONAL_KEYS)
                continue
            if not about["port"]:
                values[name] = value
            elif value is not None:
                values[name], values[about["port"]] = value
        return kind(**values)

    def _line(self, section: str, key: str = "") -> int:
        """The line of a section's header or of a key in it, from 1."""
        return self.lines.get((section, key), 1)

    def _refusal(self, line: int | None, what: str) -> Refusal:
        return Refusal("{path}, ligne {line} : {what}.", path=self.path, line=line or 1, what=what)
