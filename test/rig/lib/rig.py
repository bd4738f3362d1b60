"""up, down and check: see `test/rig/up --help`."""

import argparse
import json
import shutil
import sys
from pathlib import Path

import arrays
import daemons
import foundation
import health
import seed
import settings
import sites
from cloud import Cloud
from ground import (
    BLOCK,
    REGION,
    SITES,
    Rig,
    RigError,
    default_folder,
    elapsed,
    is_open,
    say,
    stage,
    together,
    wait_for,
)

def up(options):
    rig = Rig(options.folder)
    with rig.locked():
        rig.make(options.port, neutron=not options.without_neutron)
        hbsd = arrays.below(rig, options)
        for site in SITES:
            settings.write_all(rig, site, hbsd)
        if runs(rig) and is_well(rig):
            describe(rig, hbsd)
            say(f"all is up: {rig.folder}/rig.json")
            return
        check_ports(rig)
        with stage("database server"):
            foundation.prepare(rig)
        foundation.make_databases(rig)
        start_sites(rig)
        with stage("all services well"):
            wait_for(lambda: is_well(rig, watch=True), "all services to be well (see --check)", 120, 0.5)
        describe(rig, hbsd)
        say(f"up in {elapsed():.0f} s: {rig.folder}/rig.json")


def start_sites(rig):
    with stage("keystone and the rest"):
        for daemon in sites.no_network(rig):
            daemons.start(rig, daemon)
        for site in SITES:
            sites.make_folders(rig, site)
            foundation.make_keys(rig, site)
        together(*[lambda site=site: sites.bootstrap(rig, site) for site in SITES])
        # Keystone first: everybody else wants it.
        for site in SITES:
            daemons.start(rig, sites.site_daemons(rig, site)[0])
        foundation.broker_ready(rig)
        for site in SITES:
            sites.start(rig, site, without=sites.NEED_USERS)
    with stage("users, roles and catalogue"):
        together(*[lambda site=site: identify(rig, site) for site in SITES])
    with stage("types, flavors and quotas"):
        together(*[lambda site=site: fill(rig, site) for site in SITES])


def identify(rig, site):
    sites.wait_for_answer(rig, site, "keystone", "/v3")
    seed.identities(rig, site)
    sites.start(rig, site)


def fill(rig, site):
    for name in ("cinder", "nova"):
        sites.wait_for_answer(rig, site, name)
    seed.contents(rig, site)


def all_daemons(rig):
    shared = [foundation.mariadb(rig), foundation.rabbitmq(rig), *sites.no_network(rig)]
    return shared + [daemon for site in SITES for daemon in sites.site_daemons(rig, site)]


def runs(rig):
    """Every process is there, with the settings as they are now, and the seeding was finished."""
    if not all(rig.is_done(f"contents-{site}") for site in SITES):
        return False
    return all(daemons.is_current(rig, daemon) for daemon in all_daemons(rig))


def is_well(rig, watch=False):
    if watch:
        for daemon in all_daemons(rig):
            if daemons.pid_of(rig, daemon.name) is None:
                raise RigError(f"{daemon.name} died", daemons.last_log(rig, daemon))
    return all(well for _, _, well in health.of_all(rig))


def check_ports(rig):
    """Before anything starts: a port of ours that somebody else holds."""
    for daemon in all_daemons(rig):
        port = daemon.port
        if port is not None and daemons.pid_of(rig, daemon.name) is None and is_open(port):
            raise RigError(f"port {port} of {daemon.name} is taken{daemons.holder(port)}")


def describe(rig, hbsd):
    """Writes rig.json: all that a test needs to know."""
    facts = {
        "sites": {site: of_site(rig, site, hbsd) for site in SITES},
        # Where faults of simulated arrays are switched.
        "twinControl": hbsd.get("control") if hbsd else None,
    }
    rig.write("rig.json", json.dumps(facts, indent=2))


def of_site(rig, site, hbsd):
    project = Cloud(rig, site, seed.OPERATOR, seed.PROJECT).project
    # The driver names its only pool after the back end.
    hbsd_pool = f"cinder-{site}@hbsd#hbsd" if hbsd else None
    return {
        "authUrl": rig.url("keystone", site) + "/v3",
        "username": seed.OPERATOR,
        "password": rig.secret("user", site, seed.OPERATOR),
        "userDomain": "Default",
        "project": seed.PROJECT,
        "projectId": project,
        "member": {"username": seed.MEMBER, "password": rig.secret("user", site, seed.MEMBER)},
        "region": REGION,
        "zone": f"{site}-az",
        "cinder": rig.url("cinder", site),
        "nova": rig.url("nova", site),
        "glance": rig.url("glance", site),
        "neutron": rig.url("neutron", site) if rig.neutron else None,
        "services": ["keystone", "cinder", "glance", "nova", *(["neutron"] if rig.neutron else [])],
        "backends": {"file": f"cinder-{site}@file#pool0", "hbsd": hbsd_pool},
        "array": str(rig.folder / site / "array.json"),
        "flavors": list(seed.FLAVORS),
        "logs": str(rig.logs),
    }


def down(options):
    rig = Rig(options.folder)
    if not rig.folder.exists():
        say(f"nothing is at {rig.folder}")
        return
    with rig.locked(patience=10):
        stop(rig)
    if options.purge:
        if not (rig.folder / "fixed.json").exists() and any(rig.folder.glob("[!l]*")):
            raise RigError(f"{rig.folder} is not a rig's folder: it stays")
        shutil.rmtree(rig.folder)
    say(f"down in {elapsed():.0f} s" + (", folder removed" if options.purge else ""))


def stop(rig):
    """Services first, broker and database last, then whatever else carries our mark."""
    names = {path.stem for path in rig.run.glob("*.pid")}
    last = {"mariadb", "rabbitmq"}
    together(*[lambda n=n: daemons.stop_session(rig, n) for n in names - last], at_once=24)
    together(*[lambda n=n: daemons.stop_session(rig, n, 20) for n in names & last])
    daemons.end(lambda: daemons.ours(rig))


def check(options):
    rig = Rig(options.folder)
    if not rig.exists():
        raise RigError(f"no rig at {rig.folder}")
    rig.open()
    lines = health.of_all(rig)
    for what, how, well in lines:
        print(f"{'ok  ' if well else 'BAD '} {what:<45} {how}")
    if not all(well for _, _, well in lines):
        raise SystemExit(1)


def options_of(words):
    parser = argparse.ArgumentParser(prog="test/rig/" + (words[0] if words else "rig"))
    parser.add_argument("verb", choices=("up", "down", "check"))
    parser.add_argument("--folder", type=Path, default=default_folder())
    parser.add_argument("--port", type=int)
    parser.add_argument("--twin", type=Path)
    parser.add_argument("--array-main")
    parser.add_argument("--array-dr")
    parser.add_argument("--ca")
    parser.add_argument("--without-hbsd", action="store_true")
    parser.add_argument("--without-neutron", action="store_true")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--purge", action="store_true")
    options = parser.parse_args(words)
    if options.port is not None and not 1024 <= options.port <= 65535 - BLOCK:
        parser.error(f"--port: between 1024 and {65535 - BLOCK}")
    return options


def main():
    options = options_of(sys.argv[1:])
    verbs = {"up": check if options.check else up, "down": down, "check": check}
    try:
        verbs[options.verb](options)
    except RigError as error:
        if error.log is not None and Path(error.log).exists():
            print(f"rig: last lines of {error.log}:", file=sys.stderr)
            tail = Path(error.log).read_text(errors="replace").splitlines()[-12:]
            print("\n".join("  " + line[:300] for line in tail), file=sys.stderr)
        print(f"rig: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("rig: stopped half way; up goes on from here, down stops what runs", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
