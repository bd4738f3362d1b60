"""What a site has on its first day. Every step first looks whether it is there already."""

from cloud import Cloud
from ground import HOST, REGION, wait_for
from settings import SERVICE_USERS

PROJECT, OPERATOR, MEMBER = "drillbook", "drillbook", "member"

# Name: processors, GiB of memory. The names are those of config/services.yml.
FLAVORS = {"c1.m2": (1, 2), "c2.m4": (2, 4), "c4.m16": (4, 16), "c8.m32": (8, 32)}

TYPES = {
    "plain": {"volume_backend_name": "file"},
    "replicated": {"volume_backend_name": "file", "replication_enabled": "<is> True"},
    "hbsd": {"volume_backend_name": "hbsd"},
    # No back end has this name: a volume of it ends in `error`, with a message.
    "nowhere": {"volume_backend_name": "nowhere"},
}

# A project may have ten volumes by default: fewer than one drill needs.
VOLUME_QUOTA = {"volumes": 500, "snapshots": 500, "backups": 500, "gigabytes": 500_000}
SERVER_QUOTA = {"instances": 200, "cores": 2000, "ram": 8_000_000}


def catalogue(rig, site):
    network = ("neutron", rig.url("neutron", site))
    if not rig.neutron:
        network = ("no-network", f"http://{HOST}:{rig.port('no-network')}")
    volume = rig.url("cinder", site) + "/v3/%(project_id)s"
    return {
        "volumev3": ("cinderv3", volume),
        "block-storage": ("cinder", volume),
        "image": ("glance", rig.url("glance", site)),
        "compute": ("nova", rig.url("nova", site) + "/v2.1"),
        "placement": ("placement", rig.url("placement", site)),
        "network": network,
    }


def identities(rig, site):
    """Projects, users, roles and the catalogue: all that the other services need to log in."""
    if rig.is_done(f"identities-{site}"):
        return
    cloud = Cloud(rig, site)

    def ensure(kind, name, **more):
        plural = kind + "s"
        found = cloud.identity("GET", f"/{plural}?name={name}")[plural]
        if found:
            return found[0]["id"]
        return cloud.identity("POST", f"/{plural}", {kind: {"name": name, **more}})[kind]["id"]

    def user(name, project, *roles):
        password = rig.secret("user", site, name)
        who = ensure("user", name, password=password, default_project_id=project)
        for role in roles:
            grant = f"/projects/{project}/users/{who}/roles/{ensure('role', role)}"
            cloud.identity("PUT", grant)

    services = ensure("project", "service", domain_id="default")
    for name in SERVICE_USERS:
        user(name, services, "admin", "service")
    project = ensure("project", PROJECT, domain_id="default")
    user(OPERATOR, project, "admin", "member")
    user(MEMBER, project, "member")
    for kind, (name, url) in catalogue(rig, site).items():
        entry = ensure("service", name, type=kind)
        there = cloud.identity("GET", f"/endpoints?service_id={entry}")["endpoints"]
        for interface in {"public", "internal", "admin"} - {one["interface"] for one in there}:
            endpoint = {"interface": interface, "url": url, "service_id": entry, "region_id": REGION}
            cloud.identity("POST", "/endpoints", {"endpoint": endpoint})
    rig.mark_done(f"identities-{site}")


def contents(rig, site):
    """Volume types, flavors and quotas."""
    if rig.is_done(f"contents-{site}"):
        return
    cloud = Cloud(rig, site, OPERATOR, PROJECT)
    types = {one["name"] for one in cloud.volume("GET", "/types")["volume_types"]}
    for name, specs in TYPES.items():
        if name not in types:
            cloud.volume("POST", "/types", {"volume_type": {"name": name, "extra_specs": specs}})
    flavors = {one["name"] for one in cloud.compute("GET", "/flavors")["flavors"]}
    for name, (processors, memory) in FLAVORS.items():
        if name not in flavors:
            sizes = {"vcpus": processors, "ram": memory * 1024, "disk": 0}
            cloud.compute("POST", "/flavors", {"flavor": {"name": name, "id": None, **sizes}})
    quota = f"/os-quota-sets/{cloud.project}"
    cloud.volume("PUT", quota, {"quota_set": VOLUME_QUOTA})
    cloud.compute("PUT", quota, {"quota_set": SERVER_QUOTA})
    rig.mark_done(f"contents-{site}")


def contents_when_ready(rig, site):
    wait_for(lambda: contents(rig, site) or True, f"{site}: types, flavors and quotas", 60, 0.5)
