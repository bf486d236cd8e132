// Small things that everything else is drawn with. Texts go in as text nodes and attributes, never as markup:
// hosts have written them.

function make(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat().filter((one) => one !== null && one !== undefined && one !== false));
  return made;
}

function svg(tag, attributes, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    made.setAttribute(name, typeof value === "number" ? Math.round(value * 100) / 100 : value);
  }
  made.append(...children.flat().filter((one) => one !== null && one !== undefined));
  return made;
}

function words(x, y, text, more) {
  return svg("text", { x, y, ...more }, text);
}

// A shape that tells what it is when it is pointed at.
function titled(shape, text) {
  shape.append(svg("title", {}, text));
  return shape;
}

const CHARACTER = 6.4; // about as wide as one of 12 pixels is

function fitted(text, width) {
  const most = Math.floor(width / CHARACTER);
  if (text.length <= most) return text;
  return most < 3 ? "" : `${text.slice(0, most - 1)}…`;
}

// Round numbers from 0 to `most`, at most `count` beside 0; `least` is what they may not be finer than.
function ticks(most, count, least = 0) {
  const rough = Math.max(most / count, least) || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((one) => one * power >= rough * 0.999);
  const found = [];
  for (let n = 0; n * step <= most * 1.0001; n += 1) found.push(n * step);
  return { step, values: found };
}

// The same between two numbers, of which the lower need not be 0.
function ticksBetween(least, most, count, finest = 0) {
  const { step } = ticks(most - least, count, finest);
  const found = [];
  for (let n = Math.ceil(least / step - 1e-9); n * step <= most + step * 1e-4; n += 1) found.push(n * step);
  return { step, values: found };
}

function rounded(value) {
  const size = Math.abs(value);
  return String(Number(value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2)));
}

// Times as they are read: in the unit that suits the whole axis.
function timeUnit(seconds) {
  if (seconds > 3 * 3600) return { name: "h", size: 3600 };
  return seconds > 600 ? { name: "min", size: 60 } : { name: "s", size: 1 };
}

function timeAxis(seconds, left, right, y, height) {
  const unit = timeUnit(seconds);
  const span = seconds / unit.size || 1;
  const found = ticks(span, Math.max(2, Math.min(10, Math.floor((right - left) / 70))));
  const at = (value) => left + (value / span) * (right - left);
  const drawn = found.values.map((value) => [
    svg("line", { x1: at(value), x2: at(value), y1: y - height, y2: y, class: "grid" }),
    words(at(value), y + 15, `${rounded(value)} ${unit.name}`, { class: "tick", "text-anchor": value === 0 ? "start" : at(value) > right - 20 ? "end" : "middle" }),
  ]);
  return svg("g", {}, drawn.flat());
}
