// Plots of samples: a figure each, with axes and units; behind the lines warm-ups and the windows of faults, on them the
// trend that the judge told, with its interval, and limits.

const MEGABYTE = 1024 * 1024;
// Values that are all in the upper part of a plot have it for themselves: a leak is a small part of what is there.
const ALL_ABOVE = 0.6;
// A limit further off than that is told, not drawn.
const NEAR = 2;

// Where times and values lie, on `width` pixels.
function scaleOf(plot, seconds, width, limits) {
  const size = plot.unit === "bytes" ? MEGABYTE : 1;
  const [left, right, top, height] = [52, width - 10, 8, 150];
  let highest = 0;
  let lowest = Infinity;
  for (const one of plot.lines) {
    const ends = trendsOf(one).flatMap((trend) => [...trend.low, ...trend.high]);
    for (const value of [...one.parts.flat().map((point) => point[1]), ...ends]) {
      highest = Math.max(highest, value / size);
      lowest = Math.min(lowest, value / size);
    }
  }
  for (const one of limits) if (one.value / size <= highest * NEAR) highest = Math.max(highest, one.value / size);
  const base = plot.unit === "bytes" && lowest > highest * ALL_ABOVE ? Math.max(0, lowest - (highest - lowest || highest * 0.05) * 0.15) : 0;
  const found = ticksBetween(base, base + (highest - base) * 1.08 || 1, 5, plot.unit ? 0 : 1);
  const most = Math.max(base + (highest - base) * 1.08, found.values[found.values.length - 1]) || 1;
  return {
    size, left, right, top, height, highest, values: found.values,
    x: (time) => left + (Math.min(time, seconds) / seconds) * (right - left),
    y: (value) => height - ((value / size - base) / (most - base)) * (height - top),
  };
}

// Of one line: one for each start.
function trendsOf(one) {
  return one.trends || [];
}

function limitsOf(plot) {
  const found = new Map();
  for (const limit of [...(plot.limits || []), ...plot.lines.flatMap(trendsOf).flatMap((trend) => trend.limits)]) found.set(`${limit.name} ${limit.since || ""}`, limit);
  return [...found.values()];
}

function plotOf(plot, line, width) {
  const unit = plot.unit === "bytes" ? "MB" : plot.unit;
  const limits = limitsOf(plot);
  const seconds = Math.max(line.seconds, ...plot.lines.flatMap((one) => one.parts.flat().map(([time]) => time))) || 1;
  const scale = scaleOf(plot, seconds, width, limits);
  const { left, right, top, height, x, y } = scale;
  const summary = plot.lines.map((one) => summaryOf(one, scale.size, unit)).join("; ");
  const picture = svg("svg", { viewBox: `0 0 ${width} ${height + 22}`, width, height: height + 22, role: "img", "aria-label": `${plot.title}: ${summary}` });
  for (const one of line.faults) picture.append(faultBehind(one, scale));
  const warmUps = plot.lines.flatMap((one) => trendsOf(one).flatMap((trend) => warmUpOf(one, trend, scale)));
  picture.append(...warmUps);
  picture.append(...axesOf(scale, seconds));
  plot.lines.forEach((one, index) => picture.append(...partsOf(one, `line-${index}`, scale)));
  const trends = plot.lines.flatMap(trendsOf);
  picture.append(...trends.flatMap((trend) => trendOf(trend, scale)));
  const far = [];
  for (const one of limits) {
    if (one.value / scale.size > scale.highest) {
      far.push(`${one.name}: ${rounded(one.value / scale.size)} ${unit}, above this plot`);
      continue;
    }
    const [from, to] = [one.since === null || one.since === undefined ? left : x(one.since), one.until === null || one.until === undefined ? right : x(one.until)];
    picture.append(titled(svg("line", { x1: from, x2: to, y1: y(one.value), y2: y(one.value), class: "limit" }), `${one.name}: ${rounded(one.value / scale.size)} ${unit}`));
    picture.append(words(to - 4, y(one.value) + (y(one.value) < top + 14 ? 13 : -4), one.name, { class: "tick limit-name", "text-anchor": "end" }));
  }
  const legend = plot.lines.length > 1 ? plot.lines.map((one, index) => make("span", { class: `key key-${index}` }, one.name)) : [];
  if (trends.length) legend.push(make("span", { class: "key key-trend" }, "trend, with its interval"));
  if (warmUps.length) legend.push(make("span", { class: "key key-warm-up" }, "warming up"));
  const told = [...new Set(trends.map((trend) => trend.told).filter(Boolean)), ...far];
  return make("figure", { class: "plot" }, make("figcaption", {}, make("b", {}, plot.title), unit ? `, ${unit}` : "", plot.lines.length === 1 && plot.unit === "%" ? ` ${plot.lines[0].name}` : "", ...legend), picture, make("p", { class: "why" }, summary), told.map((one) => make("p", { class: "why told" }, one)));
}

function axesOf({ left, right, height, values, size, y }, seconds) {
  const drawn = [timeAxis(seconds, left, right, height, 4)];
  for (const value of values) {
    drawn.push(svg("line", { x1: left, x2: right, y1: y(value * size), y2: y(value * size), class: "grid" }));
    drawn.push(words(left - 6, y(value * size) + 4, rounded(value), { class: "tick", "text-anchor": "end" }));
  }
  return drawn;
}

function faultBehind(one, { x, top, height }) {
  const [from, to] = [x(one.since), x(one.until)];
  const shape = one.moment ? svg("line", { x1: from, x2: from, y1: top, y2: height, class: "moment" }) : svg("rect", { x: from, y: top, width: Math.max(1.5, to - from), height: height - top, class: "window" });
  return titled(shape, one.moment ? one.name : `${one.name} stood`);
}

function partsOf(one, kind, { x, y }) {
  return one.parts.map((part) => {
    const points = part.map(([time, value]) => `${x(time).toFixed(1)},${y(value).toFixed(1)}`);
    return part.length === 1 ? svg("circle", { cx: x(part[0][0]), cy: y(part[0][1]), r: 2, class: `dot ${kind}` }) : svg("polyline", { points: points.join(" "), class: `line ${kind}` });
  });
}

// From the first sample of the start whose trend it is, to where the judge cut it off.
function warmUpOf(one, trend, { x, top, height }) {
  const times = one.parts.filter((part) => part[0][0] <= trend.until).map((part) => part[0][0]);
  const [from, to] = [x(Math.max(0, ...times)), x(trend.warm_up_until)];
  return to - from < 1 ? [] : [titled(svg("rect", { x: from, y: top, width: to - from, height: height - top, class: "warm-up" }), "warming up, left out of the trend")];
}

// The line, and between the slopes at the ends of its interval what it may be: both go through its middle.
function trendOf(trend, { x, y }) {
  const [from, to] = [x(trend.since), x(trend.until)];
  const at = ([begin, end]) => [y(begin), y(end)];
  const [[low, lowAfter], [high, highAfter], [line, lineAfter]] = [at(trend.low), at(trend.high), at(trend.line)];
  const [middle, height] = [(from + to) / 2, (line + lineAfter) / 2];
  const band = `M${from} ${low}L${middle} ${height}L${to} ${lowAfter}L${to} ${highAfter}L${middle} ${height}L${from} ${high}Z`;
  return [
    svg("path", { d: band, class: `band ${trend.outcome}` }),
    titled(svg("line", { x1: from, y1: line, x2: to, y2: lineAfter, class: `trend ${trend.outcome}` }), trend.told || `trend: ${trend.outcome}`),
  ];
}

function summaryOf(one, size, unit) {
  const values = one.parts.flat().map(([, value]) => value / size);
  const [first, last] = [values[0], values[values.length - 1]];
  const of = unit ? ` ${unit}` : "";
  if (values.every((value) => value === first)) return `${one.name}: ${rounded(first)}${of} throughout`;
  return `${one.name}: ${rounded(first)} at first, ${rounded(last)} at last, ${rounded(Math.max(...values))}${of} at most`;
}
