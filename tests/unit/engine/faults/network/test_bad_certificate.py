"""``bad_certificate``: who verifies hears nothing while it stands, who does not is counted, and all is well again."""

import ssl
import time
import urllib.error
import urllib.request
from unittest import mock

import pytest

from fleet_stress.faults.applied_fault import AppliedFault
from fleet_stress.faults.network.bad_certificate import BadCertificate
from fleet_stress.faults.site import Where
from fleet_stress.recovery.journal import Journal
from fleet_stress.recovery.undo import Undo
from fleet_stress.system.network import certificates
from fleet_stress.system.network.certificates import BAD
from fleet_stress.system.network.relay import Relay
from tests.unit.engine.faults.conftest import make_site
from tests.unit.engine.faults.exchanges import an_exchange

without = pytest.mark.skipif(certificates.unable() is not None, reason=f"{certificates.unable()}")


@pytest.fixture
def made(tmp_path):
    return certificates.make(tmp_path / "certificates", ["127.0.0.1"])


@pytest.fixture
def relay(made):
    with an_exchange() as port:
        relay = Relay("127.0.0.1", port, made)
        yield relay
        relay.close()


def stand(folder, relay, how):
    undo = Undo(Journal(folder / "journal.jsonl", "test"))
    return AppliedFault(BadCertificate, make_site(folder, relay=relay), {"how": how}, undo, 0.0, 1)


def asks(relay, context):
    """A question by https: the status of the answer, or why there was none."""
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
    )
    try:
        with opener.open(f"https://127.0.0.1:{relay.port}/prices", timeout=20) as answer:
            answer.read()
            return answer.status
    except urllib.error.URLError as problem:
        return type(problem.reason).__name__


def until(true, within=20.0):
    deadline = time.monotonic() + within
    while not true() and time.monotonic() < deadline:
        time.sleep(0.01)


@without
@pytest.mark.parametrize("how", BAD)
def test_who_verifies_is_well_before_and_after_and_asks_nothing_meanwhile(tmp_path, made, relay, how):
    careful = ssl.create_default_context(cafile=str(made.authority))
    before = asks(relay, careful)
    standing = stand(tmp_path, relay, how)
    during = asks(relay, careful)
    until(lambda: standing.fault.hits() == 1)  # it learns of the refusal a moment later
    standing.revert(1.0)

    assert (before, during, asks(relay, careful)) == (200, "SSLCertVerificationError", 200)
    proof = standing.entry["proof"]
    assert (standing.entry["bit"], proof["handshakes_refused"], proof["requests"]) == (True, 1, 0)
    assert proof["before"]["requests"] == 1


@without
def test_who_does_not_verify_gets_all_and_is_counted(tmp_path, relay):
    careless = ssl._create_unverified_context()
    asks(relay, careless)
    standing = stand(tmp_path, relay, "wrong_host")
    assert asks(relay, careless) == 200
    assert standing.fault.hits() == 1
    standing.revert(1.0)
    assert (standing.entry["bit"], standing.entry["proof"]["requests"]) == (True, 1)


@without
def test_who_never_asked_met_nothing(tmp_path, relay):
    asks(relay, ssl._create_unverified_context())
    standing = stand(tmp_path, relay, "expired")
    standing.revert(1.0)
    assert standing.entry["bit"] is False


def test_what_is_missing_is_said(tmp_path):
    led = {"exchange": {"companion": "x", "https": {"URL": "https://${outside}:${x.ready}"}}}
    assert (
        "https"
        in BadCertificate.supported(Where(tmp_path, {"exchange": {"companion": "x"}}, None), {}).enable
    )
    assert "https" in BadCertificate.supported(Where(tmp_path, {"exchange": None}, None), {}).enable
    with mock.patch.object(certificates, "unable", return_value="openssl: No such file or directory"):
        assert BadCertificate.supported(Where(tmp_path, led, None), {}).enable == "install openssl"
