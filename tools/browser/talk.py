"""The window of somebody in a call: picture, sound, meter, and what is said over them."""

import asyncio
import re
from dataclasses import dataclass

from playwright.async_api import Locator, expect

from tools.browser.window import PATIENCE, Window

#: Of a video: until it showed some frames more; whether the last picture is another than the first.
_MOVES = """
async (video) => {
  const shown = () => new Promise((resolve) => video.requestVideoFrameCallback(resolve));
  const pixels = () => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [64, 36];
    const context = canvas.getContext("2d");
    context.drawImage(video, 0, 0, 64, 36);
    return context.getImageData(0, 0, 64, 36).data;
  };
  await shown();
  const first = pixels();
  for (let left = 5; left > 0; left -= 1) await shown();
  return pixels().some((value, index) => Math.abs(value - first[index]) > 16);
}
"""
#: Of a video with sound: until something is to be heard; the loudest sample.
_SOUNDS = """
async (video) => {
  const context = new AudioContext();
  const analyser = new AnalyserNode(context, {fftSize: 2048});
  context.createMediaStreamSource(video.srcObject).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  try {
    for (;;) {
      analyser.getFloatTimeDomainData(samples);
      const loudest = Math.max(...samples);
      if (loudest > 0.01) return loudest;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  } finally {
    await context.close();
  }
}
"""


@dataclass(frozen=True)
class Talk:
    """One side of a call."""

    window: Window
    #: whom this side sees
    other: str

    @property
    def picture(self) -> Locator:
        """The other's video."""
        return self.window.page.get_by_label(f"Video of {self.other}")

    @property
    def meter(self) -> Locator:
        return self.window.page.get_by_role("timer", name="On the meter")

    @property
    def cost(self) -> Locator:
        return self.window.page.get_by_role("region", name="Meter").get_by_text(re.compile(r"^\$[\d.]+$"))

    @property
    def session_id(self) -> str:
        """From the address."""
        return self.window.page.url.rsplit("/", 1)[1]

    async def begins(self) -> None:
        """Until this side is in the call and its meter runs."""
        await expect(self.window.page).to_have_url(re.compile("/call/"))
        await expect(self.meter).not_to_have_text("0:00")

    async def sees_the_other_move(self) -> None:
        """Frames arrive, and they show something new."""
        async with asyncio.timeout(PATIENCE):
            while not await self.picture.evaluate(_MOVES):
                pass

    async def hears_the_other(self) -> None:
        """Sound arrives."""
        async with asyncio.timeout(PATIENCE):
            await self.picture.evaluate(_SOUNDS)

    async def seconds(self) -> int:
        """On the meter."""
        minutes, seconds = (await self.meter.inner_text()).split(":")
        return 60 * int(minutes) + int(seconds)

    async def goes_on(self, seconds: int = 1) -> None:
        """Until the meter counted so much more."""
        wanted = await self.seconds() + seconds
        await self.window.page.wait_for_function(
            """([meter, wanted]) => {
              const [minutes, seconds] = meter.textContent.split(":").map(Number);
              return 60 * minutes + seconds >= wanted;
            }""",
            arg=[await self.meter.element_handle(), wanted],
        )

    async def says(self, words: str | re.Pattern[str]) -> None:
        """Until this is said over the picture."""
        await expect(self.window.page.get_by_role("heading", name=words)).to_be_visible()

    async def talks(self) -> None:
        """Until nothing is said over the picture any more: both see and hear each other."""
        await expect(self.window.page.locator(".standing")).to_be_hidden()

    async def ends(self) -> None:
        """Hang up."""
        await self.window.presses("End call")


async def talking(client: Window, coach: Window) -> tuple[Talk, Talk]:
    """The client calls the coach, who is online and accepts; until both meters run."""
    await client.calls(coach.person)
    await coach.is_called_by(client.person)
    await coach.presses("Accept")
    sides = Talk(client, coach.person), Talk(coach, client.person)
    for side in sides:
        await side.begins()
    return sides
