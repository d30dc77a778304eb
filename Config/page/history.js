// The plot of how well the gaps of the last scans are filled, over the time at which they were recorded.

import { node, number, scanName, text } from "/common.js";

const $ = (id) => document.getElementById(id);
const shape = { height: 190, left: 44, right: 12, top: 8, bottom: 26 };

let points = [];
let isAskedFor = () => true;
let lastKey;
/** The chosen scan's number; the newest one where nobody chose. */
let chosen;

/** Asks for the history where something has ended since, and shows what the filter leaves of it. */
export async function showHistory(key, filter) {
  isAskedFor = filter;
  if (key !== lastKey) {
    lastKey = key;
    try {
      const response = await fetch("/history", { signal: AbortSignal.timeout(8000) });
      if (!response.ok) throw new Error();
      points = (await response.json()).filter((point) => point.pcc !== undefined).reverse();
    } catch {
      // The page says where the daemon does not answer.
      lastKey = undefined;
    }
  }
  draw();
}

/** The worst that is said of a scan's gaps. */
function worst(point) {
  const words = point.verdict ?? "";
  return ["leave free", "bounds only", "trust"].find((word) => words.includes(word))?.replace(" ", "-") ?? "unknown";
}

function svg(name, attributes, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** Verdicts are told apart by shape, too. */
function mark(point, x, y, isChosen) {
  const size = isChosen ? 6.5 : 4;
  const kind = worst(point);
  const attributes = { class: isChosen ? `${kind} chosen` : kind, "data-id": point.id };
  const corners = {
    "bounds-only": [[-1, -1], [1, -1], [1, 1], [-1, 1]],
    "leave-free": [[0, -1.2], [1.2, 1], [-1.2, 1]],
    unknown: [[0, -1.3], [1.3, 0], [0, 1.3], [-1.3, 0]],
  }[kind];
  if (!corners) return svg("circle", { ...attributes, cx: x, cy: y, r: size });
  return svg("polygon", { ...attributes, points: corners.map(([h, v]) => `${x + h * size},${y + v * size}`).join(" ") });
}

const day = (date) => date.toLocaleDateString([], { month: "short", day: "numeric" });
const hour = (date) => date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

function draw() {
  const shown = points.filter((point) => isAskedFor({ ...point, state: "done" }));
  $("history-section").hidden = shown.length < 2;
  if (shown.length < 2) return;
  const place = $("history");
  const width = place.clientWidth || 600;
  const times = shown.map((point) => new Date(point.recorded).getTime());
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const floor = Math.min(0.9, Math.floor(10 * Math.min(...shown.map((point) => point.pcc))) / 10);
  const across = (time) =>
    shape.left + (width - shape.left - shape.right) * (last > first ? (time - first) / (last - first) : 0.5);
  const down = (pcc) => shape.top + (shape.height - shape.top - shape.bottom) * (1 - pcc) / (1 - floor);
  const current = shown.find((point) => point.id === chosen) ?? shown[shown.length - 1];

  const picture = svg("svg", { width, height: shape.height, "aria-hidden": "true" });
  for (let step = 0; step <= 4; step += 1) {
    const pcc = floor + (1 - floor) * step / 4;
    const y = down(pcc);
    picture.append(svg("line", { x1: shape.left, x2: width - shape.right, y1: y, y2: y, class: "grid" }),
      svg("text", { x: shape.left - 6, y: y + 4, "text-anchor": "end" }, number(pcc, floor < 0.9 ? 2 : 3)));
  }
  const word = last - first > 86400000 ? day : hour;
  for (const [time, anchor] of first < last ? [[first, "start"], [last, "end"]] : [[first, "middle"]]) {
    picture.append(svg("text", { x: across(time), y: shape.height - 6, "text-anchor": anchor }, word(new Date(time))));
  }
  const order = shown.filter((point) => point !== current);
  for (const point of [...order, current]) {
    picture.append(mark(point, across(new Date(point.recorded).getTime()), down(point.pcc), point === current));
  }
  place.replaceChildren(picture);

  const index = shown.indexOf(current);
  const words = `PCC ${number(current.pcc, 3)}, ${current.verdict ?? "no verdict"}, ${current.method ?? ""}`
    .replace(/, $/, "");
  place.setAttribute("aria-valuemin", 1);
  place.setAttribute("aria-valuemax", shown.length);
  place.setAttribute("aria-valuenow", index + 1);
  place.setAttribute("aria-valuetext", `${scanName(current)}: ${words}`);
  const link = $("history-chosen").querySelector("a");
  if (link?.getAttribute("href") !== `/scan/${current.id}`) {
    $("history-chosen").replaceChildren(
      node("span", {}, node("a", { href: `/scan/${current.id}` }, scanName(current))), node("span", { id: "history-words" }));
  }
  text("history-words", `${new Date(current.recorded).toLocaleString()}: ${words}`);

  place.onkeydown = (event) => {
    const step = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10 }[event.key];
    const next = event.key === "Home" ? 0 : event.key === "End" ? shown.length - 1 : step && index + step;
    if (next === undefined) return;
    event.preventDefault();
    choose(shown[Math.min(shown.length - 1, Math.max(0, next))]);
  };
  place.onclick = (event) => {
    const box = place.getBoundingClientRect();
    const distance = (point) => Math.hypot(
      across(new Date(point.recorded).getTime()) - (event.clientX - box.left),
      down(point.pcc) - (event.clientY - box.top));
    choose(shown.reduce((best, point) => distance(point) < distance(best) ? point : best));
  };
}

function choose(point) {
  chosen = point.id;
  draw();
}

new ResizeObserver(draw).observe(document.body);
