"""The processes of one site, in the order in which they can start."""

from pathlib import Path

import daemons
import settings
from daemons import Daemon
from ground import HOST, RigError, http, wait_for

# What is our own in a program of the packages.
DRIVERS = {
    "cinder-volume": "file_array.py",
    "neutron-server": "any_host.py",
    "nova-compute": "compute.py",
}
DRIVER = Path(__file__).resolve().parent.parent / "driver"


def wsgi(rig, site, service, script, environment):
    """Keystone and placement have no server of their own."""
    name = f"{site}-{service}"
    command = (
        "/usr/bin/uwsgi_python3", "--http-socket", f"{HOST}:{rig.port(service, site)}",
        "--wsgi-file", script, "--processes", "1", "--threads", "4", "--enable-threads",
        "--master", "--lazy-apps", "--die-on-term", "--buffer-size", "65535", "--disable-logging",
        "--add-header", "Connection: close",
    )  # fmt: skip
    return Daemon(
        name,
        command,
        reads=(settings.conf(rig, site, service),),
        environment=environment,
        port=rig.port(service, site),
    )


def service(rig, site, program, *more):
    """One of cinder-*, glance-*, nova-*: `more` are further files it reads, or its port."""
    own = program if program == "nova-compute" else program.partition("-")[0]
    files = [settings.conf(rig, site, own)]
    files += [settings.conf(rig, site, name) for name in more if isinstance(name, str)]
    port = next((number for number in more if isinstance(number, int)), None)
    name = f"{site}-{program}"
    options = [word for file in files for word in ("--config-file", file)]
    driver = DRIVERS.get(program)
    path = {"PYTHONPATH": str(DRIVER), "PYTHONDONTWRITEBYTECODE": "1"} if driver else {}
    reads = [*files, DRIVER / driver] if driver else files
    command = (*started_by(program), *options, "--log-file", rig.logs / f"{name}.log")
    return Daemon(name, command, reads=tuple(reads), environment=path, port=port)


def started_by(program):
    if program == "nova-compute":
        return ("/usr/bin/python3", DRIVER / DRIVERS[program])
    return (f"/usr/bin/{program}",)


def site_daemons(rig, site):
    conf = rig.folder / "conf" / site
    neutron = [service(rig, site, "neutron-server", rig.port("neutron", site))]
    return [
        wsgi(
            rig, site, "keystone", "/usr/bin/keystone-wsgi-public",
            {"OS_KEYSTONE_CONFIG_FILES": str(conf / "keystone.conf")},
        ),
        service(rig, site, "cinder-api", rig.port("cinder", site)),
        service(rig, site, "cinder-volume", "cinder-volume"),
        service(rig, site, "cinder-scheduler"),
        wsgi(
            rig, site, "placement", "/usr/bin/placement-api",
            {"OS_PLACEMENT_CONFIG_DIR": str(conf)},
        ),
        service(rig, site, "glance-api", rig.port("glance", site)),
        *(neutron if rig.neutron else []),
        service(rig, site, "nova-api", rig.port("nova", site)),
        service(rig, site, "nova-conductor"),
        service(rig, site, "nova-scheduler"),
        service(rig, site, "nova-compute"),
    ]  # fmt: skip


def no_network(rig):
    """What stands where Neutron would, for a rig without it."""
    if rig.neutron:
        return []
    program = Path(__file__).resolve().parent / "no_network.py"
    port = rig.port("no-network")
    command = ("/usr/bin/python3", program, port)
    return [Daemon("no-network", command, reads=(program,), port=port)]


def make_folders(rig, site):
    state = rig.folder / site
    for name in ("cinder/coordination", "cinder/locks", "nova/locks", "nova/instances", "neutron/locks"):
        (state / name).mkdir(parents=True, exist_ok=True)
    for name in ("images", "staging", "tasks", "locks"):
        (state / "glance" / name).mkdir(parents=True, exist_ok=True)


def bootstrap(rig, site):
    """Domain, region, admin and the catalogue's first entry, straight into keystone's database."""
    if rig.is_done(f"bootstrap-{site}"):
        return
    url = rig.url("keystone", site) + "/v3"
    words = [
        "keystone-manage", "--config-file", settings.conf(rig, site, "keystone"), "bootstrap",
        "--bootstrap-region-id", settings.REGION,
    ]  # fmt: skip
    for interface in ("admin", "internal", "public"):
        words += [f"--bootstrap-{interface}-url", url]
    password = rig.secret("user", site, "admin")
    rig.command(words, f"{site}-bootstrap", OS_BOOTSTRAP_PASSWORD=password)
    rig.mark_done(f"bootstrap-{site}")


# These end at once when keystone does not know placement's user yet.
NEED_USERS = ("nova-conductor", "nova-scheduler", "nova-compute")


def start(rig, site, *, without=()):
    for daemon in site_daemons(rig, site):
        if daemon.name.removeprefix(f"{site}-") not in without:
            daemons.start(rig, daemon)


def wait_for_answer(rig, site, name, path="/"):
    """Until a service answers below 500, or its process is dead."""
    daemon = next(d for d in site_daemons(rig, site) if d.port == rig.port(name, site))

    def answering():
        if daemons.pid_of(rig, daemon.name) is None:
            raise RigError(f"{daemon.name} died", daemons.last_log(rig, daemon))
        return http("GET", rig.url(name, site) + path)[0] < 500

    wait_for(answering, f"{daemon.name} to answer", 90)
