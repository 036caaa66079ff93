"""Debian's Chromium without a screen, spoken to in its DevTools protocol over two pipes.

    with Browser(folder, socks_port=port) as browser:
        page = browser.open("http://pay.usps-redelivery.top/", width=320, language="ar")
        page.evaluate("document.title"); page.complaints; page.requests; page.picture(path)

No driver, no library and no port of its own. Every wait has an end, so that a test cannot hang.
"""

import base64
import contextlib
import json
import os
import pathlib
import select
import shutil
import signal
import subprocess
import tempfile
import time

from servers import LabError, find_program

PATIENCE = 120.0  # seconds; no measure, only an end
OPTIONS = (
    "--headless=new", "--remote-debugging-pipe", "--no-first-run", "--no-default-browser-check", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
    "--disable-domain-reliability", "--disable-client-side-phishing-detection", "--disable-gpu",
    "--disable-dev-shm-usage",
    "--metrics-recording-only", "--password-store=basic", "--use-mock-keychain", "--force-color-profile=srgb",
    "--lang=en-US",
)


class Browser:
    """folder: where its profile and log lie while it runs. socks_port: of the proxy that resolves
    every name, also those of loopback; None: no network at all."""

    def __init__(self, folder, socks_port=None, options=()):
        self.log_path = pathlib.Path(folder) / "chromium.log"
        self.profile = tempfile.mkdtemp(prefix="chromium-", dir=folder)
        proxy = f"socks5://127.0.0.1:{socks_port}" if socks_port else "http://127.0.0.1:9"
        self.options = [*OPTIONS, f"--user-data-dir={self.profile}", f"--proxy-server={proxy}",
                        "--proxy-bypass-list=<-loopback>", *options]
        if os.geteuid() == 0:  # its sandbox refuses root
            self.options.append("--no-sandbox")
        self.process = None
        self.serial = 0
        self.buffer = b""
        self.events = []

    def __enter__(self):
        program = find_program("chromium")
        to_browser, self.writer = os.pipe()
        self.reader, from_browser = os.pipe()
        environment = {**os.environ, "HOME": self.profile, "LANGUAGE": "en", "LC_ALL": "C.UTF-8"}
        environment.pop("DBUS_SESSION_BUS_ADDRESS", None)
        try:
            with open(self.log_path, "ab") as log:
                # The protocol's pipes are descriptors 3 and 4.
                self.process = subprocess.Popen(
                    ["/bin/bash", "-c", f'exec "$@" 3<&{to_browser} 4>&{from_browser}', "chromium", program,
                     *self.options],
                    stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, start_new_session=True,
                    pass_fds=(to_browser, from_browser))
        finally:
            os.close(to_browser)
            os.close(from_browser)
        try:
            self.version = self.call("Browser.getVersion")["product"]
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        """Asks it to end, and ends what remains of it: its own process group and no other."""
        with contextlib.suppress(OSError, LabError):
            self.call("Browser.close")
        for descriptor in (self.writer, self.reader):
            os.close(descriptor)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            pass
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)

    def receive(self, deadline):
        """The next message."""
        while b"\0" not in self.buffer:
            if not select.select([self.reader], [], [], max(deadline - time.monotonic(), 0))[0]:
                raise LabError(f"chromium says nothing (log: {self.log_path})")
            data = os.read(self.reader, 1 << 16)
            if not data:
                raise LabError(f"chromium ended (log: {self.log_path})")
            self.buffer += data
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, session=None, **parameters):
        """One command; its result. What happens meanwhile goes to events."""
        self.serial += 1
        message = {"id": self.serial, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.writer, data):]
        deadline = time.monotonic() + PATIENCE
        while True:
            answer = self.receive(deadline)
            if answer.get("id") == self.serial:
                if "error" in answer:
                    raise LabError(f"chromium: {method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def await_event(self, session, method):
        deadline = time.monotonic() + PATIENCE
        while True:
            for event in self.events:
                if event.get("sessionId") == session and event["method"] == method:
                    return event["params"]
            self.events.append(self.receive(deadline))

    def open(self, url, **how):
        return Page(self, **how).go(url)


class Page:
    """A tab. language: what it sends as Accept-Language; scheme: light or dark."""

    def __init__(self, browser, *, width=1280, height=900, language="en", scheme="light", motion=True, media="screen"):
        self.browser = browser
        # A context of its own: nothing is shared with another tab.
        self.context = browser.call("Target.createBrowserContext")["browserContextId"]
        target = browser.call("Target.createTarget", url="about:blank", browserContextId=self.context)["targetId"]
        self.session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "DOM", "Audits", "Accessibility"):
            self.call(f"{domain}.enable")
        agent = browser.call("Browser.getVersion")["userAgent"].replace("Headless", "")
        self.call("Network.setUserAgentOverride", userAgent=agent, acceptLanguage=language)
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                  mobile=width < 600)
        self.emulate(scheme=scheme, motion=motion, media=media)

    def emulate(self, *, scheme="light", motion=True, media="screen"):
        self.call("Emulation.setEmulatedMedia", media=media, features=[
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": "no-preference" if motion else "reduce"}])

    def call(self, method, **parameters):
        return self.browser.call(method, self.session, **parameters)

    def go(self, url):
        said = self.call("Page.navigate", url=url)
        if "errorText" in said:
            raise LabError(f"chromium: {url}: {said['errorText']}")
        self.browser.await_event(self.session, "Page.loadEventFired")
        return self

    def evaluate(self, script):
        """The value of an expression in the page, which its Content-Security-Policy does not concern."""
        result = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise LabError(f"chromium: {result['exceptionDetails']['exception'].get('description')}: {script}")
        return result["result"].get("value")

    def press(self, key, *, text=None):
        for kind in ("keyDown", "keyUp"):
            extra = {"text": text} if text and kind == "keyDown" else {}
            code = {"Tab": 9, "Enter": 13}[key]
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, **extra)

    def click(self, selector):
        """A click in the middle of an element, as by a mouse."""
        element = f"document.querySelector({json.dumps(selector)})"
        self.evaluate(f"{element}.scrollIntoView({{behavior: 'instant', block: 'center'}})")
        x, y = self.evaluate(f"(r => [r.x + r.width / 2, r.y + r.height / 2])({element}.getBoundingClientRect())")
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def happened(self, *methods):
        return [event["params"] for event in self.browser.events
                if event.get("sessionId") == self.session and event["method"] in methods]

    @property
    def complaints(self):
        """What the console, the log and the page's inspector say."""
        self.call("Page.getFrameTree")  # what happened so far has come
        return [json.dumps(each) for each in self.happened(
            "Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded", "Audits.issueAdded")]

    @property
    def requests(self):
        """The URLs that it asked for."""
        self.call("Page.getFrameTree")
        return [each["request"]["url"] for each in self.happened("Network.requestWillBeSent")]

    def picture(self, path):
        """The whole page as a PNG."""
        path.parent.mkdir(parents=True, exist_ok=True)
        said = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(said["data"]))

    def accessible(self):
        """[(role, name)] of the accessibility tree, what is ignored left out."""
        nodes = self.call("Accessibility.getFullAXTree")["nodes"]
        return [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes if not node["ignored"]]

    def close(self):
        self.browser.call("Target.disposeBrowserContext", browserContextId=self.context)
