// What is drawn on the canvas of a night, from the top down: words, ribbons of sleep, heart, movement, hours.
const SLEEP = [0, 0.54]; // shares of the height, as in the poster that the server draws
const HEART = [0.6, 0.87];
const MOVEMENT = [0.9, 1];
export const TOP = 64; // room for words, in CSS pixels
const STEPS = [60, 300, 900, 1800, 3600, 7200, 14400, 21600];

// The range of the heart's scale over the whole height, so that its values fall into its own lane.
export function scaleOf(data) {
  const [low, high] = data.heart_range.length ? data.heart_range : [40, 100];
  const unit = (high - low) / (HEART[1] - HEART[0]);
  return [low - (1 - HEART[1]) * unit, high + HEART[0] * unit];
}

// As the server writes a time: by the night's own clock, to twelve or to twenty-four as the reader's locale counts.
export function clock(data, t, exact) {
  const from = data.lights_out_s;
  const s = Math.round(from === null ? t : from + t);
  const hours = Math.floor(s / 3600);
  const two = (n) => String(n).padStart(2, "0");
  const rest = `:${two(Math.floor(s / 60) % 60)}${exact ? `:${two(s % 60)}` : ""}`;
  if (from === null) return `+${hours}${rest}`;
  if (!data.halves) return `${two(hours % 24)}${rest}`;
  return `${(hours + 11) % 12 + 1}${rest}\u202f${data.halves[Math.floor(hours / 12) % 2]}`;
}

export function lanes(night) {
  const { data } = night;
  const root = getComputedStyle(document.documentElement);
  const colours = new Map();
  const colour = (name) => {
    if (!colours.has(name)) colours.set(name, root.getPropertyValue(`--${name}`).trim());
    return colours.get(name);
  };
  const letters = root.getPropertyValue("--sans");
  const narrow = window.matchMedia("(max-width: 40rem)").matches;
  const left = narrow ? 52 : 66;
  const size = narrow ? 13 : 15;
  const font = () => `${size * devicePixelRatio}px ${letters}`;
  const bar = (u) => u.bbox.height;
  const y = (u, share) => u.bbox.top + bar(u) * share;
  const x = (u, t) => u.valToPos(t, "x", true);
  const pattern = hatch(colour("line"));

  const tickStep = (u) => STEPS.find((step) => (night.span[1] - night.span[0]) / step <= u.bbox.width / devicePixelRatio / 66) ?? 43200;
  const offset = data.lights_out_s ?? 0;
  const splits = (u) => {
    const step = tickStep(u);
    const found = [];
    for (let t = Math.ceil((night.span[0] + offset) / step) * step - offset; t <= night.span[1]; t += step) found.push(t);
    return found;
  };

  // Hours and heart rates as faint lines, then what was noticed: everything else is drawn over them.
  function under(u) {
    const { ctx } = u;
    saved(u, () => {
      ctx.strokeStyle = colour("rule");
      ctx.lineWidth = devicePixelRatio;
      for (const at of splits(u).map((t) => x(u, t))) line(ctx, at, u.bbox.top, at, u.bbox.top + bar(u));
      for (const at of marksOf().map((bpm) => u.valToPos(bpm, "bpm", true))) line(ctx, u.bbox.left, at, u.bbox.left + u.bbox.width, at);
    });
    within(u, () => {
      for (const one of data.suspicions) {
        const [a, b] = [x(u, one.from_s), x(u, one.to_s)];
        ctx.fillStyle = colour(one.token);
        ctx.globalAlpha = 0.2;
        ctx.fillRect(a, u.bbox.top, Math.max(2, b - a), bar(u));
      }
    });
  }

  // A ribbon is as thick as its stage is likely; where it is the likeliest it is full, elsewhere faint.
  function ribbons(u) {
    const { ctx } = u;
    const rowHigh = (bar(u) * (SLEEP[1] - SLEEP[0])) / data.rows.length;
    const first = Math.max(0, Math.floor(night.span[0] / data.epoch_s) - 1);
    const last = Math.min(data.stages.length - 1, Math.ceil(night.span[1] / data.epoch_s) + 1);
    data.rows.forEach((row, place) => {
      const middle = y(u, 0) + rowHigh * (place + 0.5);
      const half = (i) => Math.max(devicePixelRatio, rowHigh * 0.46 * (data.p[i].length ? data.p[i][place] / 100 : 1));
      const likely = (i) => data.stages[i] !== "-" && (data.p[i].length ? data.p[i][place] >= 2 : data.stages[i] === row.stage);
      ctx.fillStyle = colour(row.token);
      for (const [alpha, there] of [[0.26, likely], [1, (i) => data.stages[i] === row.stage]]) {
        ctx.globalAlpha = alpha;
        for (let i = first; i <= last; i++) {
          if (!there(i)) continue;
          const from = i;
          while (i < last && there(i + 1)) i++;
          shape(u, ctx, from, i, middle, half);
        }
      }
    });
    ctx.globalAlpha = 1;
  }

  function shape(u, ctx, from, to, middle, half) {
    const e = data.epoch_s;
    const at = (i) => x(u, (i + 0.5) * e);
    ctx.beginPath();
    ctx.moveTo(x(u, from * e), middle - half(from));
    for (let i = from; i <= to; i++) ctx.lineTo(at(i), middle - half(i));
    ctx.lineTo(x(u, (to + 1) * e), middle - half(to));
    ctx.lineTo(x(u, (to + 1) * e), middle + half(to));
    for (let i = to; i >= from; i--) ctx.lineTo(at(i), middle + half(i));
    ctx.lineTo(x(u, from * e), middle + half(from));
    ctx.fill();
  }

  // Thin lines from one stage to the next.
  function risers(u) {
    const { ctx } = u;
    const rowHigh = (bar(u) * (SLEEP[1] - SLEEP[0])) / data.rows.length;
    const middle = (letter) => y(u, 0) + rowHigh * (data.rows.findIndex((row) => row.stage === letter) + 0.5);
    ctx.strokeStyle = colour("faint");
    ctx.globalAlpha = 0.4;
    ctx.lineWidth = devicePixelRatio;
    for (let i = 1; i < data.stages.length; i++) {
      const [before, now] = [data.stages[i - 1], data.stages[i]];
      if (before === now || before === "-" || now === "-") continue;
      const at = x(u, i * data.epoch_s);
      line(ctx, at, middle(before), at, middle(now));
    }
    ctx.globalAlpha = 1;
  }

  // The heart rates that are written beside its lane.
  function marksOf() {
    if (!data.heart_range.length) return [];
    const [low, high] = data.heart_range;
    const step = [5, 10, 20, 50].find((each) => (high - low) / each <= 4) ?? 100;
    const found = [];
    for (let bpm = Math.ceil(low / step) * step; bpm <= high; bpm += step) found.push(bpm);
    return found;
  }

  function base(u) {
    const { ctx } = u;
    ctx.strokeStyle = colour("heart");
    ctx.globalAlpha = 0.3;
    ctx.lineWidth = 5 * devicePixelRatio;
    ctx.lineJoin = ctx.lineCap = "round";
    ctx.beginPath();
    let pen = false;
    data.base.forEach((bpm, i) => {
      if (!bpm) { pen = false; return; }
      const to = [x(u, (i + 0.5) * data.epoch_s), u.valToPos(bpm, "bpm", true)];
      if (pen) ctx.lineTo(...to); else ctx.moveTo(...to);
      pen = true;
    });
    ctx.stroke();
    ctx.globalAlpha = 1;
  }

  function movement(u) {
    const { ctx } = u;
    const tall = data.movement.map((g) => Math.sqrt(Math.max(0, g / 100 - 0.02)));
    const most = tall.reduce((a, b) => Math.max(a, b), 1.35);
    const [foot, room] = [y(u, 1), bar(u) * (MOVEMENT[1] - MOVEMENT[0])];
    ctx.fillStyle = colour("movement");
    ctx.globalAlpha = 0.85;
    tall.forEach((high, i) => {
      if (high <= 0) return;
      const [a, b] = [x(u, i * data.epoch_s), x(u, (i + 1) * data.epoch_s)];
      ctx.fillRect(a, foot - (room * high) / most, Math.max(1, b - a), (room * high) / most);
    });
    ctx.globalAlpha = 1;
  }

  function blind(u) {
    const { ctx } = u;
    ctx.fillStyle = ctx.createPattern(pattern, "repeat");
    for (const [from, to] of data.blind) ctx.fillRect(x(u, from), u.bbox.top, Math.max(2, x(u, to) - x(u, from)), bar(u));
  }

  function marks(u) {
    const { ctx } = u;
    ctx.font = font();
    const rows = [[], [], []];
    const shown = (t) => t >= night.span[0] && t <= night.span[1];
    for (const one of data.labels.filter((each) => shown(each.t_s))) {
      ctx.strokeStyle = ctx.fillStyle = colour(one.token);
      ctx.lineWidth = devicePixelRatio;
      words(u, ctx, rows, x(u, one.t_s), one.words);
    }
    ctx.strokeStyle = ctx.fillStyle = colour("nudge");
    for (const at of data.nudges.filter(shown).map((t) => x(u, t))) {
      line(ctx, at, u.bbox.top, at, u.bbox.top + bar(u));
      diamond(ctx, at, u.bbox.top, 6 * devicePixelRatio);
    }
    if (night.chosen !== null && shown(night.chosen)) {
      ctx.strokeStyle = colour("bright");
      ctx.lineWidth = 2 * devicePixelRatio;
      const at = x(u, night.chosen);
      line(ctx, at, u.bbox.top, at, u.bbox.top + bar(u));
    }
  }

  function words(u, ctx, rows, at, text) {
    const wide = ctx.measureText(text).width;
    const begin = Math.min(Math.max(at - wide / 2, 4), ctx.canvas.width - wide - 4);
    const row = rows.findIndex((spans) => spans.every(([a, b]) => begin > b + 12 || begin + wide < a - 12));
    if (row < 0) return;
    rows[row].push([begin, begin + wide]);
    const high = u.bbox.top - (12 + row * size * 1.4) * devicePixelRatio;
    ctx.textAlign = "left";
    ctx.fillText(text, begin, high);
    line(ctx, at, high + 4 * devicePixelRatio, at, u.bbox.top);
  }

  function names(u) {
    const { ctx } = u;
    ctx.font = font();
    ctx.textAlign = "right";
    const edge = u.bbox.left - 8 * devicePixelRatio;
    data.rows.forEach((row, place) => {
      ctx.fillStyle = colour(row.token);
      ctx.fillText(row.words, edge, y(u, (SLEEP[1] * (place + 0.5)) / data.rows.length) + size * 0.35 * devicePixelRatio);
    });
    ctx.fillStyle = colour("faint");
    for (const bpm of marksOf()) ctx.fillText(String(bpm), edge, u.valToPos(bpm, "bpm", true) + size * 0.35 * devicePixelRatio);
    if (data.heart_range.length) return;
    ctx.textAlign = "left";
    ctx.fillText(data.words.no_heart, u.bbox.left, y(u, (HEART[0] + HEART[1]) / 2));
  }

  const hooks = {
    drawClear: [under, (u) => within(u, () => { risers(u); ribbons(u); base(u); movement(u); })],
    draw: [(u) => within(u, () => blind(u)), (u) => saved(u, () => { names(u); marks(u); })],
  };
  const series = { scale: "bpm", stroke: colour("heart"), width: narrow ? 1 : 1.2, points: { show: false }, spanGaps: false };
  const axes = [
    {
      stroke: colour("faint"), font: `${size}px ${letters}`, size: 34, gap: 8,
      grid: { show: false }, ticks: { show: false }, splits,
      values: (u, at) => at.map((t) => clock(data, t, tickStep(u) < 60)),
    },
    { show: true, scale: "bpm", size: left, side: 3, values: () => [], grid: { show: false }, ticks: { show: false } },
  ];
  return [series, hooks, axes];
}

// uPlot remembers what it set on the context and sets it no second time: whatever is changed is put back.
function saved(u, draw) {
  u.ctx.save();
  draw();
  u.ctx.restore();
}

function within(u, draw) {
  saved(u, () => {
    u.ctx.beginPath();
    u.ctx.rect(u.bbox.left, u.bbox.top - 1, u.bbox.width, u.bbox.height + 2);
    u.ctx.clip();
    draw();
  });
}

function line(ctx, x0, y0, x1, y1) {
  ctx.beginPath();
  ctx.moveTo(x0, y0);
  ctx.lineTo(x1, y1);
  ctx.stroke();
}

function diamond(ctx, x, y, r) {
  ctx.beginPath();
  ctx.moveTo(x, y - r);
  ctx.lineTo(x + r, y);
  ctx.lineTo(x, y + r);
  ctx.lineTo(x - r, y);
  ctx.fill();
}

function hatch(colour) {
  const made = document.createElement("canvas");
  made.width = made.height = 8;
  const ctx = made.getContext("2d");
  ctx.strokeStyle = colour;
  ctx.globalAlpha = 0.6;
  ctx.lineWidth = 1.4;
  for (const at of [-8, 0, 8]) {
    ctx.beginPath();
    ctx.moveTo(at, 8);
    ctx.lineTo(at + 8, 0);
    ctx.stroke();
  }
  return made;
}
