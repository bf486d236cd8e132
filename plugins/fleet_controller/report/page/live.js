// The page of a run that goes on is loaded again by itself, but not while somebody reads a cell, writes, or marks a text.
// It cannot know that nobody draws it any more: so it says how long ago that was, and asks more and more rarely.

const SOON = 3; // so many times as long as usual is no silence yet
const RARELY = 600; // seconds
const live = document.getElementById("live");
const every = Number(live.dataset.every);
const heard = Date.parse(live.dataset.written.replace(" UTC", "Z").replace(" ", "T"));
const loaded = Date.now();

function ago(seconds) {
  return seconds < 90 ? `${Math.round(seconds)} s` : seconds < 5400 ? `${Math.round(seconds / 60)} min` : seconds < 172800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86400)} days`;
}

function inUse() {
  const field = document.activeElement && document.activeElement.matches("input, select");
  return panel.open || field || !getSelection().isCollapsed || document.hidden;
}

function tick() {
  const age = Math.max(0, (Date.now() - heard) / 1000);
  live.querySelector(".age").textContent = `, ${ago(age)} ago`;
  live.classList.toggle("silent", age > SOON * Math.max(20, every));
  const wait = Math.min(RARELY, Math.max(every, age / 4));
  if (Date.now() - loaded > wait * 1000 && !inUse()) location.reload();
}

setInterval(tick, 1000);
tick();
