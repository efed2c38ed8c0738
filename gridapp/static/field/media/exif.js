// What a camera writes beside a picture, written by the page: making a picture small drops it. Time, place, accuracy and
// direction stand in the photo's own file, where the server keeps them for those who handle the task.

const TYPES = { 2: 1, 3: 2, 4: 4, 5: 8 }; // text, short, long, ratio: bytes of one
const TIFF_HEAD = 8;
const EXIF_IFD = 0x8769;
const GPS_IFD = 0x8825;
const TIME = 0x9003;
const ZONE = 0x9011;
const LAT_REF = 1;
const LAT = 2;
const LON_REF = 3;
const LON = 4;
const DIRECTION_REF = 16;
const DIRECTION = 17;
const ERROR = 31;
const FINE = 10_000;

const text = (tag, words) => ({ tag, type: 2, values: [...`${words}\0`].map((char) => char.charCodeAt(0)) });
const long = (tag, value) => ({ tag, type: 4, values: [value] });
const ratios = (tag, ...numbers) => ({ tag, type: 5, values: numbers.flatMap((number) => [Math.round(number * FINE), FINE]) });

const two = (n) => String(n).padStart(2, "0");
const cameraTime = (date) => `${date.getUTCFullYear()}:${two(date.getUTCMonth() + 1)}:${two(date.getUTCDate())} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
const degrees = (number) => {
  const minutes = (number % 1) * 60;
  return [Math.floor(number), Math.floor(minutes), (minutes % 1) * 60];
};

/** One directory of entries at an offset; what is longer than four bytes lies behind it. */
function directory(entries, offset) {
  const size = 2 + entries.length * 12 + 4;
  const more = [];
  let behind = offset + size;
  const bytes = new DataView(new ArrayBuffer(size));
  bytes.setUint16(0, entries.length);
  entries.forEach(({ tag, type, values }, i) => {
    const at = 2 + i * 12;
    const count = type === 5 ? values.length / 2 : values.length;
    bytes.setUint16(at, tag);
    bytes.setUint16(at + 2, type);
    bytes.setUint32(at + 4, count);
    const width = type === 2 ? 1 : 4;
    const room = values.length * width;
    const target = room <= 4 ? bytes : new DataView(new ArrayBuffer(room + (room % 2)));
    values.forEach((value, n) => {
      const where = (target === bytes ? at + 8 : 0) + n * width;
      if (width === 1) target.setUint8(where, value);
      else target.setUint32(where, value);
    });
    if (target === bytes) return;
    bytes.setUint32(at + 8, behind);
    behind += target.byteLength;
    more.push(target);
  });
  return { parts: [bytes, ...more].map(({ buffer }) => new Uint8Array(buffer)), end: behind };
}

function tiff({ at, lon, lat, accuracy, heading }) {
  const date = new Date(at);
  const place = Number.isFinite(lon) && Number.isFinite(lat) && [
    text(LAT_REF, lat < 0 ? "S" : "N"),
    ratios(LAT, ...degrees(Math.abs(lat))),
    text(LON_REF, lon < 0 ? "W" : "E"),
    ratios(LON, ...degrees(Math.abs(lon))),
    ...(Number.isFinite(heading) ? [text(DIRECTION_REF, "T"), ratios(DIRECTION, heading)] : []),
    ...(Number.isFinite(accuracy) ? [ratios(ERROR, accuracy)] : []),
  ];
  const taken = [text(TIME, cameraTime(date)), text(ZONE, "+00:00")];
  const roots = [long(EXIF_IFD, 0), ...(place ? [long(GPS_IFD, 0)] : [])];
  const first = TIFF_HEAD + 2 + roots.length * 12 + 4;
  const when = directory(taken, first);
  const where = place ? directory(place, when.end) : { parts: [], end: when.end };
  roots[0].values = [first];
  if (place) roots[1].values = [when.end];
  const head = new Uint8Array([0x4d, 0x4d, 0, 42, 0, 0, 0, TIFF_HEAD]);
  return [head, ...directory(roots, TIFF_HEAD).parts, ...when.parts, ...where.parts];
}

/** The JPEG with these facts {at, lon, lat, accuracy, heading} in it. */
export async function withFacts(blob, facts) {
  const parts = tiff(facts);
  const length = parts.reduce((sum, { length: one }) => sum + one, 0) + 8;
  const head = new Uint8Array([0xff, 0xd8, 0xff, 0xe1, length >> 8, length & 255, 0x45, 0x78, 0x69, 0x66, 0, 0]);
  return new Blob([head, ...parts, blob.slice(2)], { type: "image/jpeg" });
}

/** The TIFF part of a JPEG's head, or null. */
function tiffOf(bytes) {
  const view = new DataView(bytes);
  if (bytes.byteLength < 4 || view.getUint16(0) !== 0xffd8) return null;
  for (let at = 2; at + 10 < bytes.byteLength && view.getUint8(at) === 0xff;) {
    const size = view.getUint16(at + 2);
    if (view.getUint16(at) === 0xffe1 && view.getUint32(at + 4) === 0x45786966) return new DataView(bytes, at + 10, Math.min(size - 8, bytes.byteLength - at - 10));
    at += 2 + size;
  }
  return null;
}

function reader(view) {
  const little = view.getUint16(0) === 0x4949;
  const short = (at) => view.getUint16(at, little);
  const word = (at) => view.getUint32(at, little);
  return (offset) => {
    const found = new Map();
    for (let i = 0; i < short(offset); i += 1) {
      const at = offset + 2 + i * 12;
      const [type, count] = [short(at + 2), word(at + 4)];
      const from = (TYPES[type] ?? 1) * count <= 4 ? at + 8 : word(at + 8);
      const one = (n) => (type === 5 ? word(from + n * 8) / (word(from + n * 8 + 4) || 1) : type === 3 ? short(from + n * 2) : type === 4 ? word(from + n * 4) : String.fromCharCode(view.getUint8(from + n)));
      const values = Array.from({ length: Math.min(count, 64) }, (_, n) => one(n));
      found.set(short(at), type === 2 ? values.join("").replace(/\0.*$/, "") : values);
    }
    return found;
  };
}

/** The facts in the head of a JPEG: those of {at, lon, lat, accuracy, heading} that it tells. */
export function factsIn(bytes) {
  try {
    const view = tiffOf(bytes);
    if (!view) return {};
    const read = reader(view);
    const root = read(view.getUint32(4, view.getUint16(0) === 0x4949));
    const exif = root.has(EXIF_IFD) ? read(root.get(EXIF_IFD)[0]) : new Map();
    const gps = root.has(GPS_IFD) ? read(root.get(GPS_IFD)[0]) : new Map();
    const angle = (tag, ref, back) => gps.has(tag) && (gps.get(ref) === back ? -1 : 1) * (gps.get(tag)[0] + gps.get(tag)[1] / 60 + gps.get(tag)[2] / 3600);
    const facts = { at: timeOf(exif), lat: angle(LAT, LAT_REF, "S"), lon: angle(LON, LON_REF, "W"), heading: gps.get(DIRECTION)?.[0], accuracy: gps.get(ERROR)?.[0] };
    return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined && value !== false && !Number.isNaN(value)));
  } catch (error) {
    if (error instanceof RangeError) return {};
    throw error;
  }
}

function timeOf(exif) {
  const taken = exif.get(TIME)?.replace(/^(\d+):(\d+):(\d+) /, "$1-$2-$3T");
  const time = taken && Date.parse(`${taken}${exif.get(ZONE) ?? ""}`);
  return time ? new Date(time).toISOString() : undefined;
}
