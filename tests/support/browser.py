"""A real browser for tests: the app as a process of its own, Chromium, and one visitor at a time who notes what goes wrong."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import pytest

from model.formulation.levers import AIMS, Choice, Lever, lever_named, levers
from pages.parts.text import common as words

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Locator, Page

ROOT = Path(__file__).resolve().parents[2]
WAIT_S = 60
"""How long a visitor waits for one thing. Far more than it takes, because the machine may be busy."""
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--no-sandbox", "--disable-gpu-sandbox",
    "--disable-gpu-compositing", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run",
]  # fmt: skip
STILL = {"reduced_motion": "reduce", "accept_downloads": True, "service_workers": "block"}
DESK = {"viewport": {"width": 1920, "height": 1080}, **STILL}
PHONE = {
    **STILL,
    "viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True,
    "user_agent": "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Mobile Safari/537.36",
}  # fmt: skip


# -- browser and server ------------------------------------------------------------------------------------------


def missing() -> str:
    """Why no real browser can be driven here, as a sentence; empty when one can."""
    try:
        import playwright.sync_api  # noqa: F401
    except ImportError:
        return "The package playwright is not installed."
    return "" if chromium() else f"No browser is installed: none of {', '.join(BROWSERS)}, and CHROMIUM names none."


def need_a_browser() -> None:
    """Skip the test that asks when there is no browser, but never in CI: there it fails."""
    if why := missing():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(
            f"{why} The browser tests need playwright and a Chromium."
        )


def chromium() -> str | None:
    """The browser's program: what the environment variable CHROMIUM names, or the first found on the path."""
    return shutil.which(os.environ.get("CHROMIUM") or "") or next(filter(None, map(shutil.which, BROWSERS)), None)


@contextmanager
def browser() -> Iterator[Browser]:
    """The machine's Chromium without a window."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=chromium(), args=FLAGS, timeout=1000 * WAIT_S)
        try:
            yield started
        finally:
            started.close()


@dataclass(frozen=True)
class Server:
    """A running app: its address, the file that it writes its log to, and its process, for tests that kill it."""

    url: str
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def tracebacks(self, since: int = 0) -> list[str]:
        """The last lines of every traceback in the log after so many bytes."""
        text = self.log.read_bytes()[since:].decode(errors="replace")
        return [part.strip()[-400:] for part in text.split("Traceback (most recent call last)")[1:]]


def free_port() -> int:
    """A port of this machine that nobody uses just now."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return int(probe.getsockname()[1])


@contextmanager
def server(port: int = 0, rooms: Path | None = None, **more: str) -> Iterator[Server]:
    """The app on a free port of this machine (or on `port`), up to the moment when it answers; ended afterwards, and only it. Rooms
    lie in a folder of its own, or in `rooms`. `more`: further settings of its server."""
    port = port or free_port()
    options = {"port": port, "headless": "true", "address": "localhost", "fileWatcherType": "none", **more}
    command = [sys.executable, "-m", "streamlit", "run", "app.py", *(f"--server.{k}={v}" for k, v in options.items())]
    with tempfile.TemporaryDirectory() as folder:
        surroundings = {name: value for name, value in os.environ.items() if name != "MAGNET_DATA"}
        surroundings["MAGNET_ROOMS"] = str(rooms or folder)
        way = f"/{more['baseUrlPath']}" if "baseUrlPath" in more else ""
        place = Path(folder) / "server.log"
        with place.open("w") as log:
            process = subprocess.Popen(command, cwd=ROOT, env=surroundings, stdout=log, stderr=subprocess.STDOUT)
            running = Server(f"http://localhost:{port}{way}", place, process)
            try:
                _wait_until_healthy(process, running)
                yield running
            finally:
                process.terminate()
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


def _wait_until_healthy(process: subprocess.Popen[bytes], running: Server) -> None:
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{running.url}/_stcore/health", timeout=2) as reply:
                if reply.status == 200:
                    return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"The app did not start: {running.log.read_text(errors='replace')[-600:]}")


# -- a visitor ---------------------------------------------------------------------------------------------------


@dataclass
class Visitor:
    """One browser context with one page. Notes every request that leaves the server and every error in the console."""

    server: Server
    context: BrowserContext
    page: Page
    logged: int = 0
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def watch(self) -> None:
        """Record every request and socket, stop those that go elsewhere, and note errors and dialogs."""
        self.context.on("request", lambda request: self.requests.append(request.url))
        self.context.route(lambda url: not self.own(url), lambda route: route.abort())
        self.context.route_web_socket(lambda url: not self.own(url), lambda socket: socket.close())
        self.page.on("websocket", lambda socket: self.requests.append(socket.url))
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("dialog", self._dismiss)

    def _note(self, line: ConsoleMessage) -> None:
        """Keep an error, but for Streamlit's own: on a deep link it first asks for its health below the page's name."""
        if line.type == "error" and "/_stcore/" not in line.location["url"]:
            self.errors.append(f"{line.text} ({line.location['url']})")

    def _dismiss(self, dialog: Dialog) -> None:
        self.errors.append(f"a dialog opened: {dialog.message}")
        dialog.dismiss()

    def own(self, url: str) -> bool:
        """Whether an address is the app's own or carries its content in itself."""
        parts = urlsplit(url)
        return parts.scheme in {"data", "blob"} or parts.netloc == urlsplit(self.server.url).netloc

    def foreign(self) -> list[str]:
        """Requests that left the server."""
        return [url for url in self.requests if not self.own(url)]

    def open(self, path: str = "", values: Mapping[str, object] | None = None) -> None:
        """Open a page by its address, with these values in it, and wait until it stands."""
        query = f"?{urlencode(values)}" if values else ""
        self.page.goto(f"{self.server.url}/{path}{query}", wait_until="commit")
        self.settle()

    def far_away(self, ms: int) -> None:
        """From now on what the server sends arrives so much later, as over a slow network. For a page not yet opened."""
        script = """
            window.WebSocket = class extends WebSocket {
                constructor(...where) {
                    super(...where);
                    super.addEventListener("message", event => {
                        if (event.late) return;
                        event.stopImmediatePropagation();
                        const late = Object.assign(new MessageEvent("message", {data: event.data}), {late: true});
                        setTimeout(() => this.dispatchEvent(late), LATE);
                    });
                }
            };
        """
        self.page.add_init_script(script.replace("LATE", str(ms)))

    def settle(self) -> None:
        """Wait until the script has run, the headline stands and no part is still a grey placeholder."""
        self.top().wait_for()
        self.page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
        self.page.wait_for_function("() => !document.querySelector('[data-testid=stSkeleton]')")

    def nothing_fades(self) -> None:
        """Wait until every letter and ground has the colour in which it will stay. What pulses for ever, as a sign of work, is left out."""
        self.page.wait_for_function("""() => document.getAnimations().every(each =>
            each.playState === "finished" || each.effect.getComputedTiming().endTime === Infinity
            || !each.effect.getKeyframes().some(step => "opacity" in step || "color" in step || "backgroundColor" in step))""")

    def menu(self, title: str) -> Locator:
        """A page's link in the menu, also where the bar is too narrow for all of them and the last stand in a list of their own."""
        link, more = self.page.get_by_role("link", name=title, exact=True), self.page.get_by_test_id("stTopNavSection")
        if link.is_visible() or not more.is_visible():
            return link
        more.click()
        return self.page.get_by_role("menuitem", name=title, exact=True)

    def turn_to(self, title: str, on_phone: bool = False) -> None:
        """Ask for another page in the menu. Returns when the address has changed; the page may still come (see `shows`)."""
        if on_phone:
            self.page.get_by_test_id("stExpandSidebarButton").click()
        self.menu(title).click()
        self.page.wait_for_url(
            re.compile(rf"^{re.escape(self.server.url)}/{'' if title == 'Mix' else title.lower()}(\?|$)")
        )

    def top(self) -> Locator:
        """The heading on top of the page, smaller on a phone."""
        return self.page.get_by_test_id("stMain").locator("h2, h3, h4").first

    def shows(self, sentence: str, tiles: Mapping[str, str] | None = None) -> None:
        """Wait until this is the headline and these are the indicators, and the page around them stands."""
        with suppress(TimeoutError):
            self.until(lambda: self.headline() == sentence and tiles in (None, self.tiles()))
        self.settle()
        assert self.headline() == sentence, f"on screen: {self.headline()}; expected: {sentence}"
        assert tiles in (None, self.tiles()), f"on screen: {self.tiles()}; expected: {tiles}"

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something seen from outside holds. Raises `TimeoutError` when it never does."""
        end = time.monotonic() + WAIT_S
        while not holds():
            if time.monotonic() > end:
                raise TimeoutError(f"still not so after {WAIT_S} s; notices on screen: {self.notices()}")
            self.page.wait_for_timeout(100)

    def headline(self) -> str:
        """The sentence on top of the page, with plain spaces."""
        return plain(self.top().inner_text())

    def heard(self) -> str:
        """What a screen reader was told last, with plain spaces; empty when nothing was."""
        return plain(self.page.evaluate("() => document.querySelector('#aloud')?.textContent ?? ''"))

    def tiles(self) -> dict[str, str]:
        """Label and value of every indicator."""
        tile = "es => es.map(e => ['stMetricLabel', 'stMetricValue'].map(id => e.querySelector(`[data-testid=${id}]`).innerText))"
        found = self.page.get_by_test_id("stMetric").evaluate_all(tile)
        return {plain(label): plain(value) for label, value in found}

    def slider(self, lever_id: str) -> Locator:
        """The slider of a lever."""
        return self.page.get_by_role("slider", name=words.lever_label(lever_named(lever_id)))

    def levers(self) -> Choice:
        """The choice that the widgets show; a lever whose group is folded and that has no widget stands at its default."""
        read = """ids => ids.map(id => {
            const widget = document.querySelector(`.st-key-${id} input`);
            return widget && [widget.value, widget.checked];
        })"""
        shown = dict(zip(levers(), self.page.evaluate(read, [lever.id for lever in levers()]), strict=True))
        assert all(shown[lever] for lever in levers() if lever.front), "a lever in front has no widget"
        return Choice.of({lever.id: _told(lever, *found) for lever, found in shown.items() if found})

    def notices(self) -> list[str]:
        """What stands in error, warning and success boxes."""
        kinds = ", ".join(f"[data-testid=stAlertContent{kind}]" for kind in ("Error", "Warning", "Success"))
        boxes = self.page.locator(kinds).get_by_test_id("stMarkdownContainer")
        return [plain(text) for text in boxes.all_inner_texts()]

    def check(self) -> None:
        """Nothing left the server, nothing broke: on screen, in the console or in the server's log."""
        assert not self.foreign(), f"requests to other servers: {self.foreign()}"
        assert not self.errors, f"errors in the console: {self.errors}"
        assert not self.server.tracebacks(self.logged), self.server.tracebacks(self.logged)[0]
        assert not self.page.get_by_test_id("stException").count(), "an exception on screen"


@contextmanager
def visit(started: Browser, running: Server, **kind: Any) -> Iterator[Visitor]:
    """A visitor with nothing remembered from earlier visits. `kind`: DESK or PHONE. Checks at the end that nothing broke."""
    context = started.new_context(**(kind or DESK))
    context.set_default_timeout(1000 * WAIT_S)
    try:
        visitor = Visitor(running, context, context.new_page(), running.log.stat().st_size)
        visitor.watch()
        yield visitor
        visitor.check()
    finally:
        context.close()


Visit = Callable[..., AbstractContextManager[Visitor]]
"""Lets a visitor in (see `visit`)."""


@contextmanager
def visitors(started: Browser) -> Iterator[Visit]:
    """One app; each call lets a visitor in with a context of its own in this browser."""
    with server() as running:
        yield partial(visit, started, running)


def _told(lever: Lever, value: str, checked: bool) -> object:
    """A widget's state as a value of its lever: the number of a slider, the id behind a label, on or off."""
    if lever.kind == "switch":
        return checked
    return {AIMS[name]: name for name in lever.options}[value] if lever.kind == "option" else value


def plain(text: str) -> str:
    """Text in one line, with plain spaces."""
    return re.sub(r"\s+", " ", text).strip()
