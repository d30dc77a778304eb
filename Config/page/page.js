// Asks the daemon for its state again and again and shows it; nodes are kept where nothing changed, and focus with them.

import {
  about, ago, copies, directory, duration, node, notice, number, quality, reason, scanName, text, time, title, verdict,
} from "/common.js";
import { showHistory } from "/history.js";

const pace = { working: 2000, idle: 5000, longest: 30000 };
const $ = (id) => document.getElementById(id);

// Scans

function heading(scan) {
  const name = scanName(scan);
  return node("h3", { title: scan.file }, scan.output ? node("a", { href: `/scan/${scan.id}` }, name) : name);
}

function picture(scan) {
  const source = `/picture/${scan.id}?${encodeURIComponent(scan.updated)}`;
  const image = node("img", {
    src: source, alt: `Sections through ${scanName(scan)} before and after`, loading: "lazy", width: 240, height: 175,
  });
  const link = node("a", { class: "picture", href: source }, image);
  image.addEventListener("error", () => link.remove());
  return link;
}

function result(scan) {
  const isDone = scan.state === "done";
  const words = node("div", {},
    heading(scan),
    about(isDone ? scan.detector : scan.state, scan.seconds === undefined ? null : duration(scan.seconds),
      scan.misfit === undefined ? null : `misfit ${number(scan.misfit, 2)}`, time(scan.updated)),
    title(scan),
    isDone ? quality(scan) : undefined,
    isDone ? verdict(scan) : undefined,
    reason(scan),
    scan.remark && node("p", { class: "remark" }, scan.remark),
    node("p", { class: "path" }, isDone ? scan.output : directory(scan.file)),
    isDone && scan.output ? copies(scan) : undefined);
  return node("li", { class: "result" }, isDone ? picture(scan) : null, words);
}

function failure(scan, allowRetry) {
  const attempts = scan.attempts === 1 ? "1 attempt" : `${scan.attempts} attempts`;
  const item = node("li", { class: "failed" },
    heading(scan), about(scan.state, attempts, scan.detector, time(scan.updated)), title(scan),
    reason(scan) || node("p", { class: "reason" }, "no reason known"),
    node("p", { class: "path" }, directory(scan.file)));
  if (allowRetry) {
    const button = node("button", { type: "button", "aria-label": `Retry ${scanName(scan)}` }, "Retry");
    button.addEventListener("click", () => retry(scan, button));
    item.append(button);
  } else {
    item.append(node("p", { class: "about" }, node("code", {}, `lacuna retry ${scan.id}`)));
  }
  return item;
}

function waiting(scan) {
  return node("li", {}, heading(scan), about(scan.state, scan.detector, time(scan.updated)), title(scan),
    reason(scan));
}

/** Whether each word that is asked for stands somewhere in what a scan says of itself. */
function isAskedFor(scan) {
  const said = [scan.file, scan.title, scan.detector, scan.state, scan.method, scan.verdict, scan.reason, scan.remark]
    .filter(Boolean).join(" ").toLowerCase();
  return $("filter").value.toLowerCase().split(/\s+/).every((word) => said.includes(word));
}

/** Shows scans in a list; the item of a scan that did not change stays the same node. */
function show(id, all, make, ...options) {
  const list = $(id);
  const scans = all.filter(isAskedFor);
  const known = new Map([...list.children].map((item) => [item.dataset.key, item]));
  const items = scans.map((scan) => {
    const key = JSON.stringify([scan, ...options]);
    const item = known.get(key) ?? make(scan, ...options);
    item.dataset.key = key;
    return item;
  });
  const kept = new Set(items);
  for (const item of [...list.children]) if (!kept.has(item)) item.remove();
  items.forEach((item, index) => {
    if (list.children[index] !== item) list.insertBefore(item, list.children[index] ?? null);
  });
  $(`${id}-empty`).hidden = all.length > 0;
  $(`${id}-others`).hidden = all.length === scans.length;
  text(`${id}-others`, `${all.length - scans.length} not shown`);
}

// The whole page

function showNow(report) {
  const works = report.in_work ?? [];
  const now = $("now");
  if (!works.length) {
    now.replaceChildren(node("p", { class: "empty" },
      report.paused ? `Paused: ${report.paused}.` : "Waiting for the next scan."));
    return;
  }
  now.querySelector(".empty")?.remove();
  while (now.children.length > works.length) now.lastElementChild.remove();
  works.forEach((work, index) => showWork(now.children[index] ?? now.appendChild(workBox()), work));
}

function workBox() {
  return node("div", { class: "work" }, node("h3"), node("p", { class: "about" }),
    node("progress", { "aria-label": "Progress of this stage" }), node("p", { class: "pace" }, node("span"), node("span")));
}

function showWork(box, work) {
  const [name, details, bar, words] = box.children;
  name.textContent = scanName(work);
  details.textContent = [work.detector, `for ${duration((Date.now() - new Date(work.started)) / 1000)}`]
    .filter(Boolean).join(" · ");
  if (work.total) {
    bar.max = work.total;
    bar.value = work.done;
  } else {
    bar.removeAttribute("value");
  }
  words.children[0].textContent = [work.stage ?? "starting", work.total && `${work.done} of ${work.total}`]
    .filter(Boolean).join(" ");
  words.children[1].textContent = work.eta_seconds > 0 ? `about ${duration(Math.ceil(work.eta_seconds))} left` : "";
}

const places = {
  done: "recent-title", skipped: "recent-title", stale: "recent-title", failed: "failed-section",
  quarantined: "failed-section", ready: "queue-section", waiting: "queue-section", discovered: "queue-section",
  processing: "now-title",
};

function showCounts(counts) {
  const key = JSON.stringify(counts);
  if ($("counts").dataset.key === key) return;
  $("counts").dataset.key = key;
  const isBad = (state) => state === "failed" || state === "quarantined";
  const order = ["quarantined", "failed", "processing", "ready", "waiting", "discovered", "done", "stale", "skipped"];
  $("counts").replaceChildren(...order.filter((state) => counts[state] > 0).map((state) =>
    node("li", {}, node("a", { href: `#${places[state]}`, class: isBad(state) ? "bad" : null },
      node("b", {}, String(counts[state])), ` ${state}`))));
}

function showState(kind, words) {
  $("state").dataset.kind = kind;
  text("state", words);
}

function showAll({ report, machine, allow_retry: allowRetry }) {
  const kind = report.current ? "working" : report.paused ? "trouble" : "idle";
  showState(kind, { working: "Working", trouble: "Paused", idle: "Waiting for scans" }[kind]);
  document.title = report.current ? `Lacuna: ${scanName(report.current)}` : "Lacuna";
  text("machine", machine);
  showCounts(report.counts);
  showNow(report);
  showPause(report.paused_trees ?? [], allowRetry);
  show("recent", report.last, result);
  showHistory(`${report.counts.done} ${report.last[0]?.updated}`, isAskedFor);
  show("failed", report.failed, failure, allowRetry);
  show("queue", report.queue, waiting);
  const more = (report.counts.failed ?? 0) + (report.counts.quarantined ?? 0) - report.failed.length;
  $("failed-more").hidden = more <= 0;
  text("failed-more", `${more} more; lacuna status --json lists them.`);
  text("daemon", `Version ${report.version}, process ${report.pid}, up ${duration(report.uptime_seconds)}, `
    + `${report.configuration}`);
  for (const shown of document.querySelectorAll("time")) {
    const words = ago(shown.dateTime);
    if (shown.textContent !== words) shown.textContent = words;
  }
}

// Asking

let timer;
let failures = 0;
let lastAnswer;
let lastState;

function ask(delay) {
  clearTimeout(timer);
  timer = setTimeout(refresh, delay);
}

async function refresh() {
  // A page that nobody sees asks nothing; it asks at once when it is looked at again.
  if (document.hidden) return;
  try {
    const response = await fetch("/state", { signal: AbortSignal.timeout(8000) });
    if (!response.ok) throw new Error((await response.text()).trim());
    const state = await response.json();
    lastState = state;
    showAll(state);
    failures = 0;
    lastAnswer = new Date();
    document.body.classList.remove("stale");
    notice();
    ask(state.report.current ? pace.working : pace.idle);
  } catch (error) {
    failures += 1;
    const delay = Math.min(pace.longest, pace.working * 2 ** (failures - 1));
    document.body.classList.add("stale");
    showState("trouble", "No answer");
    const since = lastAnswer ? `since ${lastAnswer.toLocaleTimeString()}` : "yet";
    notice(`The daemon has not answered ${since}: ${error.message}. This page goes on trying.`);
    ask(delay);
  }
}

/** A button that has all scans wait, or lets them go on, where that is allowed. */
function showPause(trees, isAllowed) {
  const place = $("pause");
  if (!isAllowed) return place.replaceChildren();
  const button = place.querySelector("button") ?? place.appendChild(node("button", { type: "button" }));
  const isPaused = trees.length > 0;
  button.onclick = () => pause(!isPaused, button);
  button.disabled = false;
  const words = isPaused ? "Resume" : "Pause";
  if (button.textContent !== words) button.textContent = words;
}

async function pause(isPaused, button) {
  button.disabled = true;
  try {
    const response = await fetch("/pause", {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ paused: isPaused }),
      signal: AbortSignal.timeout(8000),
    });
    if (!response.ok) throw new Error((await response.text()).trim());
    ask(1000);
  } catch (error) {
    button.disabled = false;
    notice(`Scans were not ${isPaused ? "paused" : "resumed"}: ${error.message}`);
  }
}

async function retry(scan, button) {
  button.disabled = true;
  button.textContent = "Putting back …";
  try {
    const response = await fetch("/retry", {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ scan: scan.id }),
      signal: AbortSignal.timeout(8000),
    });
    if (!response.ok) throw new Error((await response.text()).trim());
    $("failed-title").tabIndex = -1;
    $("failed-title").focus();
    ask(1000);
  } catch (error) {
    button.disabled = false;
    button.textContent = "Retry";
    notice(`${scanName(scan)} was not put back: ${error.message}`);
  }
}

$("filter").addEventListener("input", () => { if (lastState) showAll(lastState); });
document.addEventListener("visibilitychange", () => { if (!document.hidden) ask(0); });
refresh();
