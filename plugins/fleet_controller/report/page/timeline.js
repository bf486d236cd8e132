// The steps of a scenario on one line of time, with the bot's starts and the windows of faults.

function timelineOf(line, width) {
  const narrow = width < 620;
  const left = narrow ? 4 : 190;
  const right = width - 12;
  const seconds = line.seconds || 1;
  const at = (time) => left + (Math.min(time, seconds) / seconds) * (right - left);
  const faults = [];
  const rows = [];
  let y = 8;
  const label = (text, kind) => {
    if (narrow) y += 14;
    rows.push(titled(words(narrow ? left : left - 10, narrow ? y - 2 : y + 13, fitted(text, narrow ? right - left : left - 14), { class: `label ${kind || ""}`, "text-anchor": narrow ? "start" : "end" }), text));
  };
  for (const one of line.faults) {
    label(one.name, "fault");
    faults.push({ ...one, y });
    y += 22;
  }
  if (line.starts.length) {
    label(line.starts.length === 1 ? "the bot" : `the bot, ${line.starts.length} starts`);
    rows.push(...startsOf(line.starts, at, y, right));
    y += 46;
  }
  line.steps.forEach((one, index) => {
    if (index === line.first && line.left_out) {
      rows.push(words(left + 4, y + 13, `… ${line.left_out} steps are not drawn`, { class: "label quiet" }));
      y += 20;
    }
    label(`${one.n}  ${one.detail}`, one.outcome ? "bad" : "");
    rows.push(...stepOf(one, at, y, right));
    y += 20;
  });
  const height = y + 4;
  const windows = faults.flatMap((one) => windowOf(one, at, height));
  const picture = svg("svg", { viewBox: `0 0 ${width} ${height + 22}`, width, height: height + 22, role: "img", "aria-label": `Time line over ${rounded(seconds)} seconds; the table below says the same` });
  picture.append(svg("g", {}, windows.filter((one) => one.back).map((one) => one.shape)), timeAxis(seconds, left, right, height, height - 4));
  picture.append(...windows.filter((one) => !one.back).map((one) => one.shape), ...rows);
  return picture;
}

function windowOf(one, at, height) {
  const tooltip = `${one.name}: ${one.moment ? `at ${one.since} s` : `stood from ${one.since} s to ${one.until} s`}${one.bit ? "" : ", and it was not proved that it did what it says"}`;
  const x = at(one.since);
  if (one.moment) {
    const y = one.y + 9;
    return [
      { back: true, shape: svg("line", { x1: x, x2: x, y1: y, y2: height, class: "moment" }) },
      { shape: titled(svg("path", { d: `M${x} ${y - 7}l6 7l-6 7l-6 -7z`, class: one.bit ? "diamond" : "diamond unproved" }), tooltip) },
    ];
  }
  const width = Math.max(2, at(one.until) - x);
  return [
    { back: true, shape: svg("rect", { x, y: one.y, width, height: height - one.y, class: "window" }) },
    { shape: titled(svg("rect", { x, y: one.y + 2, width, height: 14, rx: 3, class: one.bit ? "stands" : "stands unproved" }), tooltip) },
  ];
}

function startsOf(starts, at, y, right) {
  const drawn = [];
  let free = -Infinity; // where the last word above the bars ends
  for (const one of starts) {
    const x = at(one.at);
    const end = Math.max(x + 2, at(one.until));
    const tooltip = `start ${one.n}: ${one.at} s to ${one.until} s, ${one.ending}; ${one.cycles.length} cycles seen`;
    drawn.push(titled(svg("rect", { x, y: y + 16, width: end - x, height: 14, rx: 2, class: one.bad ? "start bad" : "start" }), tooltip));
    for (const time of one.cycles) drawn.push(svg("line", { x1: at(time), x2: at(time), y1: y + 32, y2: y + 37, class: "cycle" }));
    for (const [time, name] of one.signals) {
      drawn.push(titled(svg("path", { d: `M${at(time)} ${y + 30}l-5 9h10z`, class: "signal" }), `SIG${name} at ${time} s`));
    }
    const sent = one.signals.slice(-1).map(([, name]) => `SIG${name}`).filter((name) => !one.ending.includes(name));
    const said = [...sent, one.ending].join(" → ");
    const room = said.length * CHARACTER;
    const begin = Math.min(Math.max(x, end - room), right - room);
    if (begin > free + 8) {
      drawn.push(words(begin, y + 11, said, { class: one.bad ? "said bad" : "said" }));
      free = begin + room;
    }
  }
  return drawn;
}

function stepOf(one, at, y, right) {
  const x = at(one.at);
  const width = Math.max(2, at(one.at + one.for) - x);
  const tooltip = `${one.n} ${one.detail}: from ${one.at} s, for ${one.for} s${one.outcome ? `, ${one.outcome}` : ""}`;
  const drawn = [titled(svg("rect", { x, y: y + 4, width, height: 10, rx: 2, class: one.outcome ? "step bad" : "step" }), tooltip)];
  if (one.outcome) {
    const said = `✗ ${one.outcome.replace(/_/g, " ")}`;
    const room = said.length * CHARACTER;
    const after = x + width + 6;
    drawn.push(after + room < right ? words(after, y + 13, said, { class: "said bad" }) : words(x - 6, y + 13, said, { class: "said bad", "text-anchor": "end" }));
  }
  return drawn;
}

// The same for who does not see it.
function timelineTable(line) {
  const row = (what, from, took, outcome) => make("tr", {}, make("th", { scope: "row" }, what), make("td", {}, from), make("td", {}, took), make("td", {}, outcome));
  const rows = [
    ...line.faults.map((one) => row(`fault ${one.name}`, one.since, rounded(one.until - one.since), one.bit ? "proved" : "not proved")),
    ...line.starts.map((one) => row(`start ${one.n}, ${one.cycles.length} cycles seen${one.signals.length ? `, ${one.signals.map(([, name]) => `SIG${name}`).slice(0, 5).join(", ")}` : ""}`, one.at, rounded(one.until - one.at), one.ending)),
    ...line.steps.map((one) => row(`step ${one.n} ${one.detail}`, one.at, one.for, (one.outcome || "done").replace(/_/g, " "))),
  ];
  const head = ["what", "from, s", "for, s", "outcome"].map((one) => make("th", { scope: "col" }, one));
  return make("details", {}, make("summary", {}, "As a table"), make("div", { class: "scroll" }, make("table", { class: "plain" }, make("thead", {}, make("tr", {}, head)), make("tbody", {}, rows))));
}
