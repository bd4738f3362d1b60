"""Starting, watching and stopping processes: each in a session of its own, known by its pid file."""

import hashlib
import os
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from ground import MARK, RigError, is_open, wait_for


@dataclass(frozen=True)
class Daemon:
    """`name` is also that of its log and pid file; a change in a file of `reads` restarts it."""

    name: str
    command: tuple
    reads: tuple = ()
    environment: dict = field(default_factory=dict)
    port: int | None = None
    # Output of those that keep no log file themselves.
    own_log: bool = False

    def log(self, rig):
        return rig.logs / f"{self.name}.log"

    def fingerprint(self):
        seen = hashlib.sha256(repr((self.command, sorted(self.environment.items()))).encode())
        for path in self.reads:
            seen.update(Path(path).read_bytes())
        return seen.hexdigest()


def belongs(rig, pid):
    """Alive, no zombie, and started for this very folder."""
    try:
        environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return False
    return state not in "ZX" and f"{MARK}={rig.folder}".encode() in environment


def pid_of(rig, name):
    try:
        pid = int((rig.run / f"{name}.pid").read_text())
    except (OSError, ValueError):
        return None
    return pid if belongs(rig, pid) else None


def is_current(rig, daemon):
    """Runs, with the settings as they are now."""
    kept = rig.run / f"{daemon.name}.started"
    return (
        pid_of(rig, daemon.name) is not None
        and kept.exists()
        and kept.read_text() == daemon.fingerprint()
    )


def start(rig, daemon):
    """Starts it, or again when its settings have changed. Does not wait until it is ready."""
    if is_current(rig, daemon):
        return False
    stop_session(rig, daemon.name)
    if daemon.port is not None and is_open(daemon.port):
        raise RigError(f"port {daemon.port} of {daemon.name} is taken{holder(daemon.port)}")
    log = daemon.log(rig)
    output = log if daemon.own_log else log.with_suffix(".out")
    # The process writes its own pid before it becomes the daemon: nothing can run unrecorded.
    words = ["/bin/sh", "-c", 'echo $$ >"$0" && exec "$@"', str(rig.run / f"{daemon.name}.pid")]
    with output.open("ab") as out:
        subprocess.Popen(
            words + [str(word) for word in daemon.command],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
            cwd=rig.folder,
            env=rig.environment(**daemon.environment),
        )
    wait_for(lambda: pid_of(rig, daemon.name), f"{daemon.name} to start", 10, 0.01)
    rig.write(f"run/{daemon.name}.started", daemon.fingerprint())
    return True


def wait_until_open(rig, daemon, seconds=90):
    def open_or_dead():
        if pid_of(rig, daemon.name) is None:
            raise RigError(f"{daemon.name} died", last_log(rig, daemon))
        return is_open(daemon.port)

    wait_for(open_or_dead, f"{daemon.name} to listen on {daemon.port}", seconds)


def last_log(rig, daemon):
    """Of a daemon's log and its bare output, the one that was written to last."""
    files = [daemon.log(rig), daemon.log(rig).with_suffix(".out")]
    there = [path for path in files if path.exists() and path.stat().st_size > 0]
    return max(there, key=lambda path: path.stat().st_mtime, default=None)


def holder(port):
    """` by PID (NAME)`, as far as /proc shows it."""
    wanted = f":{port:04X}"
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        words = line.split()
        if words[1].endswith(wanted) and words[3] == "0A":
            for link in Path("/proc").glob("[0-9]*/fd/*"):
                try:
                    if os.readlink(link) == f"socket:[{words[9]}]":
                        pid = link.parts[2]
                        return f" by {pid} ({Path(f'/proc/{pid}/comm').read_text().strip()})"
                except OSError:
                    continue
    return ""


def ours(rig):
    """Every process that carries the mark of this folder, ourselves left out."""
    pids = (int(path.name) for path in Path("/proc").glob("[0-9]*"))
    return [pid for pid in pids if pid != os.getpid() and belongs(rig, pid)]


def session_of(pid):
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[3])
    except (OSError, IndexError, ValueError):
        return None


def members(session):
    """Processes of a session, also those that sudo has stripped of their environment."""
    pids = [int(path.name) for path in Path("/proc").glob("[0-9]*")]
    return [pid for pid in pids if session_of(pid) == session and not is_zombie(pid)]


def is_zombie(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except (OSError, IndexError):
        return True


def tell(pids, what):
    for pid in pids:
        try:
            os.kill(pid, what)
        except ProcessLookupError:
            continue


def end(find, patience=10):
    """Asks once what `find` gives to end, and after `patience` seconds no longer asks."""
    tell(find(), signal.SIGTERM)
    deadline = time.monotonic() + patience
    while (left := find()) and time.monotonic() < deadline:
        time.sleep(0.1)
    while left := find():
        tell(left, signal.SIGKILL)
        time.sleep(0.1)


def stop_session(rig, name, patience=10):
    pid = pid_of(rig, name)
    if pid is not None:
        end(lambda: members(pid), patience)
    for suffix in ("pid", "started"):
        (rig.run / f"{name}.{suffix}").unlink(missing_ok=True)
