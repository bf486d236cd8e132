// What a cell says to who was not there: what was tested, what was expected, what shows that the fault took effect, and
// what to change.

function aboutOf(about) {
  return part("What was tested", about.about && make("p", {}, about.about));
}

const STATES = { held: "passed", failed: "failed", masked: "known", known: "known", not_proved: "not_exercised", left_out: "skipped" };
const SAID = { held: "held", failed: "failed", masked: "masked: the baseline failed in it too", known: "known", not_proved: "not proved", left_out: "left out" };

// All checks of the row, each ticked or not, with what was seen.
function expectedOf(checks) {
  if (!checks.length) return null;
  const counted = checks.filter((one) => one.state === "held").length;
  const item = (one) => make("li", {}, badgeOf(STATES[one.state]), make("div", {}, make("p", {}, one.title, make("span", { class: "quiet" }, ` ${one.check}${one.state === "held" ? "" : ` · ${SAID[one.state]}`}`)), one.why && make("p", { class: "why" }, one.why)));
  return part("What was expected", make("p", { class: "why" }, `${counted} of ${checks.length} checks held.`), make("ul", { class: "expected" }, checks.map(item)));
}

function proofOf(proofs) {
  if (!proofs || !proofs.shown.length) return null;
  const when = (one) => (one.until === null ? `at ${rounded(one.when)} s` : `${rounded(one.when)} s to ${rounded(one.until)} s`);
  const item = (one) => make("li", {}, badgeOf(one.bit ? "passed" : "not_exercised"), make("div", {}, make("p", {}, make("b", {}, one.what), make("span", { class: "quiet" }, ` ${when(one)}`), one.bit ? "" : ": no proof that it took effect"), one.why && make("p", { class: "why" }, one.why)));
  return part("Proof that the fault took effect", make("ul", { class: "expected" }, proofs.shown.map(item)), proofs.more ? make("p", { class: "quiet" }, `… and ${proofs.more} more, in evidence.json.`) : null);
}

// The checks of a cell that found something; first those that the bot is to blame for.
function toFix(detail) {
  const blamed = ["failed", "masked", "known"];
  const found = (detail.findings || []).filter((one) => one.verdict === "failed").map((one) => one.check);
  const listed = (detail.checks || []).filter((one) => blamed.includes(one.state)).map((one) => one.name);
  const proved = [...new Set([...found, ...listed])];
  const unproved = detail.verdict === "not_exercised" ? (detail.findings || []).map((one) => one.check) : [];
  const some = proved.length ? proved : unproved.filter((one) => run.of_the_run.includes(one));
  return [...new Set(some)].filter((one) => Object.hasOwn(run.remedies, one));
}

function remedyOf(check) {
  const { fix, link, doc } = run.remedies[check];
  return make("li", {}, make("p", {}, make("b", {}, check), ` ${fix}`), make("p", { class: "why" }, make("a", { href: link, rel: "noreferrer" }, link.replace("https://", "")), doc && ` · ${doc}`));
}

function fixOf(detail) {
  return toFix(detail).length ? part("What to fix", make("ul", { class: "fixes" }, toFix(detail).map(remedyOf))) : null;
}

// With what the bot was started, once for all starts alike.
function settingsOf(some) {
  if (!some || !some.length) return null;
  const numbers = (one) => (one.starts.length === 1 ? `start ${one.starts[0]}` : one.starts.length === 2 ? `starts ${one.starts.join(" and ")}` : `${one.starts.length} starts, the first is ${one.starts[0]}`);
  const item = (one) => make("li", {}, make("b", {}, numbers(one)), `: ${one.pairs.map(([name, value]) => `${name} = ${value}`).join(", ")}`);
  return part("The bot's settings", make("ul", { class: "settings" }, some.map(item)));
}

function writtenOf(about) {
  if (!about.yaml) return null;
  return part(null, make("details", {}, make("summary", {}, `The scenario: scenarios/${about.scenario}.yml`), make("pre", { class: "yaml", tabindex: "0", role: "group", "aria-label": "The scenario's file" }, about.yaml)));
}
