// Keeps tonight as it is: text changes in its place, nothing else moves. Says so when the connection is lost.
const SILENT_MS = 10_000;
const AGAIN_MS = 5_000;
const $ = (id) => document.getElementById(id);
const lost = $("lost");
let heard = Date.now();
let over = false;
let source = null;

function lines(place, texts) {
  const there = [...place.children];
  texts.forEach((text, i) => {
    const line = there[i] ?? place.appendChild(document.createElement("p"));
    if (line.textContent !== text) line.textContent = text;
  });
  there.slice(texts.length).forEach((line) => line.remove());
}

function say(key) {
  const text = key ? lost.dataset[key] : "";
  if (lost.textContent !== text) lost.textContent = text;
  lost.hidden = !key;
}

function show(now) {
  lines($("lines"), now.lines);
  lines($("clock-lines"), now.clock);
  $("clock").hidden = now.clock.length === 0;
  $("morning").hidden = !now.watching;
  $("over").hidden = !now.over;
  $("release").hidden = !now.stopped;
  $("stop").hidden = $("hour").hidden = now.stopped;
  $("here").hidden = !now.awake && $("here").dataset.marked === "0"; // below the buttons: none moves under a thumb
}

function end(key) {
  over = true;
  source.close();
  say(key);
  $("made").hidden = false;
}

function open() {
  source = new EventSource("/tonight/live");
  const alive = () => { heard = Date.now(); say(""); $("made").hidden = true; };
  source.addEventListener("beat", alive);
  source.addEventListener("now", (event) => { alive(); show(JSON.parse(event.data)); });
  source.addEventListener("closed", () => end("closed"));
  source.addEventListener("full", () => end("full"));
}

setInterval(() => {
  if (over) return;
  if (Date.now() - heard >= SILENT_MS) { say("gone"); $("made").hidden = false; }
  if (source.readyState === EventSource.CLOSED || Date.now() - heard >= 2 * SILENT_MS) {
    source.close(); // a browser gives up on what was refused, and does not notice a silent line
    if (Date.now() - heard >= SILENT_MS) heard = Date.now() - SILENT_MS;
    open();
  }
}, AGAIN_MS);
addEventListener("pagehide", () => source.close());
addEventListener("pageshow", (event) => { if (event.persisted && !over) open(); });
open();
