// node run.js scenes [TWIN]                  every short scene, as {name: result}
// node run.js hostile COMMANDS SEED [TWIN]   random commands, restarts, clocks and files, as {buzzes, ...}
// TWIN: ["limits.js", "text", "other text"] as JSON; the program is then no longer the one that is shipped.
"use strict";
const { Watch, command, chance, BOOT_MS } = require("./watch.js");

const PULSE = 1, STILL = 2, TOP = 40, BOTTOM = 150;

function armed(twin) {
  const w = new Watch(twin);
  w.start();
  w.connect();
  w.tap(BOTTOM);
  w.pass(11000); // after a start nothing is given for ten seconds
  return w;
}

function body(w, seconds) { // a quiet sleeper: 12 or 13 samples a second, a heart rate a second
  for (let s = 0; s < seconds; s++) {
    for (let i = 0; i < 12; i++) { w.accel(0.012 + 0.001 * i, -0.5, 0.87); w.pass(80); }
    w.heart(61, 96);
    w.raw();
    w.pass(40);
  }
}

const SCENES = {
  pulse(w) { w.write(command(PULSE, 1, 300, 40)); w.pass(2000); },
  not_started(_w, twin) { const w = new Watch(twin); w.start(); w.connect(); w.pass(11000); w.write(command(PULSE, 1, 300, 40)); w.pass(2000); return w; },
  just_started(_w, twin) { const w = new Watch(twin); w.start(); w.connect(); w.tap(BOTTOM); w.write(command(PULSE, 1, 300, 40)); w.pass(2000); return w; },
  too_long(w) { w.write(command(PULSE, 1, 1001, 40)); w.pass(2000); },
  no_length(w) { w.write(command(PULSE, 1, 0, 40)); w.pass(2000); },
  too_strong(w) { w.write(command(PULSE, 1, 300, 81)); w.pass(2000); },
  repeated(w) { for (let i = 0; i < 5; i++) { w.write(command(PULSE, 1, 100, 40)); w.pass(1000); } },
  older(w) { w.write(command(PULSE, 9, 100, 40)); w.pass(1000); w.write(command(PULSE, 8, 100, 40)); w.pass(1000); },
  around(w) { for (let i = 1; i <= 300; i++) { w.write(command(PULSE, i, 60, 10)); w.pass(1500); } },
  garbled(w) {
    const good = command(PULSE, 1, 300, 40);
    for (let bit = 0; bit < 56; bit++) { const bad = good.slice(); bad[bit >> 3] ^= 1 << (bit & 7); w.write(bad); w.pass(200); }
    for (let n = 0; n < 7; n++) { w.write(good.slice(0, n)); w.pass(200); }
  },
  burst(w) { for (let i = 1; i <= 40; i++) { w.write(command(PULSE, i, 500, 80)); w.pass(600); } },
  night(w) { for (let i = 1; i <= 200; i++) { w.write(command(PULSE, i, 1000, 80)); w.pass(10000); } },
  still(w) { w.write(command(PULSE, 1, 1000, 40)); w.pass(200); w.write(command(STILL, 1, 0, 0)); w.pass(3000); },
  disconnect(w) { w.write(command(PULSE, 1, 1000, 40)); w.pass(150); w.disconnect(); w.pass(3000); },
  awake(w) { w.write(command(PULSE, 1, 1000, 40)); w.pass(100); w.press(200); w.pass(2000); w.write(command(PULSE, 2, 200, 40)); w.pass(2000); },
  awake_is_over(w) { w.press(100); w.pass(901000); w.write(command(PULSE, 1, 200, 40)); w.pass(2000); },
  stop(w) { w.write(command(PULSE, 1, 1000, 40)); w.pass(100); w.press(1500); w.pass(3600000); w.write(command(PULSE, 2, 200, 40)); w.pass(2000); },
  exit(w) { w.write(command(PULSE, 1, 1000, 40)); w.pass(100); w.emit("E.kill"); w.pass(100); },
  alarm(w) { w.Bangle.buzz(400, 1); w.write(command(PULSE, 1, 300, 40)); w.pass(1000); w.write(command(PULSE, 2, 300, 40)); w.pass(7000); w.write(command(PULSE, 3, 300, 40)); w.pass(1000); },
  full_disk(w) { w.diskFails = true; w.write(command(PULSE, 1, 300, 40)); w.pass(2000); },
  old_firmware(_w, twin) { const w = new Watch(twin); w.old = true; w.start(); w.connect(); w.tap(BOTTOM); w.pass(11000); w.write(command(PULSE, 1, 300, 40)); w.pass(2000); return w; },
  busy_radio(_w, twin) { const w = new Watch(twin); w.busyRadio = true; w.start(); w.connected = true; w.tap(BOTTOM); w.busyRadio = false; w.pass(3000); w.connect(); body(w, 2); return w; },
  restart(w) { spend(w, 60); w.crash(); w.start(); again(w); },
  restart_next_evening(w) { spend(w, 60); w.crash(); w.pass(18.3 * 3600000); w.start(); again(w); },
  restart_clock_reset(w) { spend(w, 60); w.crash(); w.skew = -w.now; w.start(); again(w); w.skew = BOOT_MS; w.pass(2000); w.connect(); w.write(command(PULSE, 101, 200, 40)); w.pass(1000); },
  clock_set_forward(w) { spend(w, 60); w.skew += 40 * 3600000; w.pass(2000); w.write(command(PULSE, 101, 200, 40)); w.pass(1000); w.crash(); w.start(); again(w); },
  files_unreadable(w) { w.crash(); for (const f of Object.keys(w.files)) w.files[f] = w.files[f].replace("1", "2"); w.start(); again(w); w.crash(); w.pass(18.3 * 3600000); w.start(); again(w); },
  one_file_lost(w) { spend(w, 59); const newest = w.inside.spend.seq % 2 ? "vigil.b.json" : "vigil.a.json"; w.crash(); delete w.files[newest]; w.start(); again(w); },
  both_files_lost(w) { spend(w, 60); w.crash(); delete w.files["vigil.a.json"]; delete w.files["vigil.b.json"]; w.start(); again(w); },
  power_cut(w) { spend(w, 59); w.cut = true; w.write(command(PULSE, 100, 1000, 80)); w.crash(); w.start(); again(w); },
  night_of_packets(w) { body(w, 61); w.wearing = false; body(w, 6); w.charging = true; w.emit("Bangle.charging", true); body(w, 2); w.accel(-9, 0.2, 3); w.accel(9, 0.1, 3.0006); w.pass(1000); },
  buttons(w) { w.press(100); w.pass(4000); w.tap(TOP); w.pass(4000); w.press(1200); w.pass(4000); w.tap(TOP); w.pass(4000); },
  settings_silent(_w, twin) { const w = new Watch(twin); w.files["setting.json"] = '{"vibrate":false}'; w.start(); w.connect(); w.tap(BOTTOM); w.pass(1000); return w; },
};

function spend(w, seconds) { // whole seconds of vibration, ten seconds apart
  for (let i = 1; i <= seconds; i++) { w.write(command(PULSE, i, 1000, 80)); w.pass(10000); }
}

function again(w) {
  w.connect();
  w.tap(BOTTOM);
  w.pass(11000);
  w.marked = (w.marked || []).concat([w.buzzes.length]);
  w.write(command(PULSE, w.inside.spend.last + 1, 1000, 40));
  w.pass(3000);
  w.marked.push(w.buzzes.length);
}

function report(w) {
  const s = w.inside && w.inside.spend;
  return { now: w.now, buzzes: w.buzzes, sent: w.sent, mode: w.inside && w.inside.mode, marked: w.marked || [], writes: w.writes,
    dropped: w.dropped || 0, motor: !!w.motor, options: w.options, poll: w.poll, words: [...new Set(w.drawn)],
    state: s && { ignored: s.ignored, left: w.running ? w.require("vigil_limits").left(s) : null, last: s.last, spent: s.spent },
    readable: w.char(4) ? Buffer.from(Uint8Array.from(w.char(4).value)).toString("hex") : "" };
}

function scenes(twin) {
  const results = {};
  for (const [name, scene] of Object.entries(SCENES)) {
    const w = armed(twin);
    results[name] = report(scene(w, twin) || w);
  }
  results.crc = { table: command(PULSE, 7, 300, 40)[6], check: crcOf("123456789") };
  return results;
}

function crcOf(text) {
  const w = armed();
  return w.require("vigil_limits").crc8([...Buffer.from(text)], text.length);
}

// What one turn does besides a command: [chance, what]. A clock is set only while the program runs and sees it.
const TROUBLES = [
  [0.02, (w) => w.disconnect()],
  [0.5, (w) => w.connect()],
  [0.01, (w, r) => { r() < 0.5 ? w.kill() : w.crash(); w.pass(r() < 0.1 ? r() * 30 * 3600000 : r() * 20000); w.start(); w.connect(); }],
  [0.01, (w, r) => { w.skew += (r() - 0.5) * 2 * 40 * 3600000; w.pass(2100); }],
  [0.003, (w, r) => flip(w, r)],
  [0.002, (w) => { for (const name of Object.keys(w.files)) w.files[name] = w.files[name].replace(/[0-9]/, "x"); }],
  [0.002, (w) => { w.cut = true; }],
  [0.002, (w) => w.press(100)],
  [0.002, (w) => w.press(1200)],
  [0.2, (w) => { if (w.inside.mode !== 1 && w.inside.mode !== 2) w.tap(BOTTOM); }],
  [0.003, (w) => w.pass(900000)],
  [0.001, (w) => w.pass(18.3 * 3600000)],
  [0.004, (w, r) => spurt(w, r)],
];

function spurt(w, r) { // as much as can be asked for, as fast as it can be given
  const ms = 100 + Math.floor(r() * 901);
  for (let i = 0; i < 60; i++) { w.write(command(PULSE, w.inside.spend.last + 1, ms, 80)); w.pass(ms + 60); }
}

function flip(w, r) { // one bit of one file of the program's
  const names = Object.keys(w.files);
  const name = names[Math.floor(r() * names.length)];
  const at = Math.floor(r() * w.files[name].length);
  w.files[name] = w.files[name].slice(0, at) + String.fromCharCode(w.files[name].charCodeAt(at) ^ (1 << Math.floor(r() * 7))) + w.files[name].slice(at + 1);
}

const LENGTHS = [0, 1, 49, 50, 999, 1000, 1001, 1050, 2000, 65535], STRENGTHS = [0, 1, 79, 80, 81, 100, 255];

function one(list, r) { return list[Math.floor(r() * list.length)]; }

function randomCommand(w, r) {
  const kind = r() < 0.93 ? PULSE : r() < 0.6 ? STILL : Math.floor(r() * 256);
  const serial = r() < 0.9 ? w.inside.spend.last + 1 : Math.floor(r() * 256);
  const ms = r() < 0.85 ? 50 + Math.floor(r() * 951) : r() < 0.5 ? one(LENGTHS, r) : Math.floor(r() * 65536);
  const strength = r() < 0.85 ? 1 + Math.floor(r() * 80) : r() < 0.5 ? one(STRENGTHS, r) : Math.floor(r() * 256);
  const bytes = command(kind, serial, ms, strength);
  if (r() < 0.1) bytes[Math.floor(r() * 7)] ^= 1 << Math.floor(r() * 8);
  return r() < 0.03 ? bytes.slice(0, Math.floor(r() * 7)) : bytes;
}

function hostile(commands, seed, twin) {
  const r = chance(seed), w = armed(twin);
  for (let i = 0; i < commands; i++) {
    for (const [p, what] of TROUBLES) if (r() < p) what(w, r);
    w.write(randomCommand(w, r));
    w.pass(r() < 0.5 ? r() * 600 : r() < 0.9 ? r() * 4000 : r() < 0.95 ? r() * 60000 : r() * 600000);
    w.sent.length = 0;
    w.drawn.length = 0;
  }
  w.disconnect();
  return { buzzes: w.buzzes, now: w.now, motor: !!w.motor, writes: w.writes };
}

const [what, ...rest] = process.argv.slice(2);
const twinOf = (text) => (text ? JSON.parse(text) : undefined);
const result = what === "scenes" ? scenes(twinOf(rest[0])) : hostile(Number(rest[0]), Number(rest[1]), twinOf(rest[2]));
process.stdout.write(JSON.stringify(result));
