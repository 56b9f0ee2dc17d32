/* Vigil on the wrist: tells a computer the heart rate and movement of a sleeper, and gives the pulses it asks for,
   within limits that nothing sent from outside can change. README.md has the states, the packets and the limits. */

var limits = require("vigil_limits"), packets = require("vigil_packets"), storage = require("Storage");

var SERVICE = "83d10001-ad30-48bd-9bb7-b2cbafd65d4d";
var HEART = "83d10002-ad30-48bd-9bb7-b2cbafd65d4d", MOTION = "83d10003-ad30-48bd-9bb7-b2cbafd65d4d";
var STATE = "83d10004-ad30-48bd-9bb7-b2cbafd65d4d", BUTTON = "83d10005-ad30-48bd-9bb7-b2cbafd65d4d";
var COMMAND = "83d10006-ad30-48bd-9bb7-b2cbafd65d4d";
var FILES = ["vigil.a.json", "vigil.b.json"], USED = "vigil.used.json"; // the last is written once and stays

var IDLE = 0, WATCHING = 1, AWAKE = 2, STOPPED = 3;
var WORDS = ["Start", "Watching", "Awake", "Stopped"];
var MARK_AWAKE = 1, MARK_STOP = 2, MARK_DREAM = 3, MARK_START = 4;

var AWAKE_MS = 900000; // a press keeps the motor off for so long, as the guard of Vigil does
var HOLD_MS = 1000; // a press so long is "stop"
var STATE_S = 60; // seconds between two states if nothing changes
var AGAIN = 2; // a press is told so many times more, a second apart: a notification can be lost
var FOREIGN_MS = 6000; // after another app asked for vibration ours would wait in its queue: so long, none is asked for

var spend = limits.restore(storage.read(FILES[0]), storage.read(FILES[1]), storage.read(USED) !== undefined, Date.now());
var mode = IDLE, awakeUntil = 0, linked = false, worn = 255, seconds = 0, told = "", restartAt = 0;
var seq = { heart: 0, motion: 0, button: 0 }, pressed, again = 0;
var silenced = false, motorTimer, holdTimer, foreignUntil = 0, summary = packets.second();
var firmwareBuzz = Bangle.buzz;

/* ---- the motor ---- */

function write(name, text) {
  try {
    return storage.write(name, text) !== false;
  } catch (e) {
    return false;
  }
}

function save() {
  return write(FILES[(spend.seq + 1) % 2], limits.text(spend));
}

/* Only ours: another app's vibration is left alone. */
function off() {
  if (motorTimer !== undefined) digitalWrite(VIBRATE, 0);
}

/* The firmware ends a buzz from an interrupt, so it ends although this program hangs; the timer is the second end.
   It runs to the end that was planned although off() came before: a second buzz would wait in the firmware's queue. */
function pulse(ms, strength) {
  if (!save()) return;
  motorTimer = setTimeout(function () { off(); motorTimer = undefined; }, ms + 50);
  firmwareBuzz.call(Bangle, ms, strength / 100);
}

/* Others may vibrate the watch (an alarm must ring); ours keeps away meanwhile. */
Bangle.buzz = function (ms, strength) {
  foreignUntil = spend.clock + FOREIGN_MS;
  return firmwareBuzz.call(Bangle, ms, strength);
};

function onCommand(evt) {
  var ready = mode == WATCHING && linked && motorTimer === undefined && spend.clock >= foreignUntil;
  var order = limits.judge(spend, new Uint8Array(evt.data), ready);
  if (order.act == limits.STILL) off();
  if (order.act == limits.PULSE) pulse(order.ms, order.strength);
  tellState(true);
}

/* ---- the radio ---- */

function serve() {
  var chars = {};
  chars[HEART] = { value: packets.heart(0, 0, 0), maxLen: 5, notify: true };
  chars[MOTION] = { value: packets.motion(0, 0, [0, 0, 0], [0, 0, 0], [0, 0, 0]), maxLen: 20, notify: true };
  chars[STATE] = { value: stateBytes(), maxLen: 9, readable: true, notify: true };
  chars[BUTTON] = { value: packets.button(0, 0), maxLen: 3, notify: true };
  chars[COMMAND] = { value: [0, 0, 0, 0, 0, 0, 0], maxLen: limits.COMMAND_BYTES, writable: true, onWrite: onCommand };
  var services = {};
  services[SERVICE] = chars;
  NRF.setServices(services, { uart: true });
}

/* Services set before make the radio want a restart, which only a disconnection gives; once a minute at most. */
function tell(uuid, bytes) {
  var chars = {}, services = {};
  chars[uuid] = { value: bytes, notify: true };
  services[SERVICE] = chars;
  try {
    NRF.updateServices(services);
  } catch (e) {
    if (spend.clock < restartAt) return;
    restartAt = spend.clock + 60000;
    if (("" + e).indexOf("restart") >= 0) NRF.disconnect();
    else serve();
  }
}

function flags() {
  return (mode != IDLE ? 1 : 0) | (mode == STOPPED ? 2 : 0) | (mode == AWAKE ? 4 : 0) | (spend.spent ? 8 : 0) |
    (silenced ? 16 : 0) | (Bangle.isCharging() ? 32 : 0);
}

function stateBytes() {
  var on = Bangle.isCharging() ? 0 : worn;
  return packets.state(E.getBattery(), on, flags(), spend.last, spend.ignored, limits.left(spend));
}

/* The watch's own settings can switch every vibration off; then nothing of ours is felt. */
function lookAtSettings() {
  silenced = (storage.readJSON("setting.json", true) || {}).vibrate === false;
}

/* always: also if nothing has changed. The value can be read at any time, so it is kept up to date without a link too. */
function tellState(always) {
  var now = flags() + "," + worn;
  if (!always && now == told) return;
  told = now;
  tell(STATE, stateBytes());
}

function mark(kind) {
  seq.button = (seq.button + 1) & 255;
  pressed = packets.button(kind, seq.button);
  again = AGAIN;
  tell(BUTTON, pressed);
}

/* ---- what the sleeper says ---- */

function enter(to) {
  off();
  mode = to;
  Bangle.setHRMPower(to != IDLE, "vigil");
  tellState(true);
  draw();
}

function awake() {
  if (mode != WATCHING && mode != AWAKE) return;
  awakeUntil = spend.clock + AWAKE_MS;
  mark(MARK_AWAKE);
  enter(AWAKE);
}

function stop() {
  if (mode == IDLE || mode == STOPPED) return;
  mark(MARK_STOP);
  enter(STOPPED);
}

function start() {
  mark(MARK_START);
  enter(WATCHING);
}

function onButton(e) {
  if (e.state) {
    off();
    holdTimer = setTimeout(function () { holdTimer = undefined; stop(); }, HOLD_MS);
  } else if (holdTimer !== undefined) {
    clearTimeout(holdTimer);
    holdTimer = undefined;
    awake();
  }
}

function onTouch(_side, xy) {
  if (mode == IDLE || mode == STOPPED) start();
  else if (xy.y < g.getHeight() / 2) mark(MARK_DREAM);
  else stop();
}

/* ---- what the body says ---- */

function onHeart(h) {
  if (mode == IDLE || !linked) return;
  seq.heart = (seq.heart + 1) & 255;
  tell(HEART, packets.heart(seq.heart, h.bpm, h.confidence));
}

function onMotion(a) {
  summary.add(a);
}

/* One look at the raw signal tells whether the sensor sees skin; at 25 Hz all the time it would cost battery. */
function onRaw(h) {
  Bangle.removeListener("HRM-raw", onRaw);
  worn = h.isWearing === undefined ? 255 : h.isWearing ? 1 : 0;
}

function tick() {
  limits.tick(spend, Date.now());
  if (spend.set && save() && save()) spend.set = false; // in both files, so that neither tells the clock before
  seconds++;
  if (mode == AWAKE && spend.clock >= awakeUntil) enter(WATCHING);
  var one = summary.take();
  if (mode == IDLE) return;
  if (seconds % 5 == 0) {
    Bangle.removeListener("HRM-raw", onRaw);
    Bangle.on("HRM-raw", onRaw);
  }
  if (seconds % STATE_S == 0) lookAtSettings();
  tellState(seconds % STATE_S == 0);
  if (!linked) return;
  if (one) {
    seq.motion = (seq.motion + 1) & 255;
    tell(MOTION, packets.motion(seq.motion, one.count, one.low, one.high, one.mean));
  }
  if (again > 0) {
    again--;
    tell(BUTTON, pressed);
  }
}

/* ---- the screen: black, dim, a word ---- */

function draw() {
  g.reset().setBgColor(0, 0, 0).clear().setColor(1, 0, 0).setFontAlign(0, 0).setFont("Vector", 30);
  g.drawString(WORDS[mode], g.getWidth() / 2, g.getHeight() / 2);
  g.setFont("Vector", 16).drawString(linked ? "linked" : "no link", g.getWidth() / 2, g.getHeight() - 14);
  if (mode == WATCHING || mode == AWAKE) {
    g.drawString("bad dream", g.getWidth() / 2, 14);
    g.drawString("stop", g.getWidth() / 2, g.getHeight() * 3 / 4);
  }
}

/* An option that this firmware does not know must not stop the others. */
function option(name, value) {
  var o = {};
  o[name] = value;
  try {
    Bangle.setOptions(o);
  } catch (e) {
    return;
  }
}

function link(on) {
  off();
  linked = on;
  draw();
}

/* ---- beginning and end ---- */

lookAtSettings();
if (save()) write(USED, "1"); // so that the next start finds what this one knows, or knows that it is lost
option("powerSave", false); // else a still arm is looked at every 800 ms only
option("wakeOnFaceUp", false);
option("wakeOnTouch", false);
option("wakeOnTwist", false);
option("backlightTimeout", 3000);
option("lockTimeout", 5000);
option("btnLoadTimeout", 5000); // five seconds leave the app; a second is "stop"
Bangle.setPollInterval(80); // 12.5 Hz
Bangle.setLCDBrightness(0.1);
linked = !!NRF.getSecurityStatus().connected;
NRF.on("connect", function () { link(true); tellState(true); });
NRF.on("disconnect", function () { link(false); });
E.on("kill", function () { mode = IDLE; off(); });
Bangle.on("HRM", onHeart);
Bangle.on("accel", onMotion);
Bangle.on("charging", function () { tellState(false); });
Bangle.setUI({ mode: "custom", touch: onTouch });
setWatch(onButton, BTN1, { edge: "both", repeat: true, debounce: 50 });
setInterval(tick, 1000);
serve();
draw();
