"""What only nft(8) would make: a rule that iptables cannot show. Made by netlink, because nft may not be installed."""

import struct

from fleet_stress.system.network import nf_tables as nf

_CREATE, _APPEND = 0x400, 0x800


def put_into(chain, family=2):
    """Load the state of the connection (``ct state``), and do nothing with it: no rule of iptables does that."""
    connection = nf._attribute(1, struct.pack("!I", 1)) + nf._attribute(2, struct.pack("!I", 0))
    expression = nf._attribute(1, b"ct\0") + nf._attribute(2, connection)
    rule = {1: nf._name("filter"), 2: nf._name(chain), 4: nf._attribute(1, expression)}
    body = struct.pack("!BBH", family, 0, 0) + b"".join(nf._attribute(*item) for item in rule.items())
    ends = struct.pack("!BBH", 0, 0, nf._SUBSYSTEM)
    data = nf._message(nf._BATCH_BEGIN, nf._REQUEST, 0, ends)
    flags = nf._REQUEST | nf._ACK | _CREATE | _APPEND
    data += nf._message(nf._SUBSYSTEM << 8 | nf._NEW_RULE, flags, 1, body)
    data += nf._message(nf._BATCH_END, nf._REQUEST, 2, ends)
    with nf._opened() as door:
        door.send(data)
        for kind, _, payload in nf._messages(door.recv(65536)):
            assert kind == nf._ERROR and struct.unpack_from("=i", payload)[0] == 0, payload


def take_from(chain):
    """Whoever put it there takes it away again: all that has no comment of ours."""
    nf.delete(
        [rule for rule in nf.rules() if rule.chain == chain and b"fleet-stress:" not in rule.content], []
    )
