"""Samples as lines: bounded, with every peak kept."""

from fleet_controller.report.page.plots import plots, thinned
from fleet_controller.report.page.trends import trends
from hypothesis import given
from hypothesis import strategies as st


def sample(at, start=1, **more):
    return {
        "at": at,
        "start": start,
        "rss": 2**20,
        "private": None,
        "handles": 5,
        "threads": 1,
        "cpu": 0.0,
        **more,
    }


def by_title(samples, **more):
    return {plot["title"]: plot for plot in plots(samples, **more)}


def test_a_peak_is_never_thinned_away():
    points = [(n, 100 if n == 777 else 1) for n in range(5000)]
    kept = thinned(points, 200)
    assert (777, 100) in kept
    assert (kept[0], kept[-1], len(kept) <= 200) == (points[0], points[-1], True)


@given(st.lists(st.integers(0, 50), min_size=1, max_size=300), st.integers(4, 50))
def test_thinned_points_are_in_order_and_keep_the_extremes(values, most):
    points = list(enumerate(values))
    kept = thinned(points, most)
    assert kept == sorted(kept)
    assert len(kept) <= most or kept == points
    assert min(values) == min(value for _, value in kept)
    assert max(values) == max(value for _, value in kept)


def test_what_was_not_measured_is_not_drawn():
    found = by_title([sample(0), sample(1)])
    assert [line["name"] for line in found["Memory, all of it"]["lines"]] == ["resident"]
    assert "Threads" not in by_title([{**sample(0), "threads": None}])
    assert plots([]) == []


def test_a_new_start_is_a_new_part():
    found = by_title([sample(0), sample(1), sample(5, start=2)])
    assert found["Open handles"]["lines"][0]["parts"] == [[(0, 5), (1, 5)], [(5, 5)]]


def test_processor_time_is_told_as_a_share_of_a_core():
    found = by_title([sample(0, cpu=1.0), sample(2, cpu=2.0), sample(4, cpu=2.1)])
    assert found["Processor"]["lines"][0]["parts"] == [[(2, 50.0), (4, 5.0)]]


def test_a_line_is_bounded_over_all_its_parts():
    samples = [sample(n, start=n // 100) for n in range(5000)]
    (line,) = by_title(samples, points=200)["Threads"]["lines"]
    assert sum(map(len, line["parts"])) <= 200


def test_more_starts_than_points_stay_bounded():
    samples = [sample(n, start=n // 2) for n in range(2000)]
    (line,) = by_title(samples, points=50)["Threads"]["lines"]
    assert sum(map(len, line["parts"])) <= 100


def test_a_trend_goes_with_its_line_and_one_that_cannot_be_drawn_is_left_out():
    told = {
        "quantity": "handles",
        "outcome": "grows",
        "told": "grows\nby 1",
        "limits": [{"name": "ours", "value": 9}],
    }
    told |= {"warm_up_until": 1, "since": 1, "until": 9, "line": [5, 9], "low": [6, 8], "high": [4, 10]}
    damaged = [{**told, "until": "9"}, {**told, "line": [1]}, {**told, "quantity": "__proto__"}, 7, {}]
    found = trends({"trends": [told, *damaged]})

    assert [(one["told"], one["limits"]) for one in found] == [
        ("grows by 1", [{"name": "ours", "value": 9.0}])
    ]
    drawn = {plot["title"]: plot for plot in plots([sample(0), sample(9)], drawn_trends=found)}
    assert drawn["Open handles"]["lines"][0]["trends"] == found
    assert "trends" not in drawn["Threads"]["lines"][0]
    assert trends({"trends": {"a": 1}}) == trends({}) == []


def test_a_plot_has_the_limits_of_what_it_shows():
    limit = {"quantity": "handles", "name": "fd_limit", "value": 9, "since": 1.0, "until": 2.0}
    found = by_title([sample(0), sample(1)], limits=[limit])
    assert found["Open handles"]["limits"] == [limit]
    assert "limits" not in found["Threads"]
