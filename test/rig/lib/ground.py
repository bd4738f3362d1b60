"""What every part of the rig stands on: its folder, its secrets, its ports, and how it speaks."""

import base64
import contextlib
import fcntl
import hashlib
import json
import os
import secrets
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HOST = "127.0.0.1"
SITES = ("main", "dr")
REGION = "RegionOne"

# Each port is the first of the rig's block plus one of these.
SHARED_PORTS = {"mariadb": 0, "rabbitmq": 1, "rabbitmq-peers": 2, "epmd": 3, "no-network": 4}
SITE_PORTS = {"keystone": 0, "cinder": 1, "glance": 2, "placement": 3, "nova": 4, "neutron": 5}
SITE_OFFSETS = {"main": 10, "dr": 20}
BLOCK = 30
FIRST_BLOCK, LAST_BLOCK = 17100, 19000

# In the environment of every process we start: so `down` finds what lost its pid file.
MARK = "DRILLBOOK_RIG_FOLDER"


class RigError(Exception):
    """One line for a person; `log` is a file whose last lines say more."""

    def __init__(self, what, log=None):
        super().__init__(what)
        self.log = log


def default_folder():
    named = os.environ.get("DRILLBOOK_RIG")
    return Path(named or Path(os.environ.get("TMPDIR", "/tmp")) / "drillbook-rig")


class Rig:
    """The folder of a rig and what is fixed for its whole life: first port, secrets, Neutron."""

    def __init__(self, folder):
        self.folder = Path(folder).resolve()
        self.logs = self.folder / "logs"
        self.run = self.folder / "run"
        self.done = self.folder / "done"

    @property
    def _fixed_file(self):
        return self.folder / "fixed.json"

    def exists(self):
        return self._fixed_file.exists()

    def make(self, first_port=None, neutron=True):
        """Makes the folder, or opens it again."""
        for folder in (self.folder, self.logs, self.run, self.done, self.folder / "conf"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self.exists():
            fixed = {
                "port": first_port or free_block(),
                "seed": secrets.token_hex(32),
                "neutron": neutron,
            }
            self.write("fixed.json", json.dumps(fixed))
        self.open()
        if first_port not in (None, self.port_base):
            raise RigError(f"this rig lives on ports from {self.port_base} on; down --purge first")

    def open(self):
        fixed = json.loads(self._fixed_file.read_text())
        self.port_base, self._seed = fixed["port"], fixed["seed"]
        self.neutron = fixed.get("neutron", False)

    def port(self, name, site=None):
        if site is None:
            return self.port_base + SHARED_PORTS[name]
        return self.port_base + SITE_OFFSETS[site] + SITE_PORTS[name]

    def url(self, name, site):
        return f"http://{HOST}:{self.port(name, site)}"

    def secret(self, *purpose):
        """The same for the same purpose as long as the folder lives; safe inside a URL."""
        digest = hashlib.sha256("/".join((self._seed, *purpose)).encode()).digest()
        return base64.urlsafe_b64encode(digest)[:32].decode().replace("-", "a").replace("_", "b")

    def write(self, name, text, mode=0o600):
        """Whole or not at all; says whether the file has changed."""
        path = self.folder / name
        if path.exists() and path.read_text() == text:
            return False
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w") as out:
            out.write(text)
        fresh.replace(path)
        return True

    def is_done(self, step):
        return (self.done / step).exists()

    def mark_done(self, step):
        self.write(f"done/{step}", "")

    def environment(self, **more):
        """A clean one: no proxy, no OS_* of the caller, no foreign home."""
        return {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "LANG": "C.UTF-8",
            "HOME": str(self.folder),
            MARK: str(self.folder),
            **more,
        }

    def command(self, words, log, **environment):
        """Runs a command to its end, its output in a log; RigError when it fails."""
        path = self.logs / f"{log}.log"
        with path.open("ab") as out:
            code = subprocess.run(
                [str(word) for word in words],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env=self.environment(**environment),
                cwd=self.folder,
            ).returncode
        if code != 0:
            name = " ".join(str(word) for word in words[:1])
            raise RigError(f"{name} for {log} ended with code {code}", path)

    @contextlib.contextmanager
    def locked(self, patience=0):
        """One `up` or `down` at a time. The lock goes with the process, however that ends."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as lock:
            deadline = time.monotonic() + patience
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        raise RigError("another up or down is at work in this folder") from None
                    time.sleep(0.2)
            yield


def is_open(port):
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((HOST, port)) == 0


def free_block():
    for first in range(FIRST_BLOCK, LAST_BLOCK, BLOCK):
        if not any(is_open(first + offset) for offset in range(BLOCK)):
            return first
    raise RigError(f"no {BLOCK} free ports in a row between {FIRST_BLOCK} and {LAST_BLOCK}")


def wait_for(ready, what, seconds=60, pause=0.1):
    """`ready` gives None until it is so; what it raises in the meantime is kept for the error."""
    deadline = time.monotonic() + seconds
    last = None
    while time.monotonic() < deadline:
        try:
            answer = ready()
            if answer not in (None, False):
                return answer
        except RigError:
            raise
        except Exception as error:
            last = error
        time.sleep(pause)
    raise RigError(f"{what}: not within {seconds} s" + (f" ({last})" if last else ""))


def together(*jobs, at_once=4):
    """Runs functions side by side; the first failure is raised after all have ended."""
    with ThreadPoolExecutor(at_once) as pool:
        futures = [pool.submit(job) for job in jobs]
    return [future.result() for future in futures]


_started = time.monotonic()


def elapsed():
    return time.monotonic() - _started


@contextlib.contextmanager
def stage(what):
    since = time.monotonic()
    say(f"{what} ...")
    yield
    say(f"{what}: {time.monotonic() - since:.1f} s")


def say(text):
    print(f"rig {elapsed():6.1f} s  {text}", file=sys.stderr, flush=True)


_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def http(method, url, body=None, headers=None, timeout=30):
    """(status, headers, parsed body) of an exchange; an HTTP error is an answer, not an exception."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, method=method)
    request.add_header("Content-Type", "application/json")
    for name, value in (headers or {}).items():
        request.add_header(name, value)
    try:
        answer = _direct.open(request, timeout=timeout)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        text = answer.read()
        try:
            parsed = json.loads(text) if text else None
        except ValueError:
            parsed = text.decode(errors="replace")
        return answer.status, answer.headers, parsed
