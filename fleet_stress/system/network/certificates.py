"""Certificates for one run: one that verifies, and some that do not, made by openssl(1) on the host.

The standard library can load and verify certificates but not make them. An authority is made for the run alone, and
only the bot trusts it, by its profile. Options are those that OpenSSL and LibreSSL share (openssl-ca(1),
openssl-req(1)); extensions are those that a strict verifier requires (RFC 5280, 4.2.1).
"""

from __future__ import annotations

import datetime
import ipaddress
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from fleet_stress.system.openssl import openssl

if TYPE_CHECKING:
    import ssl

#: The certificate that verifies, and the ones that do not.
GOOD = "good"
BAD = ("self_signed", "expired", "wrong_host")
#: A name that the bot never uses.
_ELSEWHERE = "elsewhere.fleet-stress.invalid"
_DAYS = 30
_CONFIGURATION = """\
[req]
distinguished_name = subject
prompt = no
[subject]
CN = {name}
[ca]
default_ca = ours
[ours]
database = {folder}/index.txt
new_certs_dir = {folder}
serial = {folder}/serial
certificate = {folder}/authority.pem
private_key = {folder}/authority.key
default_md = sha256
default_days = {days}
policy = any
unique_subject = no
[any]
commonName = supplied
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[ours_alone]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
subjectAltName = {names}
[here]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = {names}
[elsewhere]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = DNS:{elsewhere}
"""


class CertificatesFailed(Exception):
    """They could not be made, which is our fault or the host's."""


class Certificates(NamedTuple):
    """The contexts of a server by certificate, and the file of the authority that signed ``good``."""

    authority: Path
    contexts: Mapping[str, ssl.SSLContext]


def unable() -> str | None:
    """Why this host cannot make certificates; None: it can."""
    ran = openssl("version")
    return None if ran.code == 0 else ran.message


def make(folder: Path, names: Sequence[str]) -> Certificates:
    """Make them for a server of these names and addresses, in a new folder. Raises CertificatesFailed, OSError."""
    import ssl  # of few scenarios, and slow to load

    folder.mkdir(mode=0o700)
    text = _CONFIGURATION.format(
        folder=folder,
        name=names[0][:64],
        names=", ".join(map(_named, names)),
        elsewhere=_ELSEWHERE,
        days=_DAYS,
    )
    configuration = folder / "openssl.cnf"
    configuration.write_text(text, encoding="utf-8")
    (folder / "index.txt").touch()
    (folder / "serial").write_text("01\n", encoding="ascii")
    for who in ("authority", "server"):
        _openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", f"{folder}/{who}.key")
    ours = ["-config", str(configuration)]
    alone = ["req", *ours, "-x509", "-new", "-days", str(_DAYS)]
    subject = ["-subj", "/CN=fleet-stress authority of one run"]
    authority = [
        "-extensions",
        "authority",
        "-key",
        f"{folder}/authority.key",
        "-out",
        f"{folder}/authority.pem",
    ]
    _openssl(*alone, *subject, *authority)
    _openssl(
        *alone,
        "-extensions",
        "ours_alone",
        "-key",
        f"{folder}/server.key",
        "-out",
        f"{folder}/self_signed.pem",
    )
    _openssl("req", *ours, "-new", "-key", f"{folder}/server.key", "-out", f"{folder}/server.csr")
    today = datetime.datetime.now(datetime.timezone.utc)
    for name, extensions, since, until in (
        (GOOD, "here", -1, _DAYS),
        ("expired", "here", -60, -1),
        ("wrong_host", "elsewhere", -1, _DAYS),
    ):
        dates = [f"{today + datetime.timedelta(days=days):%y%m%d%H%M%SZ}" for days in (since, until)]
        options = ["-extensions", extensions, "-startdate", dates[0], "-enddate", dates[1]]
        paths = ["-in", f"{folder}/server.csr", "-out", f"{folder}/{name}.pem"]
        _openssl("ca", *ours, "-batch", "-notext", *options, *paths)
    contexts = {}
    for name in (GOOD, *BAD):
        contexts[name] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        contexts[name].load_cert_chain(folder / f"{name}.pem", folder / "server.key")
    return Certificates(folder / "authority.pem", contexts)


def _named(name: str) -> str:
    try:
        return f"IP:{ipaddress.ip_address(name)}"
    except ValueError:
        return f"DNS:{name}"


def _openssl(*words: str) -> None:
    ran = openssl(*words)
    if ran.code != 0:
        raise CertificatesFailed(f"openssl {words[0]}: {ran.message}")
