// Plots of samples: a figure each, with axes, units, and the windows of faults behind the lines.

const MEGABYTE = 1024 * 1024;

function plotOf(plot, line, width) {
  const size = plot.unit === "bytes" ? MEGABYTE : 1;
  const unit = plot.unit === "bytes" ? "MB" : plot.unit;
  const height = 150;
  const left = 46;
  const right = width - 10;
  const top = 8;
  const all = plot.lines.flatMap((one) => one.parts.flat());
  const highest = Math.max(...all.map(([, value]) => value / size), 0);
  const found = ticks(highest * 1.08 || 1, 5, plot.unit ? 0 : 1);
  const most = Math.max(highest * 1.08, found.values[found.values.length - 1]) || 1;
  const seconds = Math.max(line.seconds, ...all.map(([time]) => time)) || 1;
  const x = (time) => left + (time / seconds) * (right - left);
  const y = (value) => height - (value / most) * (height - top);
  const summary = plot.lines.map((one) => summaryOf(one, size, unit)).join("; ");
  const picture = svg("svg", { viewBox: `0 0 ${width} ${height + 22}`, width, height: height + 22, role: "img", "aria-label": `${plot.title}: ${summary}` });
  for (const one of line.faults) {
    const [from, to] = [x(one.since), x(one.until)];
    const shape = one.moment ? svg("line", { x1: from, x2: from, y1: top, y2: height, class: "moment" }) : svg("rect", { x: from, y: top, width: Math.max(1.5, to - from), height: height - top, class: "window" });
    picture.append(titled(shape, one.moment ? one.name : `${one.name} stood`));
  }
  picture.append(timeAxis(seconds, left, right, height, 4));
  for (const value of found.values) {
    picture.append(svg("line", { x1: left, x2: right, y1: y(value), y2: y(value), class: "grid" }));
    picture.append(words(left - 6, y(value) + 4, rounded(value), { class: "tick", "text-anchor": "end" }));
  }
  plot.lines.forEach((one, index) => {
    for (const part of one.parts) {
      const points = part.map(([time, value]) => `${x(time).toFixed(1)},${y(value / size).toFixed(1)}`);
      picture.append(part.length === 1 ? svg("circle", { cx: x(part[0][0]), cy: y(part[0][1] / size), r: 2, class: `dot line-${index}` }) : svg("polyline", { points: points.join(" "), class: `line line-${index}` }));
    }
  });
  const legend = plot.lines.length > 1 ? plot.lines.map((one, index) => make("span", { class: `key key-${index}` }, one.name)) : [];
  return make("figure", { class: "plot" }, make("figcaption", {}, make("b", {}, plot.title), unit ? `, ${unit}` : "", plot.lines.length === 1 && plot.unit === "%" ? ` ${plot.lines[0].name}` : "", ...legend), picture, make("p", { class: "why" }, summary));
}

function summaryOf(one, size, unit) {
  const values = one.parts.flat().map(([, value]) => value / size);
  const [first, last] = [values[0], values[values.length - 1]];
  const of = unit ? ` ${unit}` : "";
  if (values.every((value) => value === first)) return `${one.name}: ${rounded(first)}${of} throughout`;
  return `${one.name}: ${rounded(first)} at first, ${rounded(last)} at last, ${rounded(Math.max(...values))}${of} at most`;
}
