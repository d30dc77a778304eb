// One scan: what is known of it, and sections through its output, before and after.

import {
  about, copies, duration, node, notice, number, quality, reason, scanName, text, time, title, verdict,
} from "/common.js";

const $ = (id) => document.getElementById(id);
const id = location.pathname.split("/")[2];
const axes = ["frame", "row", "column"];
const layers = ["counts", "gaps", "uncertainty"];

let scan;
let volume;
/** Where the sections lie, by axis. */
const at = {};

const pause = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

/** Whether the daemon is only too busy now, or still looks. */
const mayCome = (response) => response.status === 503 || response.status === 504;

/** A picture that follows what is wanted of it: one request at a time, and none for what nobody waits for any more. */
class Following {
  constructor(image) {
    this.image = image;
    this.wanted = undefined;
    this.shown = undefined;
    this.isBusy = false;
  }

  async want(source) {
    this.wanted = source;
    if (this.isBusy) return;
    this.isBusy = true;
    while (this.wanted !== this.shown) {
      const source = this.wanted;
      const loaded = new Image();
      loaded.src = source;
      try {
        await loaded.decode();
        this.image.src = source;
        this.shown = source;
        notice();
      } catch {
        if (!await this.mayTryAgain(source)) break;
      }
    }
    this.isBusy = false;
  }

  /** Says why there is no picture; true where one may come yet. */
  async mayTryAgain(source) {
    try {
      const response = await fetch(source, { signal: AbortSignal.timeout(12000) });
      if (response.ok) return true;
      if (mayCome(response)) {
        await pause(1000);
        return true;
      }
      notice(`This section cannot be shown: ${(await response.text()).trim()}`);
    } catch (error) {
      notice(`This section cannot be shown: ${error.message}`);
    }
    return false;
  }
}

const pictures = {};

function makeStages() {
  for (const axis of axes) {
    pictures[axis] = {};
    const box = node("div", { class: "layers" });
    for (const layer of layers) {
      const image = node("img", { class: layer, alt: "" });
      image.hidden = layer === "uncertainty";
      pictures[axis][layer] = new Following(image);
      box.append(image);
    }
    $(`${axis}-stage`).append(box);
  }
  $("frame-stage").querySelector(".layers").addEventListener("click", (event) => {
    const box = event.currentTarget.getBoundingClientRect();
    move("row", Math.floor(volume.rows * (event.clientY - box.top) / box.height));
    move("column", Math.floor(volume.columns * (event.clientX - box.left) / box.width));
  });
}

function show(axis) {
  for (const layer of layers) {
    if (layer === "uncertainty" && !$("uncertainty").checked) continue;
    const source = `/scan/${id}/${axis}/${at[axis]}/${layer}.png?${encodeURIComponent(scan.updated)}`;
    pictures[axis][layer].want(source);
  }
  const count = volume[`${axis}s`];
  const name = axis[0].toUpperCase() + axis.slice(1);
  const step = axis !== "frame" && volume.frame_step > 1 ? `, every ${volume.frame_step}th frame` : "";
  text(`${axis}-title`, `${name} ${at[axis]} of 0 to ${count - 1}${step}`);
  pictures[axis].counts.image.alt = {
    frame: `Frame ${at.frame}, rows down, columns across`,
    row: `Row ${at.row}, frames down, columns across`,
    column: `Column ${at.column}, rows down, frames across`,
  }[axis];
}

function move(axis, value) {
  const index = Math.min(volume[`${axis}s`] - 1, Math.max(0, Math.round(Number(value)) || 0));
  if (at[axis] === index) return;
  at[axis] = index;
  for (const input of [$(axis), $(`${axis}-number`)]) {
    if (Number(input.value) !== index) input.value = index;
  }
  history.replaceState(null, "", `#${axes.map((name) => `${name}=${at[name]}`).join("&")}`);
  show(axis);
}

function showBefore() {
  const share = Number($("before").value);
  document.body.style.setProperty("--before", `${share}%`);
  $("before").setAttribute("aria-valuetext", `${share} % of the width before, the rest after`);
}

function showUncertainty() {
  const isShown = $("uncertainty").checked;
  $("uncertainty-legend").hidden = !isShown;
  for (const axis of axes) {
    pictures[axis].uncertainty.image.hidden = !isShown;
    if (isShown) show(axis);
  }
}

/** Sections along the frames are stretched to a shape that can be looked at; at a stated size, nothing is. */
function resize() {
  const zoom = Number($("zoom").value);
  const sizes = {
    frame: [volume.columns, volume.rows], row: [volume.columns, volume.frames], column: [volume.frames, volume.rows],
  };
  for (const [axis, [columns, rows]] of Object.entries(sizes)) {
    const style = $(`${axis}-stage`).firstElementChild.style;
    const own = columns / rows;
    const ratio = axis === "frame" || zoom ? own : Math.min(3, Math.max(0.6, own));
    style.setProperty("aspect-ratio", String(ratio));
    style.setProperty("width", zoom && axis === "frame" ? `${columns * zoom}px` : `min(100%, ${80 * ratio}vh)`);
  }
}

function showScan() {
  document.title = `Lacuna: ${scanName(scan)}`;
  text("scan-title", scanName(scan));
  $("state").dataset.kind = scan.state === "done" ? "idle" : "working";
  text("state", scan.state);
  $("scan").replaceChildren(...[
    about(scan.detector, scan.seconds === undefined ? null : duration(scan.seconds),
      scan.misfit === undefined ? null : `misfit ${number(scan.misfit, 2)}`,
      scan.pcc === undefined ? null : `expected PCC ${number(scan.pcc, 3)}`, time(scan.updated)),
    title(scan), scan.output && quality(scan), scan.output && verdict(scan), reason(scan),
    scan.remark && node("p", { class: "remark" }, scan.remark),
    node("p", { class: "path" }, scan.output ?? scan.file),
    scan.output && copies(scan)].filter(Boolean));
}

function showGaps() {
  $("gaps-section").hidden = volume.gaps.length === 0;
  $("gaps").replaceChildren(...volume.gaps.map((gap) => {
    const figures = gap.attainable_pcc === undefined ? null
      : `photon noise allows a PCC of ${number(gap.attainable_pcc, 3)}`;
    return node("li", {}, node("h3", {}, gap.name), about(`${gap.width} pixels wide`, figures),
      node("p", { class: "verdict" },
        node("span", { class: gap.verdict.replace(" ", "-") }, gap.verdict), gap.reason && `: ${gap.reason}`));
  }));
}

async function start() {
  try {
    let response;
    do {
      if (response) await pause(1000);
      response = await fetch(`/scan/${id}/about`, { signal: AbortSignal.timeout(12000) });
    } while (mayCome(response));
    if (!response.ok) throw new Error((await response.text()).trim());
    ({ scan, volume } = await response.json());
  } catch (error) {
    $("state").dataset.kind = "trouble";
    text("state", "Not shown");
    notice(`This scan cannot be shown: ${error.message}`);
    return;
  }
  showScan();
  if (!volume) return;
  makeStages();
  text("maximum", volume.maximum.toPrecision(3).replace("e+", "e"));
  text("volume", `${volume.frames} frames of ${volume.rows} rows and ${volume.columns} columns`);
  const asked = new URLSearchParams(location.hash.slice(1));
  for (const axis of axes) {
    for (const input of [$(axis), $(`${axis}-number`)]) {
      input.max = volume[`${axis}s`] - 1;
      input.addEventListener("input", () => { if (input.value !== "") move(axis, input.value); });
    }
  }
  $("views").hidden = false;
  for (const axis of axes) move(axis, asked.get(axis) ?? volume.peak[axis]);
  $("before").addEventListener("input", showBefore);
  $("uncertainty").addEventListener("change", showUncertainty);
  $("zoom").addEventListener("change", resize);
  showBefore();
  showUncertainty();
  resize();
  showGaps();
}

start();
