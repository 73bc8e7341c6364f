"""What every page owes everybody, whatever it shows: no barrier, no scrolling sideways, nothing that jumps."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from playwright.async_api import Page, ViewportSize

from tools.browser.window import DESK, PHONE, Scheme, Window

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
#: Cumulative layout shift below 0.1 is "good" (https://web.dev/articles/cls); half of it is asked for.
MOST_SHIFT = 0.05
SCHEMES: dict[Scheme, list[str] | None] = {"light": None, "dark": ["color-contrast"]}

#: Run in each page before its own scripts: sums up what moved without anybody having touched anything.
WATCH_SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    if (!entry.hadRecentInput) {
      window.shifts.push({value: entry.value, moved: entry.sources.map((one) => one.node?.outerHTML?.slice(0, 120))});
    }
  }
}).observe({type: "layout-shift", buffered: true});
"""

_BARRIERS = """
async (rules) => {
  // No colour is looked at while it turns into another.
  for (let left = 2; left > 0; left -= 1) await new Promise(requestAnimationFrame);
  const ending = document.getAnimations().filter((one) => Number.isFinite(one.effect?.getComputedTiming().endTime));
  await Promise.allSettled(ending.map((one) => one.finished));
  const found = await axe.run(document, {resultTypes: ["violations"], ...(rules ? {runOnly: rules} : {})});
  return found.violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${rule.help}: ${node.html.slice(0, 160)}`
    + ` (${node.any.concat(node.all, node.none).map((check) => check.message).join("; ")})`));
}
"""
_WIDER = """
() => {
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= room) return [];
  return [...document.body.querySelectorAll("*")]
    .filter((node) => node.getBoundingClientRect().right > room + 0.5)
    .map((node) => node.outerHTML.slice(0, 120));
}
"""


@cache
def _axe() -> str:
    return AXE.read_text()


async def barriers(page: Page, rules: list[str] | None = None) -> list[str]:
    """What axe-core finds against WCAG and its best practices, a line per element; by all rules, or by some."""
    if not await page.evaluate("() => 'axe' in window"):
        # Through the debugger, as the page's own policy would let no foreign script in.
        await page.evaluate(_axe())
    found: list[str] = await page.evaluate(_BARRIERS, rules)
    return found


async def too_wide(page: Page) -> list[str]:
    """The elements that stick out at the right, if the page scrolls sideways."""
    found: list[str] = await page.evaluate(_WIDER)
    return found


async def jumps(page: Page) -> list[str]:
    """What moved by itself since the page was opened, if it was too much in all."""
    shifts: list[dict[str, Any]] = await page.evaluate("() => window.shifts")
    if sum(one["value"] for one in shifts) < MOST_SHIFT:
        return []
    return [f"moved by {one['value']:.3f}: {one['moved']}" for one in shifts]


async def faults_of(window: Window, paths: Iterable[str]) -> str:
    """Open pages one after the other at both widths, look at each in both schemes; what is wrong, a line each."""
    found: list[str] = []
    for size in (PHONE, DESK):
        await window.page.set_viewport_size(size)
        for path in paths:
            await window.page.goto(path)
            await window.settled()
            found += [f"{path} at {size['width']} {fault}" for fault in await faults_now(window.page)]
    return "\n".join(found)


async def faults_now(page: Page) -> list[str]:
    """What is wrong with what a page shows at this moment."""
    found = [f"wide: {one}" for one in await too_wide(page)] + await jumps(page)
    # Only colours differ between the schemes.
    for scheme, rules in SCHEMES.items():
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found += [f"in {scheme}: {one}" for one in await barriers(page, rules)]
    return found


async def faults_of_state(window: Window, state: str, sizes: Iterable[ViewportSize] = (PHONE, DESK)) -> str:
    """What is wrong with what is shown in the middle of something, which is not opened anew; a line each."""
    found = await jumps(window.page)
    for size in sizes:
        await window.page.set_viewport_size(size)
        found += [f"{state} at {size['width']} {fault}" for fault in await faults_now(window.page)]
    return "\n".join(found)
