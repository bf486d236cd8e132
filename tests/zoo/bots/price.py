"""One question to the exchange, answered or refused within its time altogether."""

import http.client
import json
import os
import threading

HOST, _, PORT = os.environ.get("EXCHANGE", "127.0.0.1:1").rpartition(":")
SECONDS = 2.0


def in_time(ask):
    """What ``ask()`` returns, or OSError; a time-out of each read alone would begin anew with each byte."""
    box = []
    asking = threading.Thread(target=_keep, args=(ask, box), daemon=True)
    asking.start()
    asking.join(SECONDS + 1)
    answer = box[0] if box else TimeoutError("no answer in time")
    if isinstance(answer, Exception):
        raise OSError(f"{type(answer).__name__}: {answer}") from answer
    return answer


def _keep(ask, box):
    try:
        box.append(ask())
    except Exception as problem:  # whatever the exchange sends
        box.append(problem)


def ask():
    """The price. Raises OSError."""
    return in_time(_ask)


def _ask():
    connection = http.client.HTTPConnection(HOST.strip("[]"), int(PORT), timeout=SECONDS)
    try:
        connection.request("GET", "/price")
        response = connection.getresponse()
        if response.status != 200:
            raise OSError(f"status {response.status}")
        return float(json.loads(response.read(100_000))["price"])
    finally:
        connection.close()
