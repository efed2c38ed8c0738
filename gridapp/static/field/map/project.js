// Metres on the ground and pixels on the screen: for the few kilometres of a worker's map the earth is flat.

const EARTH_M = 6_371_008.8;
const RADIANS = Math.PI / 180;
export const NEAREST = 0.1; // metres a pixel
export const FARTHEST = 400;
const ROOMY = 1.3; // a little more than what is to be seen

/** A view: a centre in degrees, metres a pixel, and the size of the screen in pixels. */
export class View {
  constructor({ lon, lat }, scale, width, height) {
    Object.assign(this, { lon, lat, scale, width, height });
  }

  get east() { return EARTH_M * RADIANS * Math.cos(this.lat * RADIANS); }

  get north() { return EARTH_M * RADIANS; }

  /** Where a place lies on the screen. */
  toScreen([lon, lat]) {
    return [this.width / 2 + ((lon - this.lon) * this.east) / this.scale, this.height / 2 - ((lat - this.lat) * this.north) / this.scale];
  }

  /** Which place lies at a point of the screen. */
  toPlace(x, y) {
    return { lon: this.lon + ((x - this.width / 2) * this.scale) / this.east, lat: this.lat - ((y - this.height / 2) * this.scale) / this.north };
  }

  /** The map pushed by so many pixels. */
  pushed(dx, dy) {
    const { lon, lat } = this.toPlace(this.width / 2 - dx, this.height / 2 - dy);
    return new View({ lon, lat }, this.scale, this.width, this.height);
  }

  /** Nearer or farther about a point of the screen that stays where it is. */
  zoomed(factor, x = this.width / 2, y = this.height / 2) {
    const scale = Math.min(FARTHEST, Math.max(NEAREST, this.scale / factor));
    const fixed = this.toPlace(x, y);
    const { lon, lat } = fixed;
    const share = scale / this.scale;
    return new View({ lon: lon + (this.lon - lon) * share, lat: lat + (this.lat - lat) * share }, scale, this.width, this.height);
  }

  /** Whether a box [west, south, east, north] is seen. */
  sees([west, south, east, north]) {
    const { lon: left, lat: top } = this.toPlace(0, 0);
    const { lon: right, lat: bottom } = this.toPlace(this.width, this.height);
    return west <= right && east >= left && south <= top && north >= bottom;
  }
}

/** A view that shows a box whole. */
export function fitted([west, south, east, north], width, height) {
  const middle = new View({ lon: (west + east) / 2, lat: (south + north) / 2 }, 1, width, height);
  const scale = Math.max(((east - west) * middle.east) / width, ((north - south) * middle.north) / height) * ROOMY;
  return new View(middle, Math.min(FARTHEST, Math.max(NEAREST, scale)), width, height);
}

/** The box of a GeoJSON geometry. */
export function boxOf({ coordinates }) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  const walk = (part) => {
    if (typeof part[0] !== "number") return part.forEach(walk);
    box[0] = Math.min(box[0], part[0]);
    box[1] = Math.min(box[1], part[1]);
    box[2] = Math.max(box[2], part[0]);
    box[3] = Math.max(box[3], part[1]);
    return undefined;
  };
  walk(coordinates);
  return box;
}

/** Lines of a geometry: each a list of places; rings are lines too. */
export function linesOf({ type, coordinates }) {
  const depth = { LineString: 0, Polygon: 1, MultiLineString: 1, MultiPolygon: 2 }[type];
  if (depth === undefined) return [];
  return depth === 0 ? [coordinates] : coordinates.flat(depth - 1);
}

/** Whether a place lies inside a polygon. */
export function holds(geometry, { lon, lat }) {
  let inside = false;
  for (const ring of linesOf(geometry)) {
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
      const [x1, y1] = ring[i];
      const [x2, y2] = ring[j];
      if (y1 > lat !== y2 > lat && lon < ((x2 - x1) * (lat - y1)) / (y2 - y1) + x1) inside = !inside;
    }
  }
  return inside;
}

/** How far a place lies from a polygon, in metres; 0 inside. */
export function metresFrom(geometry, place) {
  if (holds(geometry, place)) return 0;
  const view = new View(place, 1, 0, 0);
  let least = Infinity;
  for (const line of linesOf(geometry)) {
    for (let i = 1; i < line.length; i += 1) least = Math.min(least, toSegment(view.toScreen(line[i - 1]), view.toScreen(line[i])));
  }
  return least;
}

/** How far the origin lies from a segment. */
function toSegment([x1, y1], [x2, y2]) {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const length = dx * dx + dy * dy;
  const t = length ? Math.max(0, Math.min(1, -(x1 * dx + y1 * dy) / length)) : 0;
  return Math.hypot(x1 + t * dx, y1 + t * dy);
}
