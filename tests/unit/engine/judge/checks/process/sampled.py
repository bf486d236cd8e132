"""Samples for a story: how each thing that is measured goes with the number of the sample."""

MB = 1_000_000


def sampled(story, count=60, *, private=lambda _: 20 * MB, handles=lambda _: 12, cpu=lambda _: 0.01,
            lasts=lambda _: 0.05, idle=lambda _: 0.8, interval=0.1, known=True):  # fmt: skip
    """A start with one cycle and one sample in each step."""
    entry = story.starts()
    entry["settings"]["scan_interval"] = interval
    used, spare = 0.0, 0.0
    for n in range(count):
        step = interval + lasts(n)
        story.now += step
        used, spare = used + cpu(n), spare + idle(n) * step
        entry["cycles"].append({"n": n + 1, "at": story.now, "wall": story.now, "handles": handles(n)})
        story.evidence["samples"].append(
            {
                "start": entry["n"],
                "at": story.now,
                "cycles": n + 1,
                "rss": private(n) + 7 * MB,
                "private": private(n) if known else None,
                "handles": handles(n),
                "threads": 1,
                "cpu": used,
                "host_time": story.now,
                "host_idle": spare,
            }
        )
    story.exits()
