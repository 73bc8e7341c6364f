"""Chromium as this machine has it, started for two people who call each other on one machine."""

import os
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from playwright.async_api import Browser, async_playwright

#: The variable that names another browser than the first on PATH.
VARIABLE = "CHROMIUM"
#: Set to anything, it forbids to do without a browser: for machines that must not pass over these tests.
REQUIRED = "CHROMIUM_REQUIRED"
ON_PATH = ("chromium", "chromium-browser", "google-chrome")

#: What Chromium shall do without. The last switch of this kind counts alone, so the second part repeats what Playwright does
#: without.
WITHOUT = (
    # A hidden page for the suggestions under the address bar: in each new window it costs more than ours does.
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)
ARGUMENTS = (
    f"--disable-features={','.join(WITHOUT)}",
    # Sandboxing needs rights that a container does not have; only our own pages are opened.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A picture and a tone instead of a camera and a microphone. Ten frames a second are enough to see them advance.
    "--use-fake-device-for-media-stream=fps=10",
    # A machine without any network but its own can call itself, too.
    "--allow-loopback-in-peer-connection",
    # Windows that nobody looks at go on at full speed: two people sit at this machine.
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
)


class NoChromium(Exception):
    """There is no browser here; the message says what to do."""


def find_chromium(environ: Mapping[str, str] = os.environ) -> str:
    """The path of the browser.

    Raises:
        NoChromium: none on PATH, or not where the variable says.
    """
    wanted = environ.get(VARIABLE)
    found = next(filter(None, map(shutil.which, [wanted] if wanted else ON_PATH)), None)
    if found is not None:
        return found
    if wanted:
        raise NoChromium(f"{VARIABLE} is {wanted}, and no program is there.")
    raise NoChromium(
        f"No Chromium on PATH ({', '.join(ON_PATH)}). On Debian: apt-get install chromium; or name one with {VARIABLE}."
    )


@asynccontextmanager
async def chromium(path: str, *more: str) -> AsyncIterator[Browser]:
    """One browser without windows on screen, with fake camera and microphone; closed at the end.

    ``more`` arguments come after our own.
    """
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=[*ARGUMENTS, *more])
        try:
            yield browser
        finally:
            await browser.close()
