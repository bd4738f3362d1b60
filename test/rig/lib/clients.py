"""The `openstack` and `cinder` command lines without their two seconds of start-up each.

Reads one JSON line per command, {"words": ["openstack", "volume", "list"]}, and answers with one:
{"code": 0, "stdout": "..", "stderr": ".."}. Both clients are imported once; every command then runs
in a fork of this process, so no command sees what another has left behind.
"""

import importlib
import json
import logging
import os
import signal
import sys
import tempfile

from cinderclient import shell as cinder
from openstackclient import shell as openstack

LIMIT_SECONDS = 90


def warm_up():
    for name in ("identity.v3.token", "volume.v2.volume", "compute.v2.server", "image.v2.image"):
        importlib.import_module(f"openstackclient.{name}")
    for name in ("cinderclient.v3.client", "novaclient.v2.client", "openstack.connection"):
        importlib.import_module(name)
    # Some import has given the root logger a handler that would print all they say.
    logging.getLogger().handlers.clear()


def run(words):
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        pid = os.fork()
        if pid == 0:
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            os._exit(child(words))
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read().decode(errors="replace"))
        return {"code": code, "stdout": texts[0], "stderr": texts[1]}


def child(words):
    signal.alarm(LIMIT_SECONDS)
    sys.argv = words
    try:
        # The older client reads its own command line.
        code = (cinder.main() if words[0] == "cinder" else openstack.main(words[1:])) or 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    return code


warm_up()
print(json.dumps({"ready": True}), flush=True)
for line in sys.stdin:
    print(json.dumps(run(json.loads(line)["words"])), flush=True)
