"""Certificates of one run: one verifies, and each of the others is refused for what is wrong with it alone."""

import ssl

import pytest

from fleet_stress.system.network import certificates
from fleet_stress.system.network.certificates import BAD, GOOD, CertificatesFailed

pytestmark = pytest.mark.skipif(certificates.unable() is not None, reason=f"{certificates.unable()}")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("certificates") / "made"
    return certificates.make(folder, ["exchange.fleet-stress.test", "127.0.0.1", "::1"])


def verdict(made, shown, name):
    """What a strict client says to whoever shows that; None: it is content."""
    trusting = ssl.create_default_context(cafile=str(made.authority))
    trusting.verify_flags |= ssl.VERIFY_X509_STRICT
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = trusting.wrap_bio(to_client, to_server, server_hostname=name)
    server = made.contexts[shown].wrap_bio(to_server, to_client, server_side=True)
    for _ in range(5):
        for item in (client, server):
            try:
                item.do_handshake()
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLCertVerificationError as problem:
                return problem.verify_message
    return None


@pytest.mark.parametrize("name", ["exchange.fleet-stress.test", "127.0.0.1", "::1"])
def test_the_good_one_is_believed_by_all_its_names(made, name):
    assert verdict(made, GOOD, name) is None


@pytest.mark.parametrize(
    ("shown", "why"),
    [("self_signed", "self"), ("expired", "expired"), ("wrong_host", "Hostname mismatch")],
)
def test_the_others_are_refused_for_what_is_wrong_with_them(made, shown, why):
    assert why in verdict(made, shown, "exchange.fleet-stress.test")
    assert set(made.contexts) == {GOOD, *BAD}


def test_nobody_who_was_not_told_to_trusts_even_the_good_one(made):
    elsewhere = made._replace(authority=made.authority.with_name("self_signed.pem"))
    assert verdict(elsewhere, GOOD, "127.0.0.1") is not None


def test_keys_are_ours_alone(made):
    folder = made.authority.parent
    assert folder.stat().st_mode & 0o077 == 0


def test_a_host_without_openssl_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr("fleet_stress.system.programs._PATH", str(tmp_path))
    assert "openssl" in certificates.unable()
    with pytest.raises(CertificatesFailed, match="openssl"):
        certificates.make(tmp_path / "made", ["x"])
