"""A real browser without a window, that reaches this machine only."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from selenium.common.exceptions import TimeoutException
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

PROGRAMS = ("chromium", "chromedriver")
SECONDS = 60.0  # of waiting for what a page shows
SETTLED = 3.0  # seconds until what moves on a page has come to rest
PICTURES = Path(__file__).parents[2] / "docs" / "images"
OPTIONS = (
    "--headless=new",
    "--no-sandbox",  # root has none
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
    "--window-size=1600,1200",
)


def missing() -> list[str]:
    """The programs of the browser that PATH does not have."""
    return [program for program in PROGRAMS if not shutil.which(program)]


class Browser:
    """What a person does and sees."""

    def __init__(self, driver: Chrome) -> None:
        self._driver = driver

    @property
    def url(self) -> str:
        """The address of the page."""
        return str(self._driver.current_url)

    @property
    def text(self) -> str:
        """What the page shows."""
        return str(self._driver.execute_script("return document.body.innerText"))

    def go(self, url: str) -> None:
        """Open a page."""
        self._driver.get(url)

    def answer_prompt(self, url: str, user: str, password: str) -> None:
        """Open a page whose server asks for a login by HTTP, and give it."""
        parts = urlsplit(url)
        self.go(f"{parts.scheme}://{user}:{quote(password, safe='')}@{parts.netloc}{parts.path}")

    def fill_in(self, **fields: str) -> None:
        """Fill in the fields of a form by their names, and submit it."""
        self.wait(lambda: self._driver.find_elements(By.NAME, next(iter(fields))))
        for name, text in fields.items():
            field = self._driver.find_element(By.NAME, name)
            field.send_keys(text)
        field.submit()

    def wait_for(self, *texts: str) -> None:
        """Wait until the page shows all of these."""
        self.wait(lambda: all(text in self.text for text in texts))

    def wait_for_picture(self, width: int) -> None:
        """Wait until the page shows a loaded picture that is `width` pixels wide or wider."""
        script = "return Math.max(0, ...[...document.images].map(each => each.naturalWidth))"
        self.wait(lambda: self._driver.execute_script(script) >= width)

    def evaluate(self, script: str) -> Any:
        """What a script returns in the page; a promise is waited for."""
        return self._driver.execute_async_script(
            "const done = arguments[arguments.length - 1];"
            f"Promise.resolve((() => {{{script}}})()).then(done)"
        )

    def resize(self, width: int) -> None:
        """Show the page as on a screen of that many pixels in width."""
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        self._driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)

    def prefer_dark(self) -> None:
        """Ask pages for dark colours, as a person's system does."""
        feature = {"name": "prefers-color-scheme", "value": "dark"}
        self._driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})

    def errors(self) -> list[str]:
        """What the page wrote to its console since the last call."""
        get_log: Any = self._driver.get_log  # it has no types
        return [str(entry["message"]) for entry in get_log("browser")]

    def keep_picture(self, name: str) -> None:
        """Make the page the picture of that name in the docs, where UPDATE_SCREENSHOTS is set."""
        if os.environ.get("UPDATE_SCREENSHOTS"):
            self._driver.set_window_size(1200, 760)
            time.sleep(SETTLED)
            self._driver.save_screenshot(str(PICTURES / f"{name}.png"))

    def wait(self, condition: Callable[[], object]) -> None:
        """Wait for a condition; AssertionError shows the page."""
        try:
            WebDriverWait(self._driver, SECONDS).until(lambda _: condition())
        except TimeoutException:
            raise AssertionError(
                f"not within {SECONDS:.0f} s at {self.url}:\n{self.text}"
            ) from None


@contextmanager
def browser(folder: Path) -> Iterator[Browser]:
    """A browser with its files in `folder`, gone at the end."""
    options = ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for option in (*OPTIONS, f"--user-data-dir={folder}"):
        options.add_argument(option)
    driver = Chrome(options, Service(shutil.which("chromedriver")))
    try:
        yield Browser(driver)
    finally:
        driver.quit()
