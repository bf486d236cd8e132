// What a person does: filters, moves, opens, copies, prints. The address says what is seen: #host/scenario?filter.

const panel = document.getElementById("panel");
let here = null; // what the panel shows: [host, row]; of a host itself, row is null, and of all hosts, host is
const ALL = "*"; // in the address
let cameFrom = null;

function address(cell) {
  const name = cell ? `${cell[0] === null ? ALL : encodeURIComponent(run.hosts[cell[0]].name)}/${cell[1] === null ? "" : run.rows[run.order.indexOf(cell[1])].scenario}` : "";
  const query = written();
  return `#${name}${query ? `?${query}` : ""}`;
}

function put(cell) {
  if (address(cell) !== location.hash) history.replaceState(null, "", address(cell) === "#" ? location.pathname + location.search : address(cell));
}

function cellIn(hash) {
  const [name, scenario] = hash.split("/");
  let host;
  try {
    host = run.hosts.findIndex((one) => one.name === decodeURIComponent(name));
  } catch {
    return null;
  }
  const place = run.rows.findIndex((one) => one.scenario === scenario);
  if (host < 0 && name === ALL && place >= 0) return [null, run.order[place]];
  if (host < 0 || scenario === undefined) return null;
  if (scenario && place < 0) return null;
  return [host, scenario ? run.order[place] : null];
}

function follow() {
  const hash = location.hash.slice(1);
  const cut = hash.indexOf("?");
  const name = cut < 0 ? hash : hash.slice(0, cut);
  // Any other address is a place on the page, and changes nothing here.
  if (hash && cut < 0 && !name.includes("/")) return;
  if (cut >= 0 || !hash) ask(cut < 0 ? "" : hash.slice(cut + 1));
  showAsked();
  const cell = name ? cellIn(name) : null;
  if (cell) open(cell);
  else if (panel.open) panel.close();
}

function buttonOf(cell) {
  return document.querySelector(`[data-cell="${cell[0]}.${cell[1] === null ? "" : cell[1]}"]`);
}

function open(cell) {
  if (!panel.open) cameFrom = document.activeElement === document.body ? null : document.activeElement;
  here = cell;
  const bar = make("div", { class: "bar" }, make("button", { type: "button", class: "step-back", title: "The one before that did not pass" }, "‹ Previous"), make("button", { type: "button", class: "step-on", title: "The next that did not pass" }, "Next ›"), make("button", { type: "button", class: "close" }, "Close"));
  const body = make("div", { class: "inside" });
  panel.replaceChildren(bar, body);
  if (!panel.open) panel.showModal();
  const width = Math.max(260, body.clientWidth - 2 * parseFloat(getComputedStyle(body).paddingLeft));
  const [host, row] = cell;
  const shown = host === null ? rowOf(row, width) : row === null ? hostOf(host) : cellOf(host, row, width);
  body.append(...shown.filter(Boolean));
  for (const one of [".step-back", ".step-on"]) bar.querySelector(one).disabled = host === null || row === null || others(one === ".step-on") === null;
  panel.scrollTop = 0;
  document.getElementById("panel-title").focus();
  put(cell);
}

// The cell before or after this one that is shown and did not pass.
function others(on) {
  const now = buttonOf(here);
  const bad = "td.failed, td.error:not(.lost), td.not_exercised";
  const wanted = (one) => one === now || (one.closest(bad) && !one.closest(".faded, [hidden]"));
  const some = [...table.querySelectorAll("td button")].filter(wanted);
  return some[some.indexOf(now) + (on ? 1 : -1)] || null;
}

function cellOfButton(button) {
  const [host, row] = button.dataset.cell.split(".");
  return [Number(host), row === "" ? null : Number(row)];
}

panel.addEventListener("close", () => {
  const back = here && here[0] !== null && buttonOf(here);
  const from = cameFrom && cameFrom.isConnected ? cameFrom : back;
  here = null;
  put(null);
  if (from && from.closest("[hidden]") === null) from.focus();
});

panel.addEventListener("click", (event) => {
  if (event.target === panel || event.target.closest(".close")) panel.close();
  const all = event.target.closest("[data-all]");
  if (all) open([null, Number(all.dataset.all)]);
  const on = event.target.closest(".step-on");
  const step = on || event.target.closest(".step-back");
  const next = step && others(Boolean(on));
  if (next) {
    cameFrom = next;
    rove(next);
    open(cellOfButton(next));
  }
});

document.addEventListener("click", (event) => {
  const cell = event.target.closest("[data-cell]");
  if (cell) {
    rove(cell);
    open(cellOfButton(cell));
  }
  const copy = event.target.closest(".copy");
  if (copy) copied(copy);
});

// A page from a file may not always write to the clipboard; then the command is selected, ready for the keyboard.
async function copied(button) {
  const text = button.parentElement.querySelector("pre");
  getSelection().selectAllChildren(text);
  let said = "Selected";
  try {
    await navigator.clipboard.writeText(text.textContent);
    said = "Copied";
  } catch {
    text.focus();
  }
  button.textContent = said;
  button.addEventListener("blur", () => { button.textContent = "Copy"; }, { once: true });
}

if (table) {
  table.addEventListener("keydown", (event) => {
    const cell = event.target.closest("td, th");
    const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0], Home: [0, -Infinity], End: [0, Infinity] };
    const step = steps[event.key];
    if (!cell || !step || event.altKey || event.metaKey) return;
    event.preventDefault();
    const rows = [...table.rows].filter((one) => !one.closest("[hidden]") && one.querySelector("[data-cell]"));
    const within = (some, place) => some[Math.max(0, Math.min(some.length - 1, place))];
    const row = rows.indexOf(cell.parentElement);
    const target = within(rows, event.ctrlKey && step[1] ? (step[1] < 0 ? 0 : rows.length - 1) : row + step[0]);
    const cells = (one) => [...one.cells].filter((some) => !some.hidden && some.querySelector("[data-cell]"));
    const button = within(cells(target), cells(cell.parentElement).indexOf(cell) + step[1]).querySelector("[data-cell]");
    rove(button);
    button.focus();
  });
}

form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("input", () => { showAsked(); put(here); });
form.addEventListener("click", (event) => {
  const chip = event.target.closest(".chip");
  if (chip) chip.setAttribute("aria-pressed", String(chip.getAttribute("aria-pressed") !== "true"));
  if (event.target.closest(".clear")) ask("");
  if (chip || event.target.closest(".clear")) {
    showAsked();
    put(here);
  }
});

// On paper nothing can be opened: what did not pass is drawn beforehand, and what is folded is unfolded.
const ON_PAPER = 40;
function forPaper() {
  if (panel.open) panel.close();
  for (const one of document.querySelectorAll("main details")) one.open = true;
  [...document.querySelectorAll(".miss")].slice(0, ON_PAPER).forEach((one) => {
    const place = one.querySelector(".drawn");
    if (!place.hasChildNodes()) place.append(...drawnOf(detailsOf(Number(one.dataset.host))[Number(one.dataset.row)], 680).filter(Boolean));
  });
}
addEventListener("beforeprint", forPaper);
matchMedia("print").addEventListener("change", (event) => { if (event.matches) forPaper(); });

addEventListener("hashchange", follow);
showAsked();
follow();
