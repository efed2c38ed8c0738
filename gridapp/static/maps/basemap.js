// The base map and the grids, drawn on canvas from our own vector tiles with the fonts of the reader's system.

const P = window.protomapsL;
const FONT = 'system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif';

const STREET_WIDTHS = { 1: [[10, 1], [13, 3], [16, 11], [19, 30]], 2: [[11, 0.8], [13, 2], [16, 9], [19, 26]], 3: [[12, 0.6], [14, 2], [16, 6.5], [19, 22]] };
const SMALL_STREET = [[13, 0.5], [15, 1.6], [17, 5], [19, 14]];
const GRID_LINES = {
  building: { color: "#6b7fa3", width: 1, dash: [3, 3], opacity: 0.9 },
  group: { color: "#2b67b1", width: 1.5, opacity: 0.85 },
  community: { color: "#6a3fa0", width: 2.5, opacity: 0.8 },
  street: { color: "#93356f", width: 3.5, opacity: 0.7 },
  district: { color: "#7a2434", width: 4.5, opacity: 0.6 },
};
const NAMES = { district: [16, 0], street: [15, 0], community: [14, 0], group: [13, 15], building: [11, 16] }; // size, from zoom

function streetWidth(rank) {
  return P.exp(1.6, STREET_WIDTHS[rank] ?? SMALL_STREET);
}

function streetRules() {
  const rules = [];
  for (const [rank, fill, casing] of [[9, "#ffffff", "#d7dade"], [3, "#ffffff", "#c9cdd3"], [2, "#fff6d6", "#d8c690"], [1, "#ffe2a8", "#d3a45c"]]) {
    const width = streetWidth(rank);
    const filter = (_zoom, { props }) => (rank === 9 ? props.rank > 3 : props.rank === rank);
    rules.push({ dataSource: "base", dataLayer: "streets", filter, minzoom: 13, symbolizer: new P.LineSymbolizer({ color: casing, width: (z) => width(z) + 1.5 }) });
    rules.push({ dataSource: "base", dataLayer: "streets", filter, symbolizer: new P.LineSymbolizer({ color: fill, width }) });
  }
  // Casings first, so that crossings look joined.
  return [...rules.filter((rule) => rule.minzoom), ...rules.filter((rule) => !rule.minzoom)];
}

function paintRules() {
  const surface = (kind, fill) => ({ dataSource: "base", dataLayer: "surfaces", filter: (_zoom, { props }) => props.kind === kind, symbolizer: new P.PolygonSymbolizer({ fill }) });
  return [
    surface("park", "#d5e9cd"),
    surface("water", "#b7d6ee"),
    { dataSource: "base", dataLayer: "buildings", symbolizer: new P.PolygonSymbolizer({ fill: "#dfe0e4", stroke: "#c3c6cc", width: 0.75 }) },
    ...streetRules(),
    { dataSource: "grids", dataLayer: "grids", filter: (_zoom, { props }) => props.kind === "special", symbolizer: new P.PolygonSymbolizer({ fill: "#f2a33a", opacity: 0.13 }) },
    ...Object.entries(GRID_LINES).map(([level, line]) => ({
      dataSource: "grids",
      dataLayer: "grids",
      filter: (_zoom, { props }) => props.level === level,
      symbolizer: new P.LineSymbolizer({ ...line, lineJoin: "round" }),
    })),
  ];
}

function labelRules(english) {
  const labelProps = english ? ["name_en", "name"] : ["name"];
  const halo = { stroke: "#ffffff", width: 3 };
  return [
    ...Object.entries(NAMES).map(([level, [size, minzoom]]) => ({
      dataSource: "grids",
      dataLayer: "grid_names",
      minzoom,
      filter: (_zoom, { props }) => props.level === level,
      symbolizer: new P.CenteredTextSymbolizer({ labelProps, fill: GRID_LINES[level].color, ...halo, font: `650 ${size}px ${FONT}`, lineHeight: 1.2 }),
    })),
    { dataSource: "base", dataLayer: "streets", minzoom: 14, filter: (zoom, { props }) => props.rank <= zoom - 12, symbolizer: new P.LineLabelSymbolizer({ labelProps: ["name"], fill: "#5a5446", ...halo, font: `500 12px ${FONT}` }) },
    { dataSource: "base", dataLayer: "surfaces", minzoom: 14, symbolizer: new P.CenteredTextSymbolizer({ labelProps: ["name"], fill: "#3f6b86", ...halo, font: `italic 500 12px ${FONT}` }) },
    { dataSource: "base", dataLayer: "building_names", minzoom: 17, symbolizer: new P.CenteredTextSymbolizer({ labelProps: ["name"], fill: "#6a6f78", ...halo, font: `400 11px ${FONT}` }) },
  ];
}

const ownTiles = (layer) => `/tiles/${layer}/{z}/{x}/{y}.mvt`;

/**
 * Puts base map and grids on a Leaflet map; gives the layer back. Grids drawn anew: layer.refresh().
 * `tiles` names the source of "base" and "grids": an address, or an object with getZxy(z, x, y, signal) → {data}.
 */
export function addBasemap(map, tiles = ownTiles) {
  map.setMinZoom(4);
  map.setMaxZoom(20);
  window.L.control.scale({ imperial: false }).addTo(map);
  const english = document.documentElement.lang === "en";
  const make = () => P.leafletLayer({
    sources: {
      base: { url: tiles("base"), maxDataZoom: 15 },
      grids: { url: tiles("grids"), maxDataZoom: 15 },
    },
    paintRules: paintRules(),
    labelRules: labelRules(english),
    backgroundColor: "#eef0f2",
    attribution: "",
    noWrap: true,
    maxZoom: 20,
  });
  let layer = make().addTo(map);
  return {
    refresh() {
      const old = layer;
      layer = make().addTo(map);
      layer.once("load", () => old.remove());
    },
  };
}
