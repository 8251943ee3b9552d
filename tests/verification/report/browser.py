"""The page in a real browser without a window: Chromium where it is found."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

BROWSER = next((found for name in ("chromium", "chromium-browser", "google-chrome", "chrome") if (found := shutil.which(name))), None)
MISSING = "needs Chromium: none of chromium, chromium-browser, google-chrome and chrome is on the path"
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)
# Runs before everything else on the page, so that no error is missed.
LISTEN = """<script>
window.problems = [];
addEventListener("error", (event) => problems.push(String(event.message)));
console.error = (...words) => problems.push(words.join(" "));
</script>"""
LOOK = """<script>
addEventListener("load", () => {
  const all = (what) => [...document.querySelectorAll(what)];
  const broken = [];
  for (const cell of all("td.verdict, .outcome, th")) {
    const walker = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode())
      for (const word of node.data.matchAll(/\\S+/g)) {
        const range = document.createRange();
        range.setStart(node, word.index);
        range.setEnd(node, word.index + word[0].length);
        if (new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size > 1) broken.push(word[0]);
      }
  }
  const letters = all("svg.plot").filter((plot) => plot.getBoundingClientRect().width).flatMap((plot) => {
    const scale = plot.getBoundingClientRect().width / plot.viewBox.baseVal.width;
    return [...plot.querySelectorAll("text")].map((text) => {
      const parts = [text, ...text.querySelectorAll("tspan")].filter((part) => [...part.childNodes].some((one) => one.nodeType === 3));
      return scale * Math.max(...parts.map((part) => parseFloat(getComputedStyle(part).fontSize)));
    });
  });
  const facts = { width: innerWidth, wide: document.documentElement.scrollWidth, broken, smallest: Math.min(...letters), problems };
  facts.reachable = all("a, button, summary, input, select").every((one) => one.tabIndex >= 0);
  const link = document.querySelector("td.certificate a");
  if (link) {
    const target = document.getElementById(link.hash.slice(1));
    const entry = target.closest("details");
    facts.folded = !entry.open;
    link.focus();
    facts.focused = document.activeElement === link;
    location.hash = link.hash;
    dispatchEvent(new HashChangeEvent("hashchange"));
    facts.unfolded = entry.open;
  }
  const shown = (row) => row.getClientRects().length;
  const rows = () => all("#matrix tbody tr:not(.group)").filter(shown).map((row) => row.cells[0].textContent);
  const sort = document.querySelectorAll("#matrix th button")[2];
  if (sort) {
    facts.rows = rows();
    sort.click();
    facts.ascending = rows();
    facts.said = sort.parentElement.getAttribute("aria-sort");
    sort.click();
    sort.click();
    facts.back = rows();
    const field = document.querySelector(".controls input");
    field.value = "hoeffding";
    field.dispatchEvent(new Event("input"));
    facts.filtered = rows();
  }
  parent.postMessage(JSON.stringify(facts), "*");
});
</script>"""
# A window without a screen is at least 500 pixels wide, a frame is as wide as it is told to be.
FRAME = """<!DOCTYPE html><iframe src="{name}" style="width:{width}px;height:1000px;border:0"></iframe><script>
addEventListener("message", (event) =>
  document.body.append(Object.assign(document.createElement("pre"), {{ id: "facts", textContent: event.data }})));
</script>"""


def look(page: Path, width: int, scratch: Path) -> dict[str, Any]:
    """What a reader of this width meets: errors, overflow, broken words, the smallest letters of figures, and what the controls do."""
    text = page.read_text(encoding="utf-8").replace("<head>", f"<head>{LISTEN}").replace("</body>", f"{LOOK}</body>")
    copy = scratch / f"at-{width}.html"
    copy.write_text(text, encoding="utf-8")
    frame = scratch / f"frame-{width}.html"
    frame.write_text(FRAME.format(name=copy.name, width=width), encoding="utf-8")
    dumped = _browse(scratch, "--window-size=1400,1100", "--virtual-time-budget=10000", "--dump-dom", frame.as_uri())
    found = re.search(r'<pre id="facts">(.*?)</pre>', dumped, re.DOTALL)
    assert found, dumped[-500:]
    facts: dict[str, Any] = json.loads(html.unescape(found[1]))
    return facts


def printed_pages(page: Path, scratch: Path) -> int:
    """The number of pages in print."""
    target = scratch / "printed.pdf"
    _browse(scratch, "--no-pdf-header-footer", f"--print-to-pdf={target}", page.as_uri())
    return len(re.findall(rb"/Type\s*/Page\b", target.read_bytes()))


def _browse(scratch: Path, *arguments: str) -> str:
    assert BROWSER is not None
    command = [BROWSER, *FLAGS, f"--user-data-dir={scratch / 'profile'}", *arguments]
    return subprocess.run(command, capture_output=True, check=True, timeout=600, text=True).stdout
