/* The hard limits of the watch, as pure functions: no clock, no motor, no radio and no file is touched here.
   The app and its tests load this same file. Every number below is our own choice; the README says why.
   Written in the part of JavaScript that Espruino 2v20 and later runs (espruino.com/Features). */

var L = exports.LIMITS = {
  PULSE_MS: 1000, // longest single pulse
  LEAST_MS: 50, // shortest: the motor does not start below it, and a list of pulses stays short
  STRENGTH: 80, // strongest, percent
  BURST_MS: 6000, // most vibration in any BURST_SPAN_MS
  BURST_SPAN_MS: 10000,
  NIGHT_MS: 60000, // most vibration in any NIGHT_SPAN_MS
  NIGHT_SPAN_MS: 64800000, // 18 hours, as the guard of Vigil counts
  BUCKET_MS: 900000, // the night is remembered in quarters of an hour, each forgotten late and never early
  TICK_MS: 1000, // the app counts so; whatever is given is taken to end a tick later than it does
  SET_MS: 2000, // a clock that moves by so much more or less than a tick was set
  SANE_MS: 1704067200000 // 2024-01-01: a clock before it was never set
};

exports.HEAD = 0x10; // version 1 in the upper half
exports.COMMAND_BYTES = 7;
exports.PULSE = 1;
exports.STILL = 2;

/* CRC-8 with polynomial x^8+x^2+x+1, no inversion (SMBus 3.1, section 5.4.1, packet error code). */
function crc8(bytes, count) {
  var crc = 0;
  for (var i = 0; i < count; i++) {
    crc ^= bytes[i];
    for (var bit = 0; bit < 8; bit++) crc = crc & 128 ? ((crc << 1) ^ 7) & 255 : crc << 1;
  }
  return crc;
}
exports.crc8 = crc8;

/* Fletcher's checksum over the characters of a text, 0 to 65535 (RFC 1146, appendix I, modulo 255). */
function fletcher(text) {
  var a = 0, b = 0;
  for (var i = 0; i < text.length; i++) {
    a = (a + text.charCodeAt(i)) % 255;
    b = (b + a) % 255;
  }
  return b * 256 + a;
}

/* What the watch remembers. clock: milliseconds by the app's own ticks, which nothing sets; wall: the watch's clock at
   the last tick; night: [quarter of an hour, ms of vibration] each; burst: [end, ms] of the latest pulses; quiet:
   nothing before this instant; last: the last serial; set: the watch's clock was set since the files were written. */
function fresh(wall) {
  return { seq: 0, clock: 0, wall: wall, last: 0, night: [], burst: [], quiet: L.BURST_SPAN_MS,
    ignored: 0, spent: false, set: false };
}
exports.fresh = fresh;

function charge(s, ms) {
  var end = s.clock + L.TICK_MS + ms, key = Math.floor(end / L.BUCKET_MS), at = s.night.length - 1;
  if (at >= 0 && s.night[at][0] == key) s.night[at][1] += ms;
  else s.night.push([key, ms]);
  s.burst.push([end, ms]);
}

function forget(s) {
  s.burst = s.burst.filter(function (p) { return s.clock - p[0] < L.BURST_SPAN_MS; });
  s.night = s.night.filter(function (b) { return s.clock - (b[0] + 1) * L.BUCKET_MS < L.NIGHT_SPAN_MS; });
  if (!s.night.length) s.spent = false;
}

/* Once a second. Time is what ticks, never what the watch's clock shows: a clock that is set forward forgets nothing.
   That it was set is noted, because the files still tell the clock before. */
exports.tick = function (s, wall) {
  var off = wall - s.wall - L.TICK_MS;
  if (!(off < L.SET_MS && off > -L.SET_MS)) s.set = true;
  s.clock += L.TICK_MS;
  s.wall = wall;
  forget(s);
};

function sum(rows) {
  var ms = 0;
  rows.forEach(function (row) { ms += row[1]; });
  return ms;
}

/* What is left of the night's vibration, in ms. */
exports.left = function (s) {
  var ms = L.NIGHT_MS - sum(s.night);
  return ms > 0 ? ms : 0;
};

/* Why a pulse may not be given now, or "" if it may. ready: the app watches, is linked, and nothing vibrates. */
function refusal(s, serial, ms, strength, ready) {
  var ahead = (serial - s.last) & 255;
  if (ahead < 1 || ahead > 127) return "done";
  s.last = serial;
  if (!ready) return "held";
  if (ms < L.LEAST_MS || ms > L.PULSE_MS) return "length";
  if (strength < 1 || strength > L.STRENGTH) return "strength";
  if (s.clock < s.quiet) return "early";
  if (sum(s.burst) + ms > L.BURST_MS) return "burst";
  if (sum(s.night) + ms > L.NIGHT_MS) return "night";
  return "";
}

/* What a written command leads to: {act: 0 nothing, 1 pulse, 2 still; ms; strength; why}. A pulse is charged here,
   before anything moves. What cannot be read is counted and does nothing; to be still needs no serial. */
exports.judge = function (s, bytes, ready) {
  var n = exports.COMMAND_BYTES;
  if (bytes.length != n || bytes[0] != exports.HEAD || crc8(bytes, n - 1) != bytes[n - 1] ||
      (bytes[1] != exports.PULSE && bytes[1] != exports.STILL)) {
    if (s.ignored < 65535) s.ignored++;
    return { act: 0, why: "unread" };
  }
  if (bytes[1] == exports.STILL) return { act: exports.STILL, why: "" };
  var ms = bytes[3] | (bytes[4] << 8), why = refusal(s, bytes[2], ms, bytes[5], ready);
  if (why) return { act: 0, why: why };
  charge(s, ms);
  return { act: exports.PULSE, ms: ms, strength: bytes[5], why: "" };
};

/* What is written before a pulse is given. The sequence says which of two files is the newer. */
exports.text = function (s) {
  s.seq++;
  var body = JSON.stringify([s.seq, Math.round(s.wall), Math.round(s.clock), s.last, s.spent ? 1 : 0, s.night]);
  return body + "|" + fletcher(body);
};

function whole(v, most) {
  return typeof v == "number" && v >= 0 && v <= most && Math.floor(v) == v;
}

function parsed(text) {
  try {
    var at = text.lastIndexOf("|"), body = text.substr(0, at);
    if (at < 1 || text.substr(at + 1) != "" + fletcher(body)) return undefined;
    var v = JSON.parse(body), most = 9007199254740991;
    if (v.length != 6 || !whole(v[0], most) || !whole(v[1], most) || !whole(v[2], most)) return undefined;
    if (!whole(v[3], 255) || !whole(v[4], 1) || v[5].length > 100) return undefined;
    for (var i = 0; i < v[5].length; i++) if (!whole(v[5][i][0], most) || !whole(v[5][i][1], most)) return undefined;
    return v;
  } catch (e) {
    return undefined;
  }
}

/* What the two files tell at a start, each a text or undefined where there is none; used: the app has run before. If
   neither can be read, the night counts as spent, but for the first start ever. One that should be there and is not: a
   longest pulse is added, because a power cut in the middle of writing loses one row at most. After a start nothing for
   BURST_SPAN_MS, because the latest pulses are not kept one by one. */
exports.restore = function (one, other, used, wall) {
  var s = fresh(wall), a = parsed(one), b = parsed(other);
  if (one === undefined && other === undefined && !used) return s;
  if (!a && !b) {
    charge(s, L.NIGHT_MS);
    s.spent = true;
    return s;
  }
  var v = !b || (a && a[0] > b[0]) ? a : b, before = v === a ? b : a;
  s.seq = v[0];
  s.clock = v[2];
  s.last = v[3];
  s.spent = !!v[4];
  s.night = v[5];
  var away = wall - v[1] - 2 * L.TICK_MS; // the file's clock is up to a tick older than what it tells of
  if (v[1] >= L.SANE_MS && wall >= L.SANE_MS && away > 0) s.clock += away;
  if (s.seq > 1 && (!before || before[0] != s.seq - 1)) {
    charge(s, L.PULSE_MS);
    s.last = (s.last + 1) & 255;
  }
  s.quiet = s.clock + L.BURST_SPAN_MS;
  forget(s);
  return s;
};
