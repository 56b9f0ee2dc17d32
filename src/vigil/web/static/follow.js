// Keeps the lines as they are, and says by its own timer when nothing was heard: it needs no help from a server for that.
const STALE_MS = 45_000;
const LOOK_MS = 2_000;
const AGAIN_MS = 20_000;
const $ = (id) => document.getElementById(id);
const lost = $("lost");
let heard = performance.now();
let wall = Date.now(); // the other clock stands still while some devices sleep
let over = false;
let source = null;
let tried = 0;

function lines(texts) {
  const place = $("lines");
  texts.forEach((text, i) => {
    const line = place.children[i] ?? place.appendChild(document.createElement("p"));
    if (line.textContent !== text) line.textContent = text;
  });
  [...place.children].slice(texts.length).forEach((line) => line.remove());
}

function say(text) {
  if (lost.textContent !== text) lost.textContent = text;
  lost.hidden = text === "";
  $("standing").classList.toggle("stale", text !== "");
  $("made").hidden = text === "";
}

function at(ms) {
  return new Date(ms).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
}

function alive() {
  heard = performance.now();
  wall = Date.now();
  say("");
}

function end(key) {
  over = true;
  source.close();
  if (key === "closed") lines([]);
  say(lost.dataset[key]);
}

function open() {
  tried = performance.now();
  source?.close();
  source = new EventSource("/live");
  source.addEventListener("beat", alive);
  source.addEventListener("now", (event) => { alive(); lines(JSON.parse(event.data).lines); });
  source.addEventListener("closed", () => end("closed"));
  source.addEventListener("full", () => end("full"));
}

function look() {
  if (over) return;
  const silent = Math.max(performance.now() - heard, Date.now() - wall);
  if (silent >= STALE_MS) say(lost.dataset.stale.replace("{time}", at(wall)));
  const dead = source.readyState === EventSource.CLOSED || silent >= STALE_MS;
  if (dead && performance.now() - tried >= AGAIN_MS) open();
}

setInterval(look, LOOK_MS);
addEventListener("visibilitychange", look);
addEventListener("pagehide", () => source.close());
addEventListener("pageshow", (event) => { if (event.persisted && !over) open(); });
open();
