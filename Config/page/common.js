// What both pages are made of.

/** A node with a class, attributes and children; text stays text, whatever it contains. */
export function node(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null) made.setAttribute(key, value);
  }
  made.append(...children.filter(Boolean));
  return made;
}

// Words

export const number = (value, digits) => value.toFixed(digits);

export function duration(seconds) {
  if (seconds < 10 && !Number.isInteger(seconds)) return `${number(seconds, 1)} s`;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86400)} d`;
}

export const ago = (date) => `${duration(Math.max(0, (Date.now() - new Date(date)) / 1000))} ago`;
export const fileName = (path) => path.slice(path.lastIndexOf("/") + 1);
export const directory = (path) => path.slice(0, path.lastIndexOf("/") + 1);
export const scanName = (scan) => fileName(scan.file) + (scan.scan === undefined ? "" : ` scan ${scan.scan}`);

export function time(date) {
  const text = new Date(date).toLocaleString();
  return node("time", { datetime: date, title: text }, ago(date));
}

// Scans

export function about(...parts) {
  return node("p", { class: "about" }, ...parts.filter(Boolean).map((part) => node("span", {}, part)));
}

/** Why a scan stands where it does; a reason often begins with the file, which stands above it. */
export function reason(scan) {
  const words = scan.reason ?? "";
  const text = words.startsWith(`${scan.file}: `) ? words.slice(scan.file.length + 2) : words;
  return text && node("p", { class: "reason" }, text);
}

export const title = (scan) => scan.title && node("p", { class: "title" }, scan.title);

export function quality(scan) {
  const chosen = scan.method ?? "filled";
  const rows = [[chosen, scan.pcc_hidden ?? scan.pcc], ["kriging", scan.pcc_kriging], ["linear", scan.pcc_linear]]
    .filter(([name, value], index) => value !== undefined && (index === 0 || name !== chosen));
  if (rows.length === 0) return undefined;
  const list = node("dl", { class: "quality", "aria-label": "Correlation with what was measured, in hidden gaps" });
  for (const [name, value] of rows) {
    const bar = node("i");
    bar.style.setProperty("--share", Math.min(1, Math.max(0, value)));
    list.append(node("div", {},
      node("dt", { class: name === chosen ? "chosen" : null }, name),
      node("dd", { class: "bar", "aria-hidden": "true" }, bar),
      node("dd", {}, number(value, 3))));
  }
  return list;
}

/** Whether the gaps can be trusted, each word in its colour. */
export function verdict(scan) {
  if (!scan.verdict) return undefined;
  const list = node("p", { class: "verdict" });
  for (const part of scan.verdict.split("; ")) {
    const kind = ["trust", "bounds only", "leave free"].find((word) => part.startsWith(word)) ?? "unknown";
    list.append(node("span", { class: kind.replace(" ", "-") }, part), " ");
  }
  return list;
}

// What people copy of a scan that is done: where it is, and how it is opened.
const snippets = {
  path: (scan) => scan.output,
  link: (scan) => new URL(`/scan/${scan.id}`, location).href,
  h5py: (scan) => `import h5py

with h5py.File(${JSON.stringify(scan.output)}) as file:
    data = file["/entry/data/data"][()]
    errors = file["/entry/data/data_errors"][()]
    is_estimate = file["/entry/data/inpainted"][()] != 0
`,
  PyNX: (scan) => {
    const output = `'${scan.output.replaceAll("'", "'\\''")}'`;
    return `pynx-cdi-id01 --data ${output} --mask ${output}:/entry_1/instrument_1/detector_1/mask`;
  },
};

export function copies(scan) {
  const row = node("p", { class: "copies" }, node("span", {}, "Copy "));
  for (const [name, words] of Object.entries(snippets)) {
    const button = node("button", { type: "button", "aria-label": `Copy ${name} of ${scanName(scan)}` }, name);
    button.addEventListener("click", async () => {
      const isCopied = await copy(words(scan));
      button.textContent = isCopied ? "copied" : "no permission";
      setTimeout(() => { button.textContent = name; }, 2000);
    });
    row.append(button);
  }
  return row;
}

/** Puts text on the clipboard; browsers keep the modern way to this machine, https and those who allow it. */
export async function copy(words) {
  if (await navigator.clipboard?.writeText(words).then(() => true, () => false)) return true;
  const area = node("textarea", { readonly: "", "aria-hidden": "true", class: "outside" });
  const focused = document.activeElement;
  area.value = words;
  document.body.append(area);
  area.select();
  const isCopied = document.execCommand("copy");
  area.remove();
  focused?.focus();
  return isCopied;
}

/** Text of a node that is there already, which stays untouched where it is the same. */
export function text(id, words) {
  const place = document.getElementById(id);
  if (place.textContent !== words) place.textContent = words;
}

/** Something that a person must know; nothing where there is nothing. */
export function notice(words) {
  document.getElementById("notice").hidden = !words;
  text("notice", words ?? "");
}
