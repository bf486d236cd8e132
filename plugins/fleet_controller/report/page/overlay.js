// One row on all hosts: each sampled quantity once, with a line for each host.

// Of each plot the line that stands for it: what was judged, or the first.
function mainLine(plot) {
  return plot.lines.find((one) => one.trends) || plot.lines[0];
}

// By title: the plot, and for each host that has it the host's number and its line.
function together(row) {
  const found = new Map();
  run.hosts.forEach((host, number) => {
    const detail = detailsOf(number)[row];
    for (const plot of detail.plots || []) {
      if (!found.has(plot.title)) found.set(plot.title, { title: plot.title, unit: plot.unit, seconds: 1, lines: [] });
      const all = found.get(plot.title);
      all.seconds = Math.max(all.seconds, detail.timeline ? detail.timeline.seconds : 0);
      all.lines.push({ ...mainLine(plot), host: number, verdict: detail.verdict });
    }
  });
  return [...found.values()];
}

function overlaid(plot, width) {
  const unit = plot.unit === "bytes" ? "MB" : plot.unit;
  const scale = scaleOf({ ...plot, lines: plot.lines.map((one) => ({ parts: one.parts })) }, plot.seconds, width, []);
  const { left, right, height } = scale;
  const picture = svg("svg", { viewBox: `0 0 ${width} ${height + 22}`, width, height: height + 22, role: "img", "aria-label": `${plot.title} on ${plot.lines.length} hosts; the table below says the same` });
  picture.append(...axesOf({ ...scale, left, right }, plot.seconds));
  // What did not pass lies above the rest.
  const order = [...plot.lines].sort((one, other) => Number(one.verdict !== "passed") - Number(other.verdict !== "passed"));
  for (const one of order) {
    picture.append(svg("g", { class: "of-host" }, svg("title", {}, `${run.hosts[one.host].name}: ${summaryOf(one, scale.size, unit)}`), ...partsOf(one, one.verdict === "passed" ? "line-host" : "line-bad", scale)));
  }
  const row = (one) => make("tr", {}, make("th", { scope: "row" }, run.hosts[one.host].name), make("td", {}, run.names[one.verdict]), make("td", {}, summaryOf(one, scale.size, unit)), make("td", {}, [...new Set(trendsOf(one).map((trend) => trend.told || trend.outcome))].join("; ")));
  const head = ["host", "verdict", "seen", "trend"].map((one) => make("th", { scope: "col" }, one));
  const key = plot.lines.some((one) => one.verdict !== "passed") ? [make("span", { class: "key key-host" }, "passed"), make("span", { class: "key key-bad" }, "did not pass")] : [];
  return make("figure", { class: "plot" }, make("figcaption", {}, make("b", {}, plot.title), unit ? `, ${unit}` : "", ...key), picture, make("details", {}, make("summary", {}, "As a table"), make("div", { class: "scroll" }, make("table", { class: "plain" }, make("thead", {}, make("tr", {}, head)), make("tbody", {}, plot.lines.map(row))))));
}

// The contents of the panel for one row on all hosts.
function rowOf(row, width) {
  const about = run.rows[run.order.indexOf(row)];
  const plots = together(row);
  const there = new Set(plots.flatMap((plot) => plot.lines.map((one) => one.host))).size;
  const columns = width > 640 ? 2 : 1;
  const each = Math.floor((width - (columns - 1) * 24) / columns);
  return [
    make("h2", { id: "panel-title", tabindex: "-1" }, make("span", {}, `${about.row} ${about.scenario}`, make("small", {}, " on all hosts"))),
    make("p", { class: "asked" }, about.title),
    plots.length ? part(`Samples of ${there} host${there === 1 ? "" : "s"}`, make("div", { class: `plots columns-${columns}` }, plots.map((plot) => overlaid(plot, each)))) : make("p", {}, "Nothing was sampled in this row, or there was no room for it on the page."),
  ];
}
