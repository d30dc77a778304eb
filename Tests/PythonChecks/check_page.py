"""Opens the status page in a real browser and checks what people with and without a mouse or good eyes meet.

check_page.py URL LACUNA DATA: the daemon at URL watches DATA, allows retries, and has a failed scan, whose file is
named `bad`, and at least one that is done. A further scan is made with the program LACUNA while the page is open.
"""

import importlib.util
import pathlib
import subprocess
import sys

import browser

# What WCAG 2.2 asks: contrast of text (1.4.3), smallest target (2.5.8).
CONTRAST, TARGET_PIXELS = 4.5, 24

WEAK_TEXT = """(() => {
  const channel = (v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const luminance = (c) => 0.2126 * channel(c[0]) + 0.7152 * channel(c[1]) + 0.0722 * channel(c[2]);
  const numbers = (text) => text.match(/[\\d.]+/g).map(Number);
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = numbers(getComputedStyle(at).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.getClientRects().length) continue;
    if (element.closest("noscript, script")) continue;
    const [one, two] = [numbers(getComputedStyle(element).color), ground(element)].map(luminance);
    const ratio = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
    if (ratio < %s) found.push([ratio.toFixed(2), element.className || element.tagName, walker.currentNode.data]);
  }
  return found;
})()""" % CONTRAST

FOCUSED = """(() => {
  const at = document.activeElement, style = getComputedStyle(at), box = at.getBoundingClientRect();
  const all = [...document.querySelectorAll("a[href], button:not(:disabled), input, select, [tabindex='0']")];
  const text = at.textContent.trim() || at.ariaLabel || at.labels?.[0]?.textContent
    || document.getElementById(at.getAttribute("aria-labelledby"))?.textContent || null;
  return { index: all.indexOf(at), count: all.length, text,
    picture: at.querySelector("img")?.alt,
    outline: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    width: box.width, height: box.height, inText: style.display === "inline" };
})()"""


def main(url, lacuna, data):
    if not browser.program():
        print("no browser is installed; nothing is checked")
        return
    tab = browser.Browser()
    try:
        tab.resize(1200)
        tab.call("Page.navigate", url=url)
        tab.wait("document.querySelectorAll('#recent li').length > 0 && document.querySelectorAll('#failed li').length")
        check_structure(tab)
        check_looks(tab)
        check_keyboard(tab)
        check_filter(tab)
        check_copies(tab, url)
        check_pause(tab)
        check_history(tab)
        check_life(tab, lacuna, data)
        check_scan(tab, url)
        foreign = [asked for asked in tab.requests if not asked.startswith((url, "data:", "about:"))]
        assert not foreign, f"the page asks others: {foreign}"
        # A scan whose output has no picture costs one answer 404, which the browser notes.
        complaints = [text for text in tab.complaints if "/picture/" not in text]
        assert not complaints, complaints
    finally:
        tab.close()


def check_structure(tab):
    """Language, landmarks, headings in order, a name for all that can be used or seen."""
    assert tab.evaluate("document.documentElement.lang") == "en"
    assert tab.evaluate("document.title").startswith("Lacuna")
    nodes = [node for node in tab.call("Accessibility.getFullAXTree")["nodes"] if not node["ignored"]]
    roles = {}
    for node in nodes:
        roles.setdefault(node["role"]["value"], []).append(node)
    for landmark in "banner", "navigation", "main", "contentinfo":
        assert len(roles.get(landmark, [])) == 1, f"{landmark}: {len(roles.get(landmark, []))}"
    for role in "link", "button", "image", "navigation", "progressbar", "region", "heading", "searchbox", "slider", "spinbutton", "checkbox", "combobox":
        for node in roles.get(role, []):
            assert node.get("name", {}).get("value", "").strip(), f"a {role} has no name: {node}"
    levels = [
        next(p["value"]["value"] for p in node["properties"] if p["name"] == "level") for node in roles["heading"]]
    assert levels[0] == 1 and levels.count(1) == 1, levels
    assert all(next_ <= level + 1 for level, next_ in zip(levels, levels[1:])), levels
    assert tab.evaluate("document.querySelectorAll('[role=status], [role=alert]').length") == 2
    ids = tab.evaluate("[...document.querySelectorAll('[id]')].map((e) => e.id)")
    assert len(ids) == len(set(ids)), ids
    broken = tab.evaluate(
        "[...document.querySelectorAll('[aria-labelledby]')].filter((e) => !document.getElementById("
        "e.getAttribute('aria-labelledby'))).length + [...document.querySelectorAll('a[href^=\"#\"]')].filter("
        "(e) => !document.getElementById(e.hash.slice(1))).length")
    assert broken == 0, f"{broken} references lead nowhere"


def check_looks(tab):
    """Both colour schemes at the widths of a desk, a telephone, and text at 400 %; the telephone stays."""
    for scheme in "light", "dark":
        tab.prefer(scheme)
        for width in 1200, 320, 400:
            tab.resize(width)
            check_look(tab, f"{scheme}, {width} px")
            check_axe(tab, f"{scheme}, {width} px")


def check_axe(tab, where):
    """The rules of axe-core, where it is installed (pip: axe-core-python)."""
    package = importlib.util.find_spec("axe_core_python")
    if not package:
        return
    script = pathlib.Path(package.submodule_search_locations[0]) / "axe.min.js"
    if tab.evaluate("typeof axe") != "object":
        tab.evaluate(script.read_text())
    found = tab.evaluate("axe.run().then((found) => found.violations.map((rule) => "
                         "[rule.id, rule.help, rule.nodes.map((node) => node.html).slice(0, 3)]))")
    assert not found, f"{where}: axe finds {found}"


def check_look(tab, where):
    """Text that can be read, and nothing that has to be scrolled sideways."""
    weak = tab.evaluate(WEAK_TEXT)
    assert not weak, f"{where}: too little contrast: {weak}"
    wide = tab.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"{where}: {wide} pixels too wide"


def check_keyboard(tab):
    """Everything is reached by Tab, in the order in which it is read, and shows that it is."""
    tab.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    order, count = [], None
    for _ in range(200):
        tab.press("Tab")
        focused = tab.evaluate(FOCUSED)
        if focused["index"] < 0 or focused["index"] in order:
            break
        assert focused["text"] or focused["picture"], f"nothing tells what this is: {focused}"
        assert focused["outline"], f"no outline: {focused}"
        large = min(focused["width"], focused["height"]) >= TARGET_PIXELS
        assert large or focused["inText"], f"too small to be hit: {focused}"
        order.append(focused["index"])
        count = focused["count"]
    assert order == list(range(count)), f"{order} of {count}"


def check_filter(tab):
    """Only scans that hold each word are shown, and how many are not."""

    def shown(words):
        field = "document.getElementById('filter')"
        tab.evaluate(f"{field}.value = '{words}'; {field}.dispatchEvent(new Event('input'))")
        return tab.evaluate("['recent', 'failed'].map((id) => document.querySelectorAll(`#${id} li`).length)")

    recent, failed = shown("")
    assert recent and failed and tab.evaluate("document.getElementById('failed-others').hidden")
    assert shown("bad quarantined") == [0, failed]
    assert tab.evaluate("document.getElementById('recent-others').textContent") == f"{recent} not shown"
    assert shown("DONE maxipix") == [recent, 0]
    assert shown("") == [recent, failed]


def check_copies(tab, url):
    """What is copied opens the very output, also in Python."""
    permissions = ["clipboardReadWrite", "clipboardSanitizedWrite"]
    tab.call("Browser.grantPermissions", permissions=permissions, origin=url.rstrip("/"))
    tab.call("Emulation.setFocusEmulationEnabled", enabled=True)
    output = tab.evaluate("document.querySelector('#recent .path').textContent")
    copied = []
    for index in range(4):
        tab.evaluate(f"document.querySelectorAll('#recent .copies button')[{index}].click()")
        tab.wait(f"document.querySelectorAll('#recent .copies button')[{index}].textContent === 'copied'")
        copied.append(tab.evaluate("navigator.clipboard.readText()"))
    path, link, reading, phasing = copied
    names = {}
    exec(reading, names)
    assert path == output and names["data"].shape == names["is_estimate"].shape
    assert link.startswith(f"{url}scan/") and phasing.count(f"'{output}'") == 2


def check_history(tab):
    """The plot has a point for each scan that is done, which the arrow keys choose and which leads to its page."""
    tab.wait("document.querySelectorAll('#history [data-id]').length >= 2")
    value = "document.getElementById('history').getAttribute('aria-valuetext')"
    tab.evaluate("document.getElementById('history').focus()")
    newest = tab.evaluate(value)
    assert "PCC" in newest, newest
    tab.press("ArrowLeft")
    assert tab.evaluate(value) != newest
    tab.press("End")
    assert tab.evaluate(value) == newest
    field = "document.getElementById('filter')"
    tab.evaluate(f"{field}.value = 'bad'; {field}.dispatchEvent(new Event('input'))")
    assert tab.evaluate("document.getElementById('history-section').hidden")
    tab.evaluate(f"{field}.value = ''; {field}.dispatchEvent(new Event('input'))")
    assert tab.evaluate("document.querySelector('#history-chosen a').getAttribute('href')").startswith("/scan/")


def check_scan(tab, url):
    """The page of a scan shows any frame and the other sections, before and after, by keyboard too."""
    tab.call("Page.navigate", url=url + tab.evaluate(
        "document.querySelector('#recent h3 a').getAttribute('href')").lstrip("/"))
    axes = ("frame", "row", "column")

    def shown(axis, layer="counts"):
        image = f"document.querySelector('#{axis}-stage img.{layer}')"
        return f"({image}?.complete && {image}.naturalWidth > 0 ? {image}.getAttribute('src').split('/')[4] : null)"

    for axis in axes:
        tab.wait(shown(axis) + " !== null")
    tab.wait("document.querySelectorAll('#gaps li').length > 0")
    check_structure(tab)
    check_looks(tab)
    check_keyboard(tab)
    sizes = tab.evaluate("""['frame', 'row', 'column'].map((axis) => {
      const image = document.querySelector(`#${axis}-stage img.counts`);
      return [image.naturalHeight, image.naturalWidth];
    })""")
    (rows, columns), row, column = sizes
    assert row[1] == columns and column[0] == rows and row[0] == column[1], sizes

    tab.evaluate("document.getElementById('frame').focus()")
    frame = int(tab.evaluate(shown("frame")))
    key, next_ = ("ArrowLeft", frame - 1) if frame else ("ArrowRight", 1)
    tab.press(key)
    tab.wait(f"{shown('frame')} === '{next_}'")
    assert tab.evaluate("document.getElementById('frame-number').value") == str(next_)
    assert tab.evaluate("location.hash").startswith(f"#frame={next_}&row=")
    # At the left of the slider's line, what was not measured is grey.
    clip = "getComputedStyle(document.querySelector('#frame-stage .gaps')).clipPath"
    before = tab.evaluate(clip)
    tab.evaluate("document.getElementById('before').focus()")
    tab.press("ArrowRight")
    assert tab.evaluate(clip) != before
    tab.evaluate("document.getElementById('uncertainty').click()")
    for axis in axes:
        tab.wait(shown(axis, "uncertainty") + " !== null")
    tab.evaluate("document.getElementById('zoom').value = '4'; document.getElementById('zoom').dispatchEvent("
                 "new Event('change'))")
    assert tab.evaluate("document.querySelector('#frame-stage .layers').clientWidth") == 4 * columns
    check_look(tab, "at four times the size")
    assert tab.evaluate("document.getElementById('notice').hidden")


def check_pause(tab):
    """All scans are paused by one button, which then lets them go on."""
    button = "document.querySelector('#pause button')"
    assert tab.evaluate(f"{button}.textContent") == "Pause"
    tab.evaluate(f"{button}.click()")
    tab.wait(f"{button}.textContent === 'Resume' && document.getElementById('state').textContent === 'Paused'")
    assert "all scans (by hand" in tab.evaluate("document.getElementById('now').textContent")
    tab.evaluate(f"{button}.click()")
    tab.wait(f"{button}.textContent === 'Pause' && document.getElementById('state').textContent !== 'Paused'")


def check_life(tab, lacuna, data):
    """A new scan shows itself without a reload, and a failed one is put back by keyboard."""
    tab.evaluate("window.same = true")
    done = "document.querySelectorAll('#recent li .picture').length + document.querySelectorAll('#recent li').length"
    before = tab.evaluate(done)
    command = [lacuna, "simulate", "--output", data, "--frames", "6", "--roi", "64", "64", "--no-truth"]
    subprocess.run(command, check=True, capture_output=True)
    tab.wait(f"{done} > {before}")

    assert tab.evaluate("document.querySelector('#failed button').ariaLabel").startswith("Retry bad")
    tab.evaluate("document.querySelector('#failed button').focus()")
    attempt = tab.evaluate("document.querySelector('#failed time').dateTime")
    tab.press("Enter")
    # The file is still bad: it fails again, at another time.
    tab.wait(f"(document.querySelector('#failed time')?.dateTime ?? '{attempt}') !== '{attempt}'")
    assert tab.evaluate("window.same"), "the page was loaded again"


main(*sys.argv[1:])
