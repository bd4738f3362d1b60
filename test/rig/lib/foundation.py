"""The database server and the message broker below both sites, and the databases in them."""

import base64
import hashlib
import json
import os
import shutil
import subprocess

import daemons
import settings
from daemons import Daemon
from ground import HOST, SITES, RigError, stage, together, wait_for


def mariadb(rig):
    data, socket = rig.folder / "mariadb", rig.run / "mariadb.sock"
    command = (
        "/usr/sbin/mariadbd", "--no-defaults", "--user=root", f"--datadir={data}",
        f"--socket={socket}", f"--bind-address={HOST}", f"--port={rig.port('mariadb')}",
        "--skip-name-resolve", "--skip-log-bin", "--innodb-flush-log-at-trx-commit=0",
        "--innodb-doublewrite=0", "--innodb-buffer-pool-size=64M", "--performance-schema=OFF",
        "--max-connections=400", "--pid-file=" + str(data / "mariadbd.pid"),
    )  # fmt: skip
    return Daemon("mariadb", command, port=rig.port("mariadb"), own_log=True)


def rabbitmq(rig):
    """Debian's wrapper in /usr/sbin changes user and drops the environment: not that one."""
    home = rig.folder / "rabbitmq"
    only_here = "{127,0,0,1}"
    environment = {
        "HOME": str(home),
        "RABBITMQ_NODENAME": f"rig{rig.port_base}@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": HOST,
        "RABBITMQ_NODE_PORT": str(rig.port("rabbitmq")),
        "RABBITMQ_DIST_PORT": str(rig.port("rabbitmq-peers")),
        "RABBITMQ_MNESIA_BASE": str(home / "mnesia"),
        "RABBITMQ_LOG_BASE": str(rig.logs),
        "RABBITMQ_LOGS": str(rig.logs / "rabbitmq.log"),
        "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq.conf"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "plugins"),
        "ERL_EPMD_PORT": str(rig.port("epmd")),
        "ERL_EPMD_ADDRESS": HOST,
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": f"-kernel inet_dist_use_interface {only_here}",
    }
    return Daemon(
        "rabbitmq",
        ("/usr/lib/rabbitmq/bin/rabbitmq-server",),
        reads=(home / "rabbitmq.conf", home / "definitions.json"),
        environment=environment,
        port=rig.port("rabbitmq"),
    )


def write_rabbitmq(rig):
    """Users and virtual hosts as a file read at start: rabbitmqctl would cost seconds a call."""
    home = rig.folder / "rabbitmq"
    everything = {"configure": ".*", "write": ".*", "read": ".*"}
    definitions = {
        "vhosts": [{"name": site} for site in SITES],
        "users": [
            {
                "name": f"rig-{site}",
                "password_hash": rabbit_hash(rig.secret("rabbitmq", site)),
                "hashing_algorithm": "rabbit_password_hashing_sha256",
                "tags": "",
            }
            for site in SITES
        ],
        "permissions": [{"user": f"rig-{site}", "vhost": site, **everything} for site in SITES],
    }
    rig.write("rabbitmq/definitions.json", json.dumps(definitions))
    rig.write("rabbitmq/plugins", "[].")
    rig.write("rabbitmq/.erlang.cookie", rig.secret("cookie"), mode=0o400)
    rig.write("rabbitmq/rabbitmq.conf", f"load_definitions = {home}/definitions.json\n")


def rabbit_hash(password):
    salt = hashlib.sha256(password.encode()).digest()[:4]
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def prepare(rig):
    """Starts both; the broker needs some seconds more, which `broker_ready` waits for."""
    write_rabbitmq(rig)
    daemons.start(rig, rabbitmq(rig))
    make_datadir(rig)
    daemons.start(rig, mariadb(rig))
    wait_for(lambda: answers(rig), "mariadb to answer", 60)


def broker_ready(rig):
    daemons.wait_until_open(rig, rabbitmq(rig))


def answers(rig):
    if daemons.pid_of(rig, "mariadb") is None:
        raise RigError("mariadb died", rig.logs / "mariadb.log")
    sql(rig, "select 1")
    return True


def make_datadir(rig):
    if rig.is_done("datadir"):
        return
    daemons.stop_session(rig, "mariadb")
    shutil.rmtree(rig.folder / "mariadb", ignore_errors=True)
    rig.command(
        (
            "mariadb-install-db", "--no-defaults", "--user=root",
            f"--datadir={rig.folder / 'mariadb'}", "--auth-root-authentication-method=normal",
            "--skip-test-db",
        ),
        "mariadb-install-db",
    )  # fmt: skip
    rig.mark_done("datadir")


def client(rig, program="mariadb"):
    return [program, "--no-defaults", f"--socket={rig.run / 'mariadb.sock'}", "--user=root"]


def sql(rig, statements):
    run = subprocess.run(
        [*client(rig), "--batch", "--skip-column-names"],
        input=statements,
        capture_output=True,
        text=True,
        env=rig.environment(),
    )
    if run.returncode != 0:
        raise ValueError(run.stderr.strip().splitlines()[-1])
    return run.stdout.split()


SYNC = {
    "keystone": ("keystone-manage", "db_sync"),
    "cinder": ("cinder-manage", "db", "sync"),
    "glance": ("glance-manage", "db_sync"),
    "placement": ("placement-manage", "db", "sync"),
    "nova_api": ("nova-manage", "api_db", "sync"),
    "nova": ("nova-manage", "db", "sync", "--local_cell"),
    "neutron": ("neutron-db-manage", "upgrade", "heads"),
}


def make_databases(rig):
    """One run of each component's migrations serves both sites: the second is a copy."""
    if rig.is_done("databases"):
        return
    with stage("databases"):
        grants = "".join(
            f"create user if not exists `rig-{site}`@`{HOST}`"
            f" identified by '{rig.secret('database', site)}';"
            f"grant all on `{site}\\_%`.* to `rig-{site}`@`{HOST}`;"
            for site in SITES
        )
        sql(rig, grants)
        # The longest first, so that two processors end at about the same time.
        order = ["nova", "cinder", "keystone", "nova_api", "glance", "placement"]
        if rig.neutron:
            order.insert(0, "neutron")
        together(*[lambda name=name: make_database(rig, name) for name in order], at_once=3)
        rig.mark_done("databases")


def make_database(rig, component):
    if rig.is_done(f"database-{component}"):
        return
    first, second = SITES
    sql(rig, fresh(f"{first}_{component}"))
    tool, *words = SYNC[component]
    config = settings.conf(rig, first, component.removesuffix("_api"))
    rig.command([tool, "--config-file", config, *words], f"sync-{component}")
    copies = [f"{second}_{component}"]
    if component == "nova":
        copies += [f"{site}_{settings.CELL0}" for site in SITES]
    dump = subprocess.run(
        [*client(rig, "mariadb-dump"), "--single-transaction", f"{first}_{component}"],
        capture_output=True,
        check=True,
        env=rig.environment(),
    ).stdout.decode()
    for copy in copies:
        sql(rig, fresh(copy) + f"use `{copy}`;" + dump)
    if component == "nova_api":
        for site in SITES:
            sql(rig, cells(rig, site))
    rig.mark_done(f"database-{component}")


def fresh(name):
    return f"drop database if exists `{name}`; create database `{name}` character set utf8mb3;"


def cells(rig, site):
    """What `nova-manage cell_v2 map_cell0` and `create_cell` write, without their start-up time."""
    cell1 = hashlib.md5(f"{site}/{rig.port_base}".encode()).hexdigest()
    uuid = "-".join((cell1[:8], cell1[8:12], "4" + cell1[13:16], "8" + cell1[17:20], cell1[20:]))
    rows = [
        ("00000000-0000-0000-0000-000000000000", "cell0", "none:///", settings.CELL0),
        (uuid, "cell1", settings.message_bus(rig, site), "nova"),
    ]
    values = ",".join(
        f"(now(), '{uuid}', '{name}', '{bus}', '{settings.database(rig, site, database)}', 0)"
        for uuid, name, bus, database in rows
    )
    return (
        f"insert into `{site}_nova_api`.cell_mappings"
        f" (created_at, uuid, name, transport_url, database_connection, disabled) values {values};"
    )


def make_keys(rig, site):
    """Keystone's key folders: what fernet_setup and credential_setup would make."""
    for name in ("fernet", "credential"):
        for number in (0, 1):
            path = f"{site}/keystone/{name}/{number}"
            if not (rig.folder / path).exists():
                rig.write(path, base64.urlsafe_b64encode(os.urandom(32)).decode())
