// A night to look into: one canvas, one time axis; drawn by night-lanes.js, moved by hand, wheel and keys.
import { TOP, lanes, scaleOf } from "./night-lanes.js";

const LEAST_S = 120; // nobody needs to look closer than two minutes
const NEAR_PX = 22; // a finger's half width
const live = document.getElementById("live");
const mount = document.getElementById("canvas");
const panel = document.getElementById("why");

function make(tag, text) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  return made;
}

async function load(address) {
  const answer = await fetch(address, { headers: { accept: "application/json" } });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

class Night {
  constructor(data) {
    this.data = data;
    this.span = [0, data.end_s];
    this.chosen = null;
    this.plot = this.draw();
  }

  draw() {
    const cells = this.data.heart.bpm;
    const step = this.data.heart.step_s;
    const count = Math.max(cells.length, 2);
    const times = new Float64Array(count);
    const rates = new Array(count);
    for (let i = 0; i < count; i++) {
      times[i] = (i + 0.5) * step;
      rates[i] = cells[i] || null;
    }
    const [series, hooks, axes] = lanes(this);
    const options = {
      width: mount.clientWidth, height: mount.clientHeight, legend: { show: false }, cursor: { show: false },
      padding: [TOP, 20, 0, 0],
      scales: { x: { time: false, min: 0, max: this.data.end_s, auto: false }, bpm: { range: scaleOf(this.data) } },
      series: [{}, series], axes, hooks,
    };
    const began = performance.now();
    const plot = new uPlot(options, [times, rates], (made, init) => { mount.append(made.root); init(); });
    requestAnimationFrame(() => performance.measure("night-drawn", { start: began, end: performance.now() }));
    return plot;
  }

  show(from, to) {
    const length = Math.min(this.data.end_s, Math.max(LEAST_S, to - from));
    const first = Math.min(this.data.end_s - length, Math.max(0, from));
    this.span = [first, first + length];
    this.plot.setScale("x", { min: this.span[0], max: this.span[1] });
    this.tell();
  }

  tell() {
    [mount.dataset.from, mount.dataset.to] = this.span.map(Math.round);
  }

  zoom(by, around = (this.span[0] + this.span[1]) / 2) {
    const [from, to] = this.span;
    this.show(around - (around - from) * by, around + (to - around) * by);
  }

  // By a share of what is shown.
  pan(share) {
    const by = share * (this.span[1] - this.span[0]);
    this.show(this.span[0] + by, this.span[1] + by);
  }

  get whole() { return this.span[0] <= 0 && this.span[1] >= this.data.end_s; }

  at(clientX) {
    const box = this.plot.over.getBoundingClientRect();
    return this.plot.posToVal(clientX - box.left, "x");
  }

  get secondsPerPixel() { return (this.span[1] - this.span[0]) / this.plot.over.clientWidth; }

  tap(clientX) {
    const t = this.at(clientX);
    const near = this.data.events
      .map((one) => [Math.abs(one - t), one])
      .filter(([far]) => far <= NEAR_PX * this.secondsPerPixel)
      .sort((a, b) => a[0] - b[0]);
    this.why(near.length ? near[0][1] : Math.min(this.data.end_s, Math.max(0, Math.round(t))));
  }

  step(by) {
    const times = this.data.events;
    const now = this.chosen ?? (by > 0 ? -1 : this.data.end_s + 1);
    const next = by > 0 ? times.find((t) => t > now) : times.findLast((t) => t < now);
    if (next === undefined) return;
    this.chosen = next;
    if (next < this.span[0] || next > this.span[1] || this.whole) this.show(next - 600, next + 600);
    else this.plot.redraw(false);
  }

  async why(t) {
    this.chosen = t;
    this.plot.redraw(false);
    let said;
    try {
      said = await load(`${live.dataset.from}/why/data?t=${t}`);
    } catch {
      said = { title: "", done: this.data.words.why_failed, reasons: [], parts: [] };
    }
    if (this.chosen !== t) return; // another moment was asked for meanwhile
    const close = make("button", this.data.words.close);
    close.addEventListener("click", () => { panel.hidden = true; this.chosen = null; this.plot.redraw(false); mount.focus(); });
    const [reasons, all] = [make("ul"), make("details")];
    reasons.append(...said.reasons.map((line) => make("li", line)));
    all.append(make("summary", this.data.words.why_all));
    for (const part of said.parts) all.append(make("h3", part.title), ...part.lines.map((line) => make("p", line)));
    panel.replaceChildren(make("h2", said.title), make("p", said.done));
    if (said.reasons.length) panel.append(reasons);
    if (said.parts.length) panel.append(all);
    panel.append(close);
    panel.hidden = false;
    panel.focus({ preventScroll: true });
    panel.scrollIntoView({ block: panel.offsetHeight > innerHeight / 2 ? "start" : "nearest" });
  }
}

function byHand(night) {
  const fingers = new Map();
  let moved = 0;
  mount.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    if (fingers.size === 0) moved = 0;
    fingers.set(event.pointerId, event.clientX);
    mount.setPointerCapture(event.pointerId);
  });
  mount.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (before === undefined) return;
    const others = [...fingers].filter(([id]) => id !== event.pointerId).map(([, x]) => x);
    fingers.set(event.pointerId, event.clientX);
    moved += Math.abs(event.clientX - before);
    if (others.length === 0) {
      const by = (before - event.clientX) * night.secondsPerPixel;
      night.show(night.span[0] + by, night.span[1] + by);
    } else {
      const apart = Math.abs(event.clientX - others[0]);
      if (apart > 8) night.zoom(Math.abs(before - others[0]) / apart, night.at((event.clientX + others[0]) / 2));
    }
  });
  const lift = (event) => {
    const was = fingers.delete(event.pointerId);
    if (was && event.type === "pointerup" && fingers.size === 0 && moved < 6) night.tap(event.clientX);
  };
  mount.addEventListener("pointerup", lift);
  mount.addEventListener("pointercancel", lift);
  mount.addEventListener("wheel", (event) => {
    if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      night.pan(event.deltaX / 600);
    } else {
      if (event.deltaY > 0 && night.whole) return; // nothing wider: the page itself may scroll on
      night.zoom(Math.exp(Math.min(Math.max(event.deltaY, -200), 200) / 400), night.at(event.clientX));
    }
    event.preventDefault();
  }, { passive: false });
}

function byKeys(night) {
  const moves = {
    earlier: () => night.pan(-0.25), later: () => night.pan(0.25), closer: () => night.zoom(0.5),
    wider: () => night.zoom(2), whole: () => night.show(0, night.data.end_s),
  };
  const keys = {
    ArrowLeft: moves.earlier, ArrowRight: moves.later, "+": moves.closer, "=": moves.closer, "-": moves.wider,
    Home: moves.whole, n: () => night.step(1), p: () => night.step(-1),
    Enter: () => night.why(night.chosen ?? Math.round((night.span[0] + night.span[1]) / 2)),
  };
  mount.addEventListener("keydown", (event) => {
    const move = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!move || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    move();
  });
  document.getElementById("moves").addEventListener("click", (event) => moves[event.target.dataset.move]?.());
  document.getElementById("events")?.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-t]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    night.why(Number(link.dataset.t));
  });
}

async function begin() {
  const data = await load(`${live.dataset.from}/data`);
  live.hidden = false;
  document.getElementById("still").hidden = true;
  const night = new Night(data);
  night.tell();
  byHand(night);
  byKeys(night);
  new ResizeObserver(() => night.plot.setSize({ width: mount.clientWidth, height: mount.clientHeight })).observe(mount);
  live.dataset.ready = "yes";
}

begin().catch(() => {}); // the picture that stands already says the same
