"""openssl(1) of LibreSSL, which is what macOS has in /usr/bin: ``version``, ``ecparam``, ``req`` and ``ca``.

Options are those of LibreSSL's manual page; what only OpenSSL has is refused as LibreSSL refuses it ("unknown
option"). What passes is done by the openssl of the system below.
"""

import os
import subprocess

from tests.doubles.state import Refused

#: The one of the system below: kept aside on a lab's host, where the double has its place.
_REAL = ("/usr/local/lib/macos-double/openssl", "/usr/bin/openssl")
#: By command: options, and whether they take a word.
_OPTIONS = {
    "version": {"-a": 0, "-b": 0, "-d": 0, "-f": 0, "-o": 0, "-p": 0, "-v": 0},
    "ecparam": {
        **dict.fromkeys(("-check", "-C", "-genkey", "-list_curves", "-no_seed", "-noout", "-text"), 0),
        **dict.fromkeys(("-conv_form", "-in", "-inform", "-name", "-out", "-outform", "-param_enc"), 1),
    },
    "req": {
        **dict.fromkeys(
            ("-asn1-kludge", "-batch", "-modulus", "-multivalue-rdn", "-nameopt", "-new", "-newhdr"), 0
        ),
        **dict.fromkeys(("-no-asn1-kludge", "-nodes", "-noout", "-pubkey", "-subject", "-text", "-utf8"), 0),
        **dict.fromkeys(("-verbose", "-verify", "-x509"), 0),
        **dict.fromkeys(
            ("-addext", "-config", "-days", "-extensions", "-in", "-inform", "-key", "-keyform"), 1
        ),
        **dict.fromkeys(("-keyout", "-newkey", "-out", "-outform", "-passin", "-passout", "-pkeyopt"), 1),
        **dict.fromkeys(("-reqexts", "-reqopt", "-set_serial", "-sigopt", "-subj"), 1),
    },
    "ca": {
        **dict.fromkeys(
            ("-batch", "-create_serial", "-gencrl", "-infiles", "-msie_hack", "-multivalue-rdn"), 0
        ),
        **dict.fromkeys(
            ("-noemailDN", "-notext", "-preserveDN", "-selfsign", "-updatedb", "-utf8", "-verbose"), 0
        ),
        **dict.fromkeys(
            ("-cert", "-config", "-crl_CA_compromise", "-crl_compromise", "-crl_hold", "-crl_reason"), 1
        ),
        **dict.fromkeys(
            ("-crldays", "-crlexts", "-crlhours", "-crlsec", "-days", "-enddate", "-extensions"), 1
        ),
        **dict.fromkeys(
            ("-extfile", "-in", "-key", "-keyfile", "-keyform", "-md", "-name", "-out", "-outdir"), 1
        ),
        **dict.fromkeys(("-passin", "-policy", "-revoke", "-sigopt", "-spkac", "-ss_cert", "-startdate"), 1),
        **dict.fromkeys(("-status", "-subj"), 1),
    },
}


def run(name, argv, mac):
    """``openssl command [options]``."""
    if not argv or argv[0] not in _OPTIONS:
        raise Refused(1, f"openssl:Error: '{argv[0] if argv else ''}' is an invalid command.")
    known, rest = _OPTIONS[argv[0]], iter(argv[1:])
    for word in rest:
        if word not in known:
            raise Refused(1, f"unknown option '{word}'")
        if known[word] and next(rest, None) is None:
            raise Refused(1, f"missing argument to '{word}'")
    if argv[0] == "version":
        return "LibreSSL 3.3.6\n"
    real = next(item for item in _REAL if os.path.exists(item))  # noqa: PTH110
    done = subprocess.run([real, *argv], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Refused(done.returncode, done.stderr, done.stdout)
    return done.stdout


def left(mac):
    """What it makes are files of whoever asks."""
    return []
