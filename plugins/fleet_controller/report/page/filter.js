// The matrix and what of it is shown. The filter stands in the address, so that what one sees can be sent on.

const table = document.querySelector(".matrix");
const form = document.querySelector(".filters");
const chips = [...document.querySelectorAll(".chip")];
const lines = table ? [...table.querySelectorAll("tr[data-row]")] : [];
const heads = table ? [...table.querySelectorAll("th.host")] : [];
const groups = table ? [...table.querySelectorAll("tbody")] : [];

function asked() {
  return {
    verdicts: chips.filter((one) => one.getAttribute("aria-pressed") === "true").map((one) => one.dataset.verdict),
    platform: form.elements.platform.value,
    row: form.elements.row.value,
    text: form.elements.text.value.trim().toLowerCase(),
  };
}

function onPlatform(host, platform) {
  return !platform || host.platform === platform || `Python ${host.python}` === platform;
}

function showAsked() {
  const { verdicts, platform, row, text } = asked();
  const names = run.hosts.map((one) => one.name.toLowerCase());
  const about = new Map(run.rows.map((one, place) => [run.order[place], one]));
  const says = (one) => `${one.row} ${one.scenario} ${one.title}`.toLowerCase();
  // A word that names hosts chooses hosts; any other chooses rows.
  const namesHosts = text && names.some((one) => one.includes(text));
  const namesRows = text && [...about.values()].some((one) => says(one).includes(text));
  const hosts = run.hosts.map((one, n) => onPlatform(one, platform) && (!namesHosts || namesRows || names[n].includes(text)));
  const rows = new Map(lines.map((line) => {
    const one = about.get(Number(line.dataset.row));
    const chosen = !row || row === one.scenario || row === `section-${one.section}`;
    return [line, chosen && (!text || namesHosts || says(one).includes(text))];
  }));
  const matches = (host, index) => {
    if (!hosts[host] || (verdicts.length && !verdicts.includes(run.hosts[host].verdicts[index]))) return false;
    return !(namesHosts && namesRows) || names[host].includes(text) || says(about.get(index)).includes(text);
  };
  const columns = run.hosts.map(() => false);
  let cells = 0;
  for (const line of lines) {
    const index = Number(line.dataset.row);
    let any = false;
    [...line.cells].slice(1).forEach((cell, host) => {
      const match = rows.get(line) && matches(host, index);
      cell.classList.toggle("faded", !match);
      if (match) {
        columns[host] = true;
        any = true;
        cells += 1;
      }
    });
    line.hidden = !any;
  }
  for (const line of lines) [...line.cells].slice(1).forEach((cell, host) => { cell.hidden = !columns[host]; });
  heads.forEach((head, host) => { head.hidden = !columns[host]; });
  for (const group of groups) group.hidden = ![...group.querySelectorAll("tr[data-row]")].some((line) => !line.hidden);
  const filtered = Boolean(verdicts.length || platform || row || text);
  form.querySelector(".clear").disabled = !filtered;
  const of = (some, all, word) => `${some === all ? "" : `${some} of `}${all} ${word}${all === 1 ? "" : "s"}`;
  const shownRows = lines.filter((one) => !one.hidden).length;
  document.querySelector(".shown").textContent = `${cells ? `${of(cells, lines.length * heads.length, "cell")}: ${of(shownRows, lines.length, "row")} on ${of(columns.filter(Boolean).length, heads.length, "host")}` : "Nothing is as asked for"}.`;
  if (table) table.hidden = !cells;
  rove();
}

// One cell of the matrix is reached by Tab; the arrows go on from there.
function rove(chosen) {
  if (!table) return;
  const before = table.querySelector("[tabindex='0']");
  const usable = (one) => one && !one.closest("[hidden]");
  const next = chosen || (usable(before) ? before : [...table.querySelectorAll("td button")].find(usable));
  if (before && before !== next) before.tabIndex = -1;
  if (next) next.tabIndex = 0;
}

function written() {
  const { verdicts, platform, row } = asked();
  const found = new URLSearchParams();
  if (verdicts.length) found.set("verdict", verdicts.join(","));
  if (platform) found.set("platform", platform);
  if (row) found.set("row", row);
  if (form.elements.text.value.trim()) found.set("text", form.elements.text.value.trim());
  return found.toString();
}

function ask(query) {
  const found = new URLSearchParams(query);
  const verdicts = (found.get("verdict") || "").split(",");
  for (const one of chips) one.setAttribute("aria-pressed", String(verdicts.includes(one.dataset.verdict)));
  for (const name of ["platform", "row"]) {
    const field = form.elements[name];
    field.value = found.get(name) || "";
    if (field.selectedIndex < 0) field.value = "";
  }
  form.elements.text.value = found.get("text") || "";
}
