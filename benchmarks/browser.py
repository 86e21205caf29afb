"""What a rehearsal costs the trainee's machine: ``python benchmarks/browser.py [SECONDS] [VIDEO]``.

A whole app and a headless Chromium whose camera and microphone play VIDEO (the front sample when not given), one
rehearsal of SECONDS of practice, recorded as always. Prints the pose model that the page chose, pictures looked at per
second, how late the drawn skeleton is behind the picture (from the browser's presentation of the frame to the end of
drawing, 95th percentile of the last 600 frames), and what was sent and stored.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LISTEN = "document.addEventListener('liyi:figures', (event) => { window.figures = event.detail; });"


def main(seconds: float = 30.0, video: str = "") -> int:
    """Run and print."""
    from playwright.sync_api import sync_playwright

    from tests.e2e.fake_media import launch_playing, write_camera, write_microphone
    from tests.e2e.test_practise import Visit, stored_seconds
    from tests.e2e.whole_app import App

    source = Path(video) if video else ROOT / "sample_media" / "counter_front_zh.mp4"
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        camera, microphone = folder / "camera.y4m", folder / "microphone.wav"
        write_camera(source, camera, start_s=0.0, end_s=8.0)
        write_microphone(source, microphone, start_s=0.0, end_s=20.0)
        app = App(folder / "data")
        app.data.mkdir()
        app.start()
        browser = launch_playing(playwright.chromium, camera, microphone)
        try:
            visit = Visit(browser, app)
            visit.page.add_init_script(LISTEN)
            visit.begin()
            for _ in range(round(seconds / 5)):
                visit.page.wait_for_timeout(5000)
                figures = visit.page.evaluate("window.figures")
                print(f"{figures['model']:5s} {figures['fps']:5.1f} pictures/s, skeleton p95 "
                      f"{figures['delay_p95_ms']:4.0f} ms, load {os.getloadavg()[0]:.1f}", flush=True)  # fmt: skip
            visit.press("End")
            visit.page.wait_for_timeout(3000)
            print(json.dumps(visit.page.evaluate("window.figures")), f"stored {stored_seconds(visit.rehearsal):.1f} s")
        finally:
            browser.close()
            app.close()
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main(*(kind(a) for kind, a in zip((float, str), sys.argv[1:], strict=False))))
