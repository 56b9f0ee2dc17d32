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
    put(there[i] ?? place.appendChild(document.createElement("p")), text);
  });
  there.slice(texts.length).forEach((line) => line.remove());
}

function put(place, text) {
  if (place.textContent !== text) place.textContent = text;
}

function say(key) {
  put(lost, key ? lost.dataset[key] : "");
  lost.hidden = !key;
}

function show(now) {
  lines($("lines"), now.lines);
  lines($("clock-lines"), now.clock);
  $("clock").hidden = now.clock.length === 0;
  $("awake").hidden = $("bad-dream").hidden = $("morning").hidden = !now.watching;
  lines($("first-lines"), now.first);
  $("first").hidden = now.first.length === 0;
  $("is-ready").hidden = !now.is_ready;
  $("light").hidden = now.watching;
  $("over").hidden = !now.over;
  $("over").firstElementChild.classList.toggle("main", now.morning);
  $("begin").hidden = !now.begin;
  $("begin").firstElementChild.classList.toggle("main", !now.morning);
  put($("begin").firstElementChild, now.begin);
  $("pair").hidden = !now.pair;
  $("pair").querySelector("a").classList.toggle("main", now.pair && !now.morning);
  $("release").hidden = !now.stopped;
  $("no-more").hidden = now.stopped;
  $("stop").hidden = $("hour").hidden = now.stopped || !now.watching;
  $("ahead").hidden = now.stopped || now.watching;
  put($("ahead").firstElementChild, now.ahead);
  put($("ahead-is"), now.ahead_is);
  put($("wish"), now.wish);
  $("wish").hidden = !now.wish;
  $("untold").hidden = !now.untold;
  put($("call"), now.ask);
  $("call").value = now.called ? "1" : "0";
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
