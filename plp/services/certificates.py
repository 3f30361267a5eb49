"""The console's TLS certificate: one of its own making, or the zone's own, looked at before it is used."""

import ipaddress
import itertools
import re
import socket
import subprocess
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from rules.refusals import Refusal

# Longer than 398 days no browser believes a certificate.
VALID_FOR = timedelta(days=397)
RENEW_WITHIN = timedelta(days=30)
_CLOCKS_APART = timedelta(hours=1)
_SHORTEST_RSA = 2048
_LONGEST_COMMON_NAME = 64
_HOST = re.compile(r"(?:\*\.)?(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")


@dataclass(frozen=True, slots=True)
class CertificateCard:
    """`names` are the hosts and addresses it is for; `fingerprint` is SHA-256 as browsers show it: `AB:CD:…`."""

    names: tuple[str, ...]
    fingerprint: str
    ends_at: datetime
    is_self_signed: bool

    def ends_soon(self, now: datetime) -> bool:
        return self.ends_at - now <= RENEW_WITHIN

    def covers(self, host: str) -> bool:
        """True when a browser that asks for this host believes it."""
        parent = host.partition(".")[2]
        return host.lower() in self.names or (bool(parent) and f"*.{parent.lower()}" in self.names)


def own_names() -> list[str]:
    """The names by which people reach this machine: its own, that by mDNS, and its addresses (`hostname -I`)."""
    name = socket.gethostname()
    listed = ""
    with suppress(OSError, subprocess.SubprocessError):
        listed = subprocess.run(["hostname", "-I"], capture_output=True, text=True, timeout=5, check=True).stdout
    return [name, f"{name.partition('.')[0]}.local", *listed.split()]


def uncovered_names(card: CertificateCard) -> list[str]:
    """The names and addresses of this machine that a certificate of its own making lacks: it was made before them."""
    return [name for name in own_names() if not card.covers(name)] if card.is_self_signed else []


def made(names: Iterable[str], now: datetime) -> tuple[bytes, bytes]:
    """A certificate for these hosts and addresses that vouches for itself, and its key, both as PEM."""
    wanted = list(dict.fromkeys(name.lower() for name in names))
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, wanted[0][:_LONGEST_COMMON_NAME])])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCKS_APART)
        .not_valid_after(now - _CLOCKS_APART + VALID_FOR)
        .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in wanted]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    )
    certificate = builder.sign(key, hashes.SHA256())
    return certificate.public_bytes(serialization.Encoding.PEM), key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def card_of(certificate: bytes) -> CertificateCard:
    """The first certificate of this PEM. Raises Refusal when it holds none."""
    own = _chain(certificate)[0]
    try:
        listed = own.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        names = [*listed.get_values_for_type(x509.DNSName), *map(str, listed.get_values_for_type(x509.IPAddress))]
    except x509.ExtensionNotFound:
        names = []
    fingerprint = own.fingerprint(hashes.SHA256()).hex(":").upper()
    lower = tuple(name.lower() for name in names)
    return CertificateCard(lower, fingerprint, own.not_valid_after_utc, own.issuer == own.subject)


def require_usable(certificate: bytes, key: bytes, now: datetime) -> CertificateCard:
    """Raise Refusal with the first fault of the zone's own certificate: its key, its dates, its names, its chain."""
    chain = _chain(certificate)
    own = chain[0]
    _require_key(chain, _private_key(key))
    if now > own.not_valid_after_utc:
        raise Refusal(
            "Ce certificat a expiré le {when} : demandez-en un nouveau.", when=f"{own.not_valid_after_utc:%d/%m/%Y}"
        )
    if now + _CLOCKS_APART < own.not_valid_before_utc:
        raise Refusal(
            "Ce certificat n'est valable qu'à partir du {when} : vérifiez l'heure du serveur.",
            when=f"{own.not_valid_before_utc:%d/%m/%Y}",
        )
    card = card_of(certificate)
    if not card.names:
        raise Refusal(
            "Ce certificat n'indique aucun nom (subjectAltName) : les navigateurs le refuseront. "
            "Demandez-en un au nom de la console."
        )
    for place, (link, issuer) in enumerate(itertools.pairwise(chain), 2):
        try:
            link.verify_directly_issued_by(issuer)
        except (ValueError, TypeError, InvalidSignature):
            raise Refusal(
                "Le certificat n° {place} du fichier n'a pas signé celui qui le précède : rangez-les dans l'ordre, "
                "celui de la console d'abord, puis chaque autorité après ce qu'elle a signé.",
                place=place,
            ) from None
    return card


def _require_key(chain: list[x509.Certificate], key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> None:
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size < _SHORTEST_RSA:
        raise Refusal("La clé RSA n'a que {bits} bits : il en faut au moins 2048.", bits=key.key_size)
    public = key.public_key()
    place = next((at for at, link in enumerate(chain) if link.public_key() == public), None)
    if place is None:
        raise Refusal("La clé ne correspond pas à ce certificat : utilisez celle qui a servi à le demander.")
    if place:
        raise Refusal(
            "Le certificat de la console doit être le premier du fichier, il est le n° {place} : mettez-le devant ceux "
            "de l'autorité.",
            place=place + 1,
        )


def _chain(certificate: bytes) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(certificate)
    except ValueError:
        raise Refusal(
            "Ce fichier n'est pas un certificat en PEM : il doit contenir « -----BEGIN CERTIFICATE----- »."
        ) from None


def _private_key(key: bytes) -> ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey:
    try:
        private = serialization.load_pem_private_key(key, password=None)
    except TypeError:
        raise Refusal(
            "La clé est protégée par un mot de passe ; la console ne peut pas l'utiliser. Supprimez cette "
            "protection (« openssl pkey -in ancienne.key -out nouvelle.key »)."
        ) from None
    except ValueError:
        raise Refusal("Ce fichier n'est pas une clé privée en PEM.") from None
    if not isinstance(private, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise Refusal("Ce type de clé n'est pas accepté par les navigateurs : utilisez une clé RSA ou ECDSA.")
    return private


def _general_name(name: str) -> x509.GeneralName:
    with suppress(ValueError):
        return x509.IPAddress(ipaddress.ip_address(name))
    with suppress(UnicodeError):
        if _HOST.fullmatch(ascii_name := name.encode("idna").decode("ascii")):
            return x509.DNSName(ascii_name)
    raise Refusal("« {name} » n'est ni un nom de machine ni une adresse.", name=name)
