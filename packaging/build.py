"""Build the Debian package: `python packaging/build.py [--release trixie] [--arch amd64] [--version V] [--out dist]`.

One package per release and architecture, because its libraries are compiled for one Python and one processor. Wheels
come from the index, by the hashes of the lock files; nothing of the target is run, so any machine builds for all.
Decision: docs/adr/0037.
"""

import argparse
import gzip
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

import manual

ROOT = Path(__file__).parents[1]
OURS = ROOT / "packaging"
# Release → (its Python, Debian's number, the newest glibc that wheels may ask for).
RELEASES = {"bookworm": ((3, 11), 12, 36), "trixie": ((3, 13), 13, 41)}
MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}
HOME = "usr/lib/plp-alerte"
# An example, of which no release is made.
MAINTAINER = os.environ.get("PLP_MAINTAINER", "plp-alerte <plp-alerte@example.org>")


def run(*command: object, **options: object) -> str:
    """The command's output; it must succeed."""
    done = subprocess.run([str(word) for word in command], text=True, stdout=subprocess.PIPE, check=True, **options)
    return done.stdout.strip()


def commit() -> str:
    """The commit as `plp --version` shows it."""
    return run("git", "-C", ROOT, "describe", "--always", "--abbrev=12", "--dirty", "--exclude=*")


def version() -> str:
    """A release's number; between two of them, the number, the count of commits and the last one."""
    number = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)[1]
    if run("git", "-C", ROOT, "tag", "--points-at", "HEAD", "--list", f"v{number}"):
        return number
    return f"{number}+{run('git', '-C', ROOT, 'rev-list', '--count', 'HEAD')}.g{commit().replace('-', '.')}"


def libraries(scratch: Path) -> tuple[object, ...]:
    """Options of pip for the libraries that a package brings. `scratch` takes a lock file of PostgreSQL's client, which
    several machines need and only the tests' lock file pins.
    """
    pinned = re.findall(r"^psycopg.*?(?=^\S)", (ROOT / "requirements-dev.lock").read_text(), re.MULTILINE | re.DOTALL)
    (scratch / "postgres.lock").write_text("".join(pinned))
    return "--require-hashes", "-r", ROOT / "requirements.lock", "-r", scratch / "postgres.lock"


def wheels(site: Path, python: tuple[int, int], machine: str, glibc: int, scratch: Path) -> None:
    """Install the locked libraries, and ours, into `site`; PostgreSQL's client as well, for several machines."""
    tags = [f"manylinux_2_{minor}_{machine}" for minor in range(glibc, 4, -1)] + [f"manylinux2014_{machine}"]
    target = [f"--python-version={python[0]}.{python[1]}", "--implementation=cp", "--only-binary=:all:"]
    target += [f"--platform={tag}" for tag in (*tags, "any")]
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "-q")
    install = (*pip, "install", "--target", site, "--no-compile", "--no-deps", *target)
    run(*install, *libraries(scratch))
    # Not from the checkout: setuptools would take what lies in its build/ along.
    tracked = scratch / "source"
    tracked.mkdir()
    run("sh", "-c", 'git ls-files -z | tar --null -T - -c | tar -x -C "$0"', tracked, cwd=ROOT)
    run(*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", scratch, tracked)
    # By its name, not by the file's: pip would note the file's place and hash, and no build would be like another.
    run(*install, "--no-index", "--find-links", scratch, "plp-alerte")
    (site / "plp" / "cli" / "COMMIT").write_text(f"{commit()}\n", encoding="ascii")
    for unwanted in ("bin", *(path.name for path in site.glob("setuptools*")), "_distutils_hack", "pkg_resources"):
        shutil.rmtree(site / unwanted, ignore_errors=True)
    for pth in site.glob("distutils-precedence.pth"):
        pth.unlink()
    for tests in ("tornado/test", "Cryptodome/SelfTest"):
        shutil.rmtree(site / tests)
    tidy(site, machine)


def tidy(site: Path, machine: str) -> None:
    """As Debian wants its files: libraries without symbols, not to be run; modules that name no interpreter. Those for
    another machine keep their symbols where its `strip` is not installed.
    """
    strip = shutil.which(f"{machine}-linux-gnu-strip")
    for library in site.rglob("*.so*"):
        library.chmod(0o644)
        if strip:
            run(strip, "--strip-unneeded", library)
    for module in site.rglob("*.py"):
        head, end, rest = module.read_bytes().partition(b"\n")
        if head.startswith(b"#!"):
            module.write_bytes(b"#" + end + rest)


def environment(tree: Path, python: tuple[int, int], machine: str, glibc: int, scratch: Path) -> None:
    """A virtual environment as `python3 -m venv` makes it, for the target's Python."""
    name = f"python{python[0]}.{python[1]}"
    venv = tree / HOME / "venv"
    site = venv / "lib" / name / "site-packages"
    site.mkdir(parents=True)
    (venv / "bin").mkdir()
    (venv / "bin" / "python").symlink_to(f"../../../../bin/{name}")
    (venv / "pyvenv.cfg").write_text("home = /usr/bin\ninclude-system-site-packages = false\n")
    wheels(site, python, machine, glibc, scratch)


def put(source: Path, target: Path, mode: int = 0o644) -> None:
    """Copy a file, its folders made."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(mode)


# Of config.ini: the data where the package keeps it, and a console that other computers reach, by the certificate that
# the installation makes.
PLACES = {
    "url = sqlite:///var/plp.db": "url = sqlite:////var/lib/plp-alerte/plp.db",
    "listen = 127.0.0.1:8080": "listen = 0.0.0.0:8443",
    "certificate =": "certificate = /etc/plp-alerte/tls/console.crt",
    "key =": "key = /etc/plp-alerte/tls/console.key",
}


def configuration(tree: Path) -> None:
    """The checkout's config.ini, with PLACES."""
    lines = (ROOT / "config.ini").read_text(encoding="utf-8").split("\n")
    for line, place in PLACES.items():
        lines[lines.index(line)] = place
    folder = tree / "etc" / "plp-alerte"
    folder.mkdir(parents=True)
    (folder / "config.ini").write_text("\n".join(lines), encoding="utf-8")
    # With PostgreSQL, this machine's own files go beside config.ini.
    (folder / "var").symlink_to("/var/lib/plp-alerte")


def files(tree: Path, scratch: Path, number: str = "0") -> None:
    """All but the environment."""
    for unit in (OURS / "systemd").iterdir():
        put(unit, tree / "usr/lib/systemd/system" / unit.name)
    put(OURS / "debian/sysusers.conf", tree / "usr/lib/sysusers.d/plp-alerte.conf")
    put(OURS / "debian/tmpfiles.conf", tree / "usr/lib/tmpfiles.d/plp-alerte.conf")
    put(ROOT / "udev/70-plp-alerte.rules", tree / "usr/lib/udev/rules.d/70-plp-alerte.rules")
    put(OURS / "polkit/70-plp-alerte.rules", tree / "usr/share/polkit-1/rules.d/70-plp-alerte.rules")
    put(OURS / "debian/plp", tree / "usr/bin/plp", 0o755)
    put(OURS / "debian/upgrade.py", tree / HOME / "upgrade.py")
    configuration(tree)
    at = int(os.environ["SOURCE_DATE_EPOCH"])
    (scratch / "plp.1").write_text(manual.page(datetime.fromtimestamp(at, UTC)), encoding="utf-8")
    (scratch / "plp.bash").write_text(manual.completion(), encoding="utf-8")
    put(scratch / "plp.bash", tree / "usr/share/bash-completion/completions/plp")
    papers = tree / "usr/share/doc/plp-alerte"
    papers.mkdir(parents=True)
    (scratch / "changelog").write_text(
        f"plp-alerte ({number}) unstable; urgency=medium\n\n  * CHANGELOG.md, beside this file, tells what changed.\n\n"
        f" -- {MAINTAINER}  {format_datetime(datetime.fromtimestamp(at, UTC))}\n"
    )
    for source, target in (
        (scratch / "plp.1", tree / "usr/share/man/man1/plp.1.gz"),
        (scratch / "changelog", papers / "changelog.gz"),
    ):
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(gzip.compress(source.read_bytes(), mtime=0))
    put(OURS / "debian/copyright", papers / "copyright")
    for paper in ("CHANGELOG.md", "README.md", "SECURITY.md"):
        put(ROOT / paper, papers / paper)
    put(OURS / "debian/lintian-overrides", tree / "usr/share/lintian/overrides/plp-alerte")
    put(OURS / "prometheus/plp-alerte.rules.yml", papers / "prometheus/plp-alerte.rules.yml")
    put(OURS / "grafana/plp-alerte.json", papers / "grafana/plp-alerte.json")
    shutil.copytree(ROOT / "docs", papers / "docs")  # config.ini and the console's sentences name its pages


def control(tree: Path, values: dict[str, str]) -> None:
    """DEBIAN/: what dpkg reads and runs."""
    folder = tree / "DEBIAN"
    inside = sorted(path for path in tree.rglob("*") if path.is_file() and not path.is_symlink())
    values["SIZE"] = str(sum(path.stat().st_size for path in inside) // 1024)
    folder.mkdir()
    text = (OURS / "debian/control.in").read_text()
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    (folder / "control").write_text(text)
    (folder / "conffiles").write_text("/etc/plp-alerte/config.ini\n")
    put(OURS / "debian/templates", folder / "templates")
    for script in ("preinst", "postinst", "prerm", "postrm"):
        put(OURS / "debian" / script, folder / script, 0o755)
    sums = (
        f"{hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()}  {path.relative_to(tree)}\n"
        for path in inside
    )
    (folder / "md5sums").write_text("".join(sums))


def build(release: str, arch: str, number: str, out: Path, compression: str) -> Path:
    """Returns the package's file."""
    python, debian, glibc = RELEASES[release]
    os.environ.setdefault("SOURCE_DATE_EPOCH", run("git", "-C", ROOT, "log", "-1", "--format=%ct"))
    whole = f"{number}+deb{debian}"
    with tempfile.TemporaryDirectory() as temporary:
        tree, scratch = Path(temporary) / "tree", Path(temporary) / "scratch"
        tree.mkdir(mode=0o755)
        scratch.mkdir()
        environment(tree, python, MACHINES[arch], glibc, scratch)
        files(tree, scratch, whole)
        needs = {"PYTHON": f"{python[0]}.{python[1]}", "NEXT": f"{python[0]}.{python[1] + 1}", "GLIBC": f"2.{glibc}"}
        control(tree, {"VERSION": whole, "ARCH": arch, "MAINTAINER": MAINTAINER, **needs})
        run("chmod", "-R", "u=rwX,go=rX", tree)
        run("find", tree, "-exec", "touch", "--no-dereference", f"--date=@{os.environ['SOURCE_DATE_EPOCH']}", "{}", "+")
        out.mkdir(parents=True, exist_ok=True)
        package = out / f"plp-alerte_{whole}_{arch}.deb"
        run("dpkg-deb", "--root-owner-group", f"-Z{compression}", "--build", tree, package)
    return package


def write_sums(made: list[Path]) -> str:
    """SHA256SUMS beside them; returns its lines."""
    sums = "".join(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in made)
    (made[0].parent / "SHA256SUMS").write_text(sums)
    return sums


if __name__ == "__main__":
    own = dict(line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines() if "=" in line)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--release", choices=RELEASES, default=own.get("VERSION_CODENAME"))
    parser.add_argument("--arch", choices=MACHINES, default=run("dpkg", "--print-architecture"))
    parser.add_argument("--version", default=version())
    parser.add_argument("--out", type=Path, default=ROOT / "dist")
    parser.add_argument("--compression", choices=("xz", "none"), default="xz", help="none is quick, for trials")
    given = parser.parse_args()
    print(write_sums([build(given.release, given.arch, given.version, given.out, given.compression)]), end="")
