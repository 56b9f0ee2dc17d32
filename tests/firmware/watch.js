// A stand-in for a Bangle.js 2: its clock is virtual, its motor, radio, storage and screen are lists. It loads the real
// files of firmware/banglejs and is driven by a scenario. What it assumes of the firmware is written at each part.
"use strict";
const fs = require("fs");
const path = require("path");

const FOLDER = path.join(__dirname, "..", "..", "firmware", "banglejs");
const MODULES = { vigil_limits: "limits.js", vigil_packets: "packets.js" };
const BOOT_MS = 1790000000000; // some evening in 2026

class Watch {
  // twin: [file, from, to]: one text replaced in one file, to see that a test notices
  constructor(twin) {
    this.twin = twin;
    this.now = 0; // milliseconds that really passed
    this.skew = BOOT_MS; // what the watch's own clock is ahead of them
    this.files = {};
    this.writes = 0;
    this.diskFails = false;
    this.buzzes = []; // [start, end, strength] as the motor really ran
    this.sent = []; // [now, characteristic's number, hex]
    this.drawn = [];
    this.battery = 80;
    this.charging = false;
    this.wearing = true;
    this.off();
  }

  off() { // the program is gone; storage and clock stay
    this.timers = [];
    this.handlers = {};
    this.motor = null;
    this.promise = null;
    this.queue = [];
    this.connected = false;
    this.services = {};
    this.needsRestart = false;
    this.buttonWatch = null;
    this.touch = null;
    this.hrm = false;
    this.options = {};
    this.running = false;
  }

  source(file) {
    let text = fs.readFileSync(path.join(FOLDER, file), "utf8");
    if (this.twin && this.twin[0] === file) {
      if (!text.includes(this.twin[1])) throw new Error("the twin's text is not in " + file);
      text = text.replace(this.twin[1], this.twin[2]);
    }
    return text;
  }

  // ---- time ----
  at(ms, what, every) {
    const timer = { due: this.now + ms, what, every, id: ++Watch.ids };
    this.timers.push(timer);
    return timer.id;
  }

  clear(id) { this.timers = this.timers.filter((t) => t.id !== id); }

  pass(ms) {
    const end = this.now + ms;
    for (;;) {
      let next = null;
      for (const t of this.timers) if (t.due <= end && (!next || t.due < next.due)) next = t;
      if (!next) break;
      this.now = Math.max(this.now, next.due);
      if (next.every) next.due += next.every; else this.clear(next.id);
      next.what();
    }
    this.now = end;
  }

  // ---- motor: a buzz ends from an interrupt; one asked for meanwhile waits for it (jswrap_bangle.c, 2v2x) ----
  buzz(ms, strength) {
    if (!(ms > 0)) ms = 200;
    if (ms > 5000) ms = 5000;
    if (!(strength <= 1)) strength = 1;
    if (this.promise) { this.queue.push([ms, strength]); return; }
    this.promise = true;
    this.motorOn(strength);
    this.at(ms, () => {
      this.motorOff();
      this.promise = null;
      if (this.queue.length) this.buzz(...this.queue.shift());
    });
  }

  motorOn(strength) { this.motorOff(); this.motor = [this.now, this.now, strength]; }

  motorOff() {
    if (!this.motor) return;
    this.motor[1] = this.now;
    if (this.motor[1] > this.motor[0]) this.buzzes.push(this.motor);
    this.motor = null;
  }

  // ---- the program ----
  start() {
    const w = this;
    this.off();
    this.running = true;
    const on = (event, what) => (w.handlers[event] = w.handlers[event] || []).push(what);
    const noSelf = (proxy) => new Proxy(proxy, { get: (t, k) => (k in t ? t[k] : () => w.g) });
    this.g = noSelf({ getWidth: () => 176, getHeight: () => 176, drawString: (s) => { w.drawn.push(String(s)); return w.g; } });
    const storage = {
      read: (name) => w.files[name],
      readJSON: (name, quiet) => { try { return JSON.parse(w.files[name]); } catch (e) { return undefined; } },
      write: (name, text) => {
        if (w.diskFails) return false;
        if (w.cut) { delete w.files[name]; w.cut = false; throw new Error("power cut"); } // the old one goes first
        w.files[name] = text;
        w.writes++;
        return true;
      },
    };
    const Bangle = {
      buzz: (ms, s) => w.buzz(ms, s),
      setHRMPower: (p) => { w.hrm = !!p; },
      isCharging: () => w.charging,
      setOptions: (o) => { if ("btnLoadTimeout" in o && w.old) throw new Error("Unknown option"); Object.assign(w.options, o); },
      setPollInterval: (ms) => { w.poll = ms; },
      setLCDBrightness: () => {},
      setUI: (u) => { w.touch = u.touch; },
      on: (e, f) => on("Bangle." + e, f),
      removeListener: (e, f) => { w.handlers["Bangle." + e] = (w.handlers["Bangle." + e] || []).filter((h) => h !== f); },
    };
    const NRF = {
      setServices: (s) => { if (w.busyRadio) w.needsRestart = true; w.services = s; },
      updateServices: (s) => {
        if (w.needsRestart) throw new Error("Can't update services until BLE restart");
        for (const chars of Object.values(s)) for (const uuid of Object.keys(chars)) {
          const known = Object.values(w.services).find((c) => uuid in c);
          if (!known) throw new Error("Unable to find service with UUID " + uuid);
          const value = chars[uuid].value;
          if (value.length > (known[uuid].maxLen || known[uuid].value.length)) throw new Error("too long");
          known[uuid].value = value;
          if (w.connected && known[uuid].notify) w.sent.push([w.now, parseInt(uuid.slice(4, 8), 16), hex(value)]);
        }
      },
      getSecurityStatus: () => ({ connected: w.connected }),
      disconnect: () => { w.dropped = (w.dropped || 0) + 1; w.disconnect(); },
      on: (e, f) => on("NRF." + e, f),
    };
    class WatchDate extends Date { static now() { return w.now + w.skew; } }
    const cache = {};
    const require = (name) => {
      if (name === "Storage") return storage;
      if (!cache[name]) new Function("exports", "require", w.source(MODULES[name]))((cache[name] = {}), require);
      return cache[name];
    };
    this.require = require;
    const names = ["require", "Bangle", "NRF", "g", "E", "Date", "VIBRATE", "BTN1", "digitalWrite", "setWatch",
      "setTimeout", "setInterval", "clearTimeout"];
    const E = { getBattery: () => w.battery, on: (e, f) => on("E." + e, f) };
    const digitalWrite = (pin, value) => { if (pin !== "VIBRATE" || value !== 0) throw new Error("pin"); w.motorOff(); };
    const body = this.source("app.js") + "\nreturn { get spend() { return spend; }, get mode() { return mode; } };";
    this.inside = new Function(...names, body)(require, Bangle, NRF, this.g, E, WatchDate, "VIBRATE", "BTN1", digitalWrite,
      (f) => { w.buttonWatch = f; }, (f, ms) => w.at(ms, f), (f, ms) => w.at(ms, f, ms), (id) => w.clear(id));
    this.Bangle = Bangle;
  }

  kill() { this.emit("E.kill"); this.motorOff(); this.off(); } // load(), reset(), Bangle.off()

  crash() { this.motorOff(); this.off(); } // a hard reset: nobody is told

  emit(event, ...args) { for (const h of (this.handlers[event] || []).slice()) h(...args); }

  connect() {
    if (this.connected) return;
    this.connected = true;
    this.emit("NRF.connect", "11:22:33:44:55:66 public");
  }

  disconnect() {
    if (!this.connected) return;
    this.connected = false;
    this.needsRestart = false;
    this.emit("NRF.disconnect", 0x13);
  }

  char(number) {
    for (const chars of Object.values(this.services)) for (const [uuid, c] of Object.entries(chars))
      if (parseInt(uuid.slice(4, 8), 16) === number) return c;
    return undefined;
  }

  write(bytes) {
    const c = this.char(6);
    if (!c || !this.connected || bytes.length > c.maxLen) return;
    c.onWrite({ data: Uint8Array.from(bytes).buffer });
  }

  press(ms) {
    this.buttonWatch({ state: true, time: this.now / 1000 });
    this.pass(ms);
    this.buttonWatch({ state: false, time: this.now / 1000 });
  }

  tap(y) { this.touch(1, { x: 88, y }); }

  accel(x, y, z) { this.emit("Bangle.accel", { x, y, z, diff: 0, mag: Math.hypot(x, y, z) }); }

  heart(bpm, confidence) { if (this.hrm && this.wearing) this.emit("Bangle.HRM", { bpm, confidence }); }

  raw() { if (this.hrm) this.emit("Bangle.HRM-raw", { raw: 1, isWearing: this.wearing }); }
}
Watch.ids = 0;

function hex(bytes) { return Buffer.from(Uint8Array.from(bytes)).toString("hex"); }

// The checksum once more, by a table: a mistake in the app's own would else go unseen.
const TABLE = Array.from({ length: 256 }, (_, byte) => {
  for (let i = 0; i < 8; i++) byte = byte & 0x80 ? (byte << 1) ^ 0x107 : byte << 1;
  return byte;
});

function command(kind, serial, ms, strength) {
  const bytes = [0x10, kind, serial & 255, ms & 255, (ms >> 8) & 255, strength & 255];
  return bytes.concat([bytes.reduce((crc, byte) => TABLE[crc ^ byte], 0)]);
}

// mulberry32 (public domain): 32 bits of state, a number in [0, 1)
function chance(seed) {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

module.exports = { Watch, command, chance, hex, BOOT_MS };
