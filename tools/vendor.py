"""Fetch what the browser gets from other projects: `python -m tools.vendor`, then look at the diff.

Only the files that a page uses are kept. Nothing is loaded from elsewhere at run time.
"""

import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

PDF_FONTS = Path(__file__).parents[1] / "plp" / "letters" / "fonts"
VENDOR = Path(__file__).parents[1] / "console" / "static" / "vendor"

# Tabler's outline icons in use; add a name, run this, and `icon("name")` draws it.
# fmt: off
ICONS = (
    "address-book", "alert-octagon", "alert-triangle", "antenna-bars-5", "antenna-bars-off", "arrow-back-up",
    "arrow-left", "barrier-block", "bell", "car", "check", "chevron-left", "chevron-right", "circle-check",
    "circle-x", "clipboard-list", "clock", "copy", "device-mobile", "device-sim", "door", "download", "edit", "eye",
    "file-import", "file-text", "flame", "flask", "help-circle", "history", "home", "hourglass", "id", "inbox",
    "info-circle", "key", "language", "list", "lock", "lock-open", "logout", "mail", "mail-forward", "map",
    "map-pin", "menu-2", "messages", "phone", "player-pause", "player-play", "player-stop", "plug-connected-x",
    "plus", "power", "refresh", "ripple", "search", "send", "settings", "shield-check", "speakerphone", "template",
    "trash", "upload", "user-circle", "user-plus", "user-search", "user-shield", "users", "wand", "x",
)
# fmt: on


@dataclass(frozen=True)
class Package:
    """An npm package at a fixed version; `files` maps its paths to ours."""

    name: str
    version: str
    licence: str
    files: dict[str, str]


PACKAGES = (
    Package("@tabler/core", "1.6.1", "MIT", {"dist/css/tabler.min.css": "tabler.min.css"}),
    Package("htmx.org", "4.0.1", "0BSD", {"dist/htmx.min.js": "htmx.min.js"}),
    Package("@tabler/icons", "3.52.0", "MIT", {}),
    Package(
        "@fontsource-variable/inter",
        "5.3.0",
        "OFL-1.1",
        {
            "files/inter-latin-wght-normal.woff2": "inter-latin.woff2",
            "files/inter-latin-ext-wght-normal.woff2": "inter-latin-ext.woff2",
            "LICENSE": "inter-OFL.txt",
        },
    ),
)


def fetch(package: Package, folder: Path) -> Path:
    """The unpacked package. Raises CalledProcessError when npm cannot get it."""
    target = folder / package.name.replace("/", "+")
    target.mkdir()
    subprocess.run(
        ["npm", "pack", "--silent", f"{package.name}@{package.version}"],
        cwd=target,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    with tarfile.open(next(target.glob("*.tgz"))) as archive:
        archive.extractall(target, filter="data")
    return target / "package"


def sprite(icons: Path) -> str:
    """One SVG that holds every icon of ICONS as a symbol."""
    symbols = []
    for name in sorted(ICONS):
        drawing = (icons / f"{name}.svg").read_text()
        inner = drawing[drawing.index("\n", drawing.index("<svg")) :]
        inner = inner[inner.index(">") + 1 :].replace("</svg>", "").strip()
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{"".join(inner.split(chr(10)))}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def write_fonts(unpacked: Path) -> None:
    """Inter for PDFs (plp/letters/fonts): latin and latin-ext joined, in two weights. Reading WOFF2 needs `brotli`."""
    from fontTools.merge import Merger
    from fontTools.ttLib import TTFont
    from fontTools.varLib.instancer import instantiateVariableFont

    for name, weight in (("regular", 400), ("bold", 650)):
        parts = []
        for subset in ("latin", "latin-ext"):
            font = TTFont(unpacked / "files" / f"inter-{subset}-wght-normal.woff2")
            font.flavor = None
            font = instantiateVariableFont(font, {"wght": weight})
            for table in ("GPOS", "GSUB", "GDEF", "STAT"):  # layout, of which nothing is used
                if table in font:
                    del font[table]
            parts.append(unpacked / f"{subset}-{weight}.ttf")
            font.save(parts[-1])
        Merger().merge([str(part) for part in parts]).save(PDF_FONTS / f"inter-{name}.ttf")


def main() -> None:
    """Write console/static/vendor anew."""
    shutil.rmtree(VENDOR, ignore_errors=True)
    VENDOR.mkdir(parents=True)
    versions = []
    with tempfile.TemporaryDirectory() as folder:
        for package in PACKAGES:
            unpacked = fetch(package, Path(folder))
            for source, name in package.files.items():
                content = (unpacked / source).read_bytes()
                # The source maps stay with their packages.
                if name.endswith((".css", ".js")):
                    content = b"\n".join(x for x in content.splitlines() if b"sourceMappingURL" not in x) + b"\n"
                (VENDOR / name).write_bytes(content)
            kept = list(package.files.values())
            if package.name == "@tabler/icons":
                (VENDOR / "icons.svg").write_text(sprite(unpacked / "icons" / "outline"))
                kept = ["icons.svg"]
            if package.name.endswith("/inter"):
                write_fonts(unpacked)
            origin = f"{package.name} {package.version} ({package.licence}), npm registry"
            versions += [f"{name}: {origin}" for name in kept]
    (VENDOR / "VERSIONS").write_text("\n".join(versions) + "\n")


if __name__ == "__main__":
    main()
