"""Makes a picture of every step of the main job, in both languages, for a phone (390 px) and a desk (1440 px).

    python tools/screenshots.py [FOLDER]        default folder: screenshots/

Starts an installation of its own in a temporary folder; nothing of yours is touched.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from playwright.sync_api import Browser, Page, sync_playwright

from tools import case_day, desk_day, journey
from tools.installation import Installation

WIDTHS = {390: 844, 1440: 900}
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
MORE = (
    "/bantuan/",
    "/lapor/",
    "/lapor/kecil/",
    "/lapor/orang-tua/",
    "/lapor/tautan/",
    "/lapor/khawatir/",
    "/lapor/tidak-kuat/",
)
DESK = (
    "jaga", "akses", "akun", "platform", "terima", "terima/phone", "terima/media", "serah-terima", "hapus",
    "hapus/statistik", "seri", "jawaban", "istilah", "aku", "kasus", "kasus/daftar", "rekan", "direktori", "statistik",
)  # fmt: skip


class Camera:
    """Keeps a picture of each step under FOLDER/<language>/<width>/<number>-<name>.png."""

    def __init__(self, folder: Path, language: str, width: int) -> None:
        self.folder = folder / language / str(width)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.number = 0

    def see(self, page: Page, name: str) -> None:
        self.number += 1
        page.screenshot(path=self.folder / f"{self.number:02d}-{name}.png", full_page=True)


def walk(browser: Browser, made: Installation, folder: Path, language: str, width: int, who: dict[str, Any]) -> int:
    """Walk the whole main job once; return how many pictures were made."""
    camera = Camera(folder, language, width)
    prefix = "" if language == "id" else "/en"

    def fresh() -> Page:
        context = browser.new_context(viewport={"width": width, "height": WIDTHS[width]}, java_script_enabled=False)
        return context.new_page()

    page = fresh()
    for path in MORE:
        page.goto(f"{made.address}{prefix}{path}")
        camera.see(page, path.strip("/").replace("/", "-"))
    code = journey.report(fresh(), made.address, language, camera.see)
    staff = fresh()
    journey.sign_in(staff, made.address, who, language, camera.see)
    journey.answer(staff, made.address, language, camera.see)
    for path in DESK:
        staff.goto(f"{made.address}{prefix}/kerja/{path}/")
        camera.see(staff, f"kerja-{path.replace('/', '-')}")
    child = fresh()
    journey.open_box(child, made.address, code, language, camera.see)
    journey.reply(child, language, camera.see)
    journey.stop_and_go_on(child, camera.see)
    first_day(fresh, browser, made, camera, language, width, who)
    if language == "id":
        day_of_a_case(browser, made, camera, width, who)
    return camera.number


def first_day(
    fresh: Callable[[], Page], browser: Browser, made: Installation, camera: Camera, language: str, width: int, who: Any
) -> None:
    """The day of an analyst who came this morning, by the keyboard, with script."""
    journey.report(fresh(), made.address, language)
    size = {"width": width, "height": WIDTHS[width]}
    page, colleague = (browser.new_context(viewport=size).new_page() for _ in range(2))
    newcomer = desk_day.add(made, f"baru-{language}-{width}", who["organisation"], who["team"])
    fingerprint = desk_day.arrive(page, made.address, newcomer, language, camera.see)
    journey.sign_in(colleague, made.address, who, language)
    desk_day.give_key(colleague, made.address, fingerprint, language, camera.see)
    desk_day.work(page, made.address, language, camera.see)


def day_of_a_case(browser: Browser, made: Installation, camera: Camera, width: int, who: Any) -> None:
    """The day of a case worker, by the keyboard, with script."""
    size = {"width": width, "height": WIDTHS[width]}
    child, page = (browser.new_context(viewport=size).new_page() for _ in range(2))
    journey.report(child, made.address)
    journey.sign_in(page, made.address, who)
    case_day.whole(page, made.address, camera.see)


def main(folder: Path) -> None:
    chromium = os.environ.get("LINDUNG_CHROMIUM") or shutil.which("chromium")
    if not chromium:
        raise SystemExit("Chromium is not installed. Type: apt-get install --no-install-recommends chromium")
    shutil.rmtree(folder, ignore_errors=True)
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        made = Installation(Path(temporary)).prepare()
        case_day.seed(made)
        made.start()
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        try:
            people = [made.people[name] for name in ("analyst", "second_analyst", "supervisor")]
            total = 0
            for number, (language, width) in enumerate((la, w) for la in ("id", "en") for w in WIDTHS):
                total += walk(browser, made, folder, language, width, people[number % 2])
                print(f"{language} {width} px: done")
        finally:
            browser.close()
            made.stop()
    print(f"{total} pictures in {folder}/")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("screenshots"))
