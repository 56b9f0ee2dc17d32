/* What the watch says over the air, as pure functions from numbers to bytes. The README has the table. Little-endian;
   the upper half of the first byte is the version, 1. No packet is longer than 20 bytes, which every link can carry. */

var HEAD = 0x10;

function u16(v) {
  v = v < 0 ? 0 : v > 65535 ? 65535 : Math.round(v);
  return [v & 255, v >> 8];
}

function u8(v) {
  return v < 0 ? 0 : v > 255 ? 255 : Math.round(v);
}

function i16(v) {
  v = v < -32768 ? -32768 : v > 32767 ? 32767 : Math.round(v);
  return [v & 255, (v >> 8) & 255];
}

exports.heart = function (seq, bpm, confidence) {
  return [HEAD, seq & 255].concat(u16(bpm * 10), [u8(confidence)]);
};

/* low, high, mean: [x, y, z] in milli-g; count: samples in the second, 15 stands for 15 and more. */
exports.motion = function (seq, count, low, high, mean) {
  var bytes = [HEAD | (count > 15 ? 15 : count), seq & 255];
  [low, high, mean].forEach(function (v) { bytes = bytes.concat(i16(v[0]), i16(v[1]), i16(v[2])); });
  return bytes;
};

/* worn: 0 no, 1 yes, 255 unknown; left: ms of vibration left of the night; ignored: commands that could not be read. */
exports.state = function (battery, worn, flags, last, ignored, left) {
  return [HEAD, u8(battery), worn, flags, last].concat(u16(ignored), u16(left / 10));
};

/* kind: 1 awake, 2 stop, 3 bad dream, 4 start. */
exports.button = function (kind, seq) {
  return [HEAD, kind, seq & 255];
};

/* Takes samples in g and gives, once asked, what they were: {count, low, high, mean} in milli-g, or undefined. */
exports.second = function () {
  var count = 0, low, high, total;
  function clear() {
    count = 0;
    low = [32767, 32767, 32767];
    high = [-32768, -32768, -32768];
    total = [0, 0, 0];
  }
  clear();
  return {
    add: function (a) {
      [a.x, a.y, a.z].forEach(function (g, i) {
        var mg = Math.round(g * 1000);
        if (mg < low[i]) low[i] = mg;
        if (mg > high[i]) high[i] = mg;
        total[i] += mg;
      });
      count++;
    },
    take: function () {
      if (!count) return undefined;
      var n = count, one = { count: n, low: low, high: high, mean: total.map(function (t) { return t / n; }) };
      clear();
      return one;
    }
  };
};
