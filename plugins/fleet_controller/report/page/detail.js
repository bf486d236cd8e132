// What a cell or a host opens. Its data is read only then: a page may have thousands of cells.

const run = JSON.parse(document.getElementById("run").textContent);
const opened = new Map();

function detailsOf(host) {
  if (!opened.has(host)) opened.set(host, JSON.parse(document.getElementById(`host-${host}`).textContent));
  return opened.get(host);
}

function badgeOf(verdict) {
  return make("span", { class: `badge ${verdict}`, "aria-hidden": "true" }, run.symbols[verdict]);
}

function part(title, ...children) {
  const some = children.flat().filter(Boolean);
  return some.length ? make("section", {}, title && make("h3", {}, title), some) : null;
}

function list(sentences, kind) {
  return sentences && sentences.length ? make("ul", { class: kind || "reasons" }, sentences.map((one) => make("li", {}, one))) : null;
}

function linkTo(file) {
  return file.href ? make("a", { href: file.href }, file.name) : make("span", { class: "quiet" }, file.name);
}

function commandOf(command) {
  return make("div", { class: "command" }, make("pre", { tabindex: "0", role: "group", "aria-label": "Command" }, command), make("button", { type: "button", class: "copy" }, "Copy"));
}

function drawnOf(detail, width) {
  const line = detail.timeline;
  const parts = [];
  if (line && (line.steps.length || line.starts.length)) {
    const windows = line.faults.some((one) => !one.moment) ? " Shaded: fault active." : "";
    parts.push(part("What happened, and when", make("figure", {}, timelineOf(line, width), make("figcaption", { class: "why" }, `Bars are the bot's starts and the scenario's steps; ticks are finished cycles, triangles signals, diamonds instantaneous faults.${windows}`)), timelineTable(line)));
  }
  const output = (detail.output || []).map(outputOf);
  if (output.length) parts.push(part("Bot output", output));
  if (detail.plots && detail.plots.length) {
    const columns = width > 640 ? 2 : 1;
    const each = Math.floor((width - (columns - 1) * 24) / columns);
    const all = run.hosts.length > 1 && detail.row !== undefined ? make("button", { type: "button", class: "all-hosts", "data-all": detail.row }, "The same on all hosts") : null;
    parts.push(part("Samples", all, make("div", { class: `plots columns-${columns}` }, detail.plots.map((one) => plotOf(one, line, each)))));
  }
  return parts;
}

function outputOf(one) {
  const why = one.traceback ? "around the first traceback" : one.cut ? "its end" : "all of it";
  const where = one.line && one.cut ? `, from line ${one.line}` : "";
  const name = make("figcaption", {}, linkTo({ name: one.file, href: one.href }), make("span", { class: "quiet" }, ` ${why}${where}`));
  return make("figure", { class: "output" }, name, make("pre", { tabindex: "0", role: "group", "aria-label": `Output in ${one.file}` }, one.text));
}

// Reasons, each with the check that found it and the files that show it; and what checks found beside.
function reasonsOf(detail) {
  const findings = detail.findings || [];
  const beside = findings.filter((one) => !detail.reasons.includes(one.reason)).map((one) => one.reason);
  const all = [...detail.reasons, ...beside];
  const none = { passed: "Everything expected held.", waits: "It has not begun." };
  if (!all.length) return make("p", {}, none[detail.verdict] || "No reason was given.");
  return make("ul", { class: `reasons ${detail.verdict}` }, all.map((reason) => {
    const found = findings.find((one) => one.reason === reason);
    const files = found ? found.files.flatMap((file) => [" · ", linkTo(file)]) : [];
    return make("li", {}, reason, found && make("p", { class: "why" }, `check ${found.check} (${found.about})`, files));
  }));
}

function changeOf(host, scenario) {
  const groups = run.earlier ? run.earlier.groups : [];
  for (const group of groups) {
    for (const one of group.items) {
      if (one.host === host && one.scenario === scenario && one.old) return `Previous run ${run.earlier.run_id}: ${run.names[one.old]}.`;
    }
  }
  return null;
}

// The contents of the panel for one cell.
function cellOf(host, row, width) {
  const detail = detailsOf(host)[row];
  const { name } = run.hosts[host];
  const about = run.rows[run.order.indexOf(row)];
  const change = changeOf(name, about.scenario);
  const title = make("h2", { id: "panel-title", tabindex: "-1" }, badgeOf(detail.verdict), make("span", {}, `${about.row} ${about.scenario}`, make("small", {}, ` ${run.names[detail.verdict]} on ${name}`)));
  return [
    title,
    make("p", { class: "asked" }, about.title, make("span", { class: "quiet" }, ` · ${rounded(detail.seconds)} s`)),
    part(null, reasonsOf(detail), detail.more ? make("p", { class: "quiet" }, `… and ${detail.more} more reasons, in results.json.`) : null, change && make("p", { class: "change" }, change)),
    detail.broke && part("What went wrong, and is not the bot's fault", make("p", {}, detail.broke)),
    detail.damaged && part(null, make("p", { class: "warning" }, `The evidence cannot be shown: ${detail.damaged}.`)),
    detail.left_out && part(null, make("p", { class: "warning" }, "The rest of this cell was left out, to keep the page small; it lies in the files named below.")),
    aboutOf(about),
    fixOf(detail),
    detail.repeat && part("Reproduce", commandOf(detail.repeat), make("details", { class: "issue" }, make("summary", {}, "Copy as issue"), commandOf(issueOf(host, detail, about)))),
    expectedOf(detail.checks || []),
    proofOf(detail.proofs),
    settingsOf(detail.settings),
    ...drawnOf({ ...detail, row }, width),
    part("On the list of known findings", list(detail.accepted || [], "notes")),
    part("Already found by the baseline", list(detail.known, "notes")),
    part("Notes", list([detail.ended && `The scenario was cut short: ${detail.ended}`, ...(detail.notes || [])].filter(Boolean), "notes")),
    writtenOf(about),
    part("Evidence", (detail.files || []).map((one) => make("p", {}, linkTo(one)))),
  ];
}

// Rows of a host, each with its first reason.
function cellsOf(host, wanted) {
  const details = run.hosts[host].has_result ? detailsOf(host) : [];
  const some = run.order.map((index, place) => [details[index], run.rows[place]]).filter(([detail]) => detail && wanted(detail));
  const item = ([detail, about]) => make("li", {}, badgeOf(detail.verdict), make("div", {}, make("p", {}, make("a", { href: `#${encodeURIComponent(run.hosts[host].name)}/${about.scenario}` }, `${about.row} ${about.scenario}`)), detail.reasons.length ? make("p", { class: "why" }, detail.reasons[0]) : null));
  return some.length ? make("ul", { class: "expected" }, some.map(item)) : null;
}

// The contents of the panel for one host.
function hostOf(host) {
  const known = run.hosts[host];
  const facts = [["Verdict", run.names[known.verdict]], ["Platform", known.platform], ["Distribution", known.distribution], ["Kernel", known.release], ["Python", known.python], ["Engine", known.engine], ["Took", known.seconds === null ? "" : `${rounded(known.seconds)} s`]];
  const counts = Object.keys(run.names).map((word) => [word, known.verdicts.filter((one) => one === word).length]).filter(([, count]) => count);
  return [
    make("h2", { id: "panel-title", tabindex: "-1" }, badgeOf(known.verdict), make("span", {}, known.name)),
    make("p", { class: "asked" }, known.has_result ? counts.map(([word, count]) => `${count} ${run.names[word]}`).join(", ") : "It brought no result: nothing is known of its rows."),
    part("Problems of this host", list(known.remarks)),
    part("What did not pass here", cellsOf(host, (one) => !["passed", "skipped", "running", "waits"].includes(one.verdict))),
    part("What it cannot do", cellsOf(host, (one) => one.verdict === "skipped")),
    part("The host", make("dl", { class: "facts" }, facts.filter(([, value]) => value).map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value))))),
  ];
}
