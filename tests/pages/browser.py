"""A browser for tests: Chromium through chromedriver's own HTTP interface (W3C WebDriver), and the standard library."""

import base64
import json
import os
import shutil
import subprocess
import urllib.error
import urllib.request
from contextlib import contextmanager

DRIVER, CHROMIUM = shutil.which("chromedriver"), shutil.which("chromium") or shutil.which("google-chrome")
ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
]
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


class Browser:
    """One tab: go somewhere, run JavaScript, press keys, take a picture, hear what the console and the network said."""

    def __init__(self, address, session):
        self.root = f"{address}/session/{session}"

    def open(self, path, width=1200, height=900, dark=False):
        media = {"features": [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]}
        self.devtools("Emulation.setEmulatedMedia", media)
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.devtools("Emulation.setDeviceMetricsOverride", size)
        self.heard("browser"), self.heard("performance")
        _call("POST", f"{self.root}/url", {"url": path.resolve().as_uri()})

    def run(self, script, *arguments):
        return _call("POST", f"{self.root}/execute/sync", {"script": script, "args": list(arguments)})

    def soon(self, script, *arguments):
        return _call("POST", f"{self.root}/execute/async", {"script": script, "args": list(arguments)})

    def press(self, *keys):
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        _call("POST", f"{self.root}/actions", {"actions": [{"type": "key", "id": "keys", "actions": actions}]})

    def devtools(self, command, parameters):
        return _call("POST", f"{self.root}/goog/cdp/execute", {"cmd": command, "params": parameters})

    def picture(self):
        return base64.b64decode(_call("GET", f"{self.root}/screenshot"))

    def heard(self, kind):
        return _call("POST", f"{self.root}/se/log", {"type": kind})

    def asked(self):
        """The addresses that were asked for since the page was opened."""
        messages = [json.loads(one["message"])["message"] for one in self.heard("performance")]
        return [one["params"]["request"]["url"] for one in messages if one["method"] == "Network.requestWillBeSent"]


def _call(method, address, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address, data, {"Content-Type": "application/json"}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)["value"]
    except urllib.error.HTTPError as problem:
        raise AssertionError(json.load(problem)["value"]["message"]) from None


@contextmanager
def browser():
    """A fresh browser; its driver and itself are gone afterwards."""
    environment = {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}
    driver = subprocess.Popen(
        [DRIVER, "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    )
    try:
        port = next(line.split()[-1].rstrip(".") for line in driver.stdout if "successfully on port" in line)
        wanted = {"goog:chromeOptions": {"binary": CHROMIUM, "args": ARGUMENTS}}
        wanted["goog:loggingPrefs"] = {"browser": "ALL", "performance": "ALL"}
        address = f"http://127.0.0.1:{port}"
        session = _call("POST", f"{address}/session", {"capabilities": {"alwaysMatch": wanted}})["sessionId"]
        try:
            yield Browser(address, session)
        finally:
            _call("DELETE", f"{address}/session/{session}")
    finally:
        driver.terminate()
        driver.wait()
        driver.stdout.close()
