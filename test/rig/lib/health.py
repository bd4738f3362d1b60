"""Is it well? Asked of the services themselves, as the operator's user."""

from datetime import datetime, timezone

import daemons
from cloud import Cloud
from foundation import mariadb, rabbitmq
from ground import SITES, RigError, is_open, together
from seed import OPERATOR, PROJECT
from sites import no_network, site_daemons

NOVA = ("conductor", "scheduler", "compute")


def of_site(rig, site):
    """Lines (what, how it is, whether that is well) of one site."""
    lines = []
    for daemon in site_daemons(rig, site):
        alive = daemons.pid_of(rig, daemon.name) is not None
        lines.append((daemon.name, "running" if alive else "dead", alive))
    try:
        cloud = Cloud(rig, site, OPERATOR, PROJECT)
        lines.append((f"{site} keystone", "token issued", True))
        lines += volume_services(rig, cloud) + compute_services(rig, cloud)
        images = cloud.call("GET", "glance", "/v2/images")["images"]
        lines.append((f"{site} glance", f"{len(images)} images", True))
        if rig.neutron:
            networks = cloud.call("GET", "neutron", "/v2.0/networks")["networks"]
            lines.append((f"{site} neutron", f"{len(networks)} networks", True))
    except (RigError, OSError) as error:
        lines.append((f"{site}", f"does not answer: {error}", False))
    return lines


def volume_services(rig, cloud):
    backends = ["file"] + (["hbsd"] if (rig.folder / "hbsd.json").exists() else [])
    expected = {("cinder-scheduler", f"cinder-{cloud.site}")}
    expected |= {("cinder-volume", f"cinder-{cloud.site}@{name}") for name in backends}
    lines = []
    for one in cloud.volume("GET", "/os-services")["services"]:
        who = one["binary"], one["host"]
        if who not in expected:
            continue
        expected.remove(who)
        state, backend = state_of(rig, cloud, one), one.get("backend_state")
        text = f"{state}, {one['status']}"
        well = state == "up"
        if one["binary"] == "cinder-volume":
            text += f", backend {backend or 'unknown'}, replication {one['replication_status']}"
            well = well and (backend == "up" or one["status"] == "disabled")
        lines.append((f"{cloud.site} {' '.join(who)}", text, well))
    return lines + absent(cloud, expected)


def compute_services(rig, cloud):
    expected = {(f"nova-{part}", f"compute-{cloud.site}") for part in NOVA}
    lines = []
    for one in cloud.compute("GET", "/os-services")["services"]:
        expected.discard((one["binary"], one["host"]))
        state = state_of(rig, cloud, one)
        lines.append((f"{cloud.site} {one['binary']} {one['host']}", state, state == "up"))
    if not cloud.compute("GET", "/os-hypervisors")["hypervisors"]:
        lines.append((f"{cloud.site} hypervisor", "not discovered yet", False))
    return lines + absent(cloud, expected)


def state_of(rig, cloud, service):
    """`up` also stands for the last sign of life of a process that is gone: then it is `old`."""
    if service["state"] != "up":
        return service["state"]
    started = rig.run / f"{cloud.site}-{service['binary']}.started"
    seen = datetime.fromisoformat(service["updated_at"] or "1970-01-01").replace(tzinfo=timezone.utc)
    fresh = started.exists() and seen.timestamp() >= started.stat().st_mtime - 1
    return "up" if fresh else "old"


def absent(cloud, expected):
    """Services that have never reported: they are in no list."""
    return [
        (f"{cloud.site} {binary} {host}", "has not reported yet", False)
        for binary, host in sorted(expected)
    ]


def of_all(rig):
    lines = [
        (daemon.name, "listening" if is_open(daemon.port) else "dead", is_open(daemon.port))
        for daemon in (mariadb(rig), rabbitmq(rig), *no_network(rig))
    ]
    for of_one in together(*[lambda site=site: of_site(rig, site) for site in SITES]):
        lines += of_one
    return lines
