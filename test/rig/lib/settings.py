"""Configuration files of every service, as data: {section: {key: value}} per file."""

from ground import HOST, REGION

SERVICE_USERS = ("cinder", "glance", "nova", "placement", "neutron")
COMPONENTS = ("keystone", "cinder", "glance", "placement", "nova_api", "nova", "neutron")
# Zed wants a database of this kind for servers that were never scheduled.
CELL0 = "nova_cell0"

# All pauses of Cinder and Nova, turned down so that a test sees a change within seconds.
QUICK = {
    "report_interval": 5,
    "service_down_time": 15,
    "periodic_interval": 5,
    "periodic_fuzzy_delay": 0,
    "backend_stats_polling_interval": 5,
}


def ini(sections):
    lines = []
    for name, entries in sections.items():
        lines.append(f"[{name}]")
        lines += [f"{key} = {value}" for key, value in entries.items()]
        lines.append("")
    return "\n".join(lines)


def database(rig, site, component):
    password = rig.secret("database", site)
    where = f"{HOST}:{rig.port('mariadb')}/{site}_{component}"
    return f"mysql+pymysql://rig-{site}:{password}@{where}?charset=utf8"


def message_bus(rig, site):
    return f"rabbit://rig-{site}:{rig.secret('rabbitmq', site)}@{HOST}:{rig.port('rabbitmq')}/{site}"


def login(rig, site, user):
    """How one service logs in to keystone to talk to another."""
    return {
        "auth_type": "password",
        "auth_url": rig.url("keystone", site) + "/v3",
        "username": user,
        "password": rig.secret("user", site, user),
        "user_domain_name": "Default",
        "project_domain_name": "Default",
        "project_name": "service",
        "region_name": REGION,
    }


def token_check(rig, site, user):
    keystone = rig.url("keystone", site) + "/v3"
    return {
        **login(rig, site, user),
        "www_authenticate_uri": keystone,
        "service_token_roles_required": "true",
        # How long a revoked token is still honoured.
        "token_cache_time": 10,
    }


def keystone(rig, site):
    keys = rig.folder / site / "keystone"
    return {
        "DEFAULT": {
            "log_file": rig.logs / f"{site}-keystone.log",
            "public_endpoint": rig.url("keystone", site),
        },
        "database": {"connection": database(rig, site, "keystone")},
        "token": {"provider": "fernet"},
        "fernet_tokens": {"key_repository": keys / "fernet"},
        # Without it `bootstrap` looks in Debian's own folder and ends.
        "fernet_receipts": {"key_repository": keys / "fernet"},
        "credential": {"key_repository": keys / "credential"},
        # Without a cache each check of a token costs a second; one process keeps it coherent.
        "cache": {"enabled": "true", "backend": "dogpile.cache.memory"},
        "identity": {"password_hash_rounds": 4},
    }


def cinder(rig, site):
    state = rig.folder / site / "cinder"
    return {
        "DEFAULT": {
            **QUICK,
            "transport_url": message_bus(rig, site),
            "auth_strategy": "keystone",
            "osapi_volume_listen": HOST,
            "osapi_volume_listen_port": rig.port("cinder", site),
            "osapi_volume_workers": 1,
            "public_endpoint": rig.url("cinder", site),
            "my_ip": HOST,
            "host": f"cinder-{site}",
            "state_path": state,
            "api_paste_config": "/etc/cinder/api-paste.ini",
            "rootwrap_config": "/etc/cinder/rootwrap.conf",
            "resource_query_filters_file": "/etc/cinder/resource_filters.json",
            "default_volume_type": "plain",
            "storage_availability_zone": f"{site}-az",
            "default_availability_zone": f"{site}-az",
            "glance_api_servers": rig.url("glance", site),
        },
        "database": {"connection": database(rig, site, "cinder")},
        "keystone_authtoken": token_check(rig, site, "cinder"),
        "service_user": {"send_service_user_token": "true", **login(rig, site, "cinder")},
        "nova": login(rig, site, "cinder"),
        "coordination": {"backend_url": f"file://{state}/coordination"},
        "oslo_concurrency": {"lock_path": state / "locks"},
    }


def cinder_volume(rig, site, hbsd):
    """What only cinder-volume reads, so that adding a backend restarts nothing else."""
    backends = {"DEFAULT": {"enabled_backends": "file" + (",hbsd" if hbsd else "")}}
    backends["file"] = {
        "volume_driver": "file_array.FileArrayDriver",
        "volume_backend_name": "file",
        "file_array_path": rig.folder / site / "array.json",
        "replication_device": f"backend_id:{'dr' if site == 'main' else 'main'}",
    }
    if hbsd:
        backends["hbsd"] = hbsd_backend(hbsd[site], hbsd["ca"])
    return backends


def hbsd_backend(array, authority):
    host, _, port = array["url"].split("//")[1].split("/")[0].partition(":")
    return {
        "volume_driver": "cinder.volume.drivers.hitachi.hbsd_iscsi.HBSDISCSIDriver",
        "volume_backend_name": "hbsd",
        "san_ip": host,
        "san_api_port": port or 443,
        "san_login": array["user"],
        "san_password": array["password"],
        "driver_ssl_cert_verify": "true",
        "driver_ssl_cert_path": authority,
        "hitachi_storage_id": array["storageDeviceId"],
        "hitachi_pool": array["pool"],
        "hitachi_target_ports": ",".join(array["ports"]),
        "hitachi_group_create": "true",
        # The defaults wait for two hours where a test wants to see an end.
        "hitachi_exec_retry_interval": 1,
        "hitachi_copy_check_interval": 1,
        "hitachi_async_copy_check_interval": 1,
        "hitachi_lock_timeout": 60,
        "hitachi_rest_server_busy_timeout": 60,
        **array.get("options", {}),
    }


def glance(rig, site):
    files = rig.folder / site / "glance"
    return {
        "DEFAULT": {
            "bind_host": HOST,
            "bind_port": rig.port("glance", site),
            "workers": 1,
            "public_endpoint": rig.url("glance", site),
            "enabled_backends": "files:file",
            "node_staging_uri": f"file://{files}/staging",
        },
        "glance_store": {"default_backend": "files"},
        "files": {"filesystem_store_datadir": files / "images"},
        "os_glance_staging_store": {"filesystem_store_datadir": files / "staging"},
        "os_glance_tasks_store": {"filesystem_store_datadir": files / "tasks"},
        "database": {"connection": database(rig, site, "glance")},
        "keystone_authtoken": token_check(rig, site, "glance"),
        "paste_deploy": {
            "flavor": "keystone",
            "config_file": "/etc/glance/glance-api-paste.ini",
        },
        "oslo_concurrency": {"lock_path": files / "locks"},
    }


def placement(rig, site):
    return {
        "DEFAULT": {"log_file": rig.logs / f"{site}-placement.log"},
        "placement_database": {"connection": database(rig, site, "placement")},
        "api": {"auth_strategy": "keystone"},
        "keystone_authtoken": token_check(rig, site, "placement"),
    }


def nova(rig, site):
    state = rig.folder / site / "nova"
    return {
        "DEFAULT": {
            "transport_url": message_bus(rig, site),
            "my_ip": HOST,
            # An address of its own: Hitachi's driver names the target of a host by it.
            "my_block_storage_ip": "127.0.0.2",
            "host": f"compute-{site}",
            "state_path": state,
            "compute_driver": "fake.NamedFakeDriver",
            "enabled_apis": "osapi_compute",
            "osapi_compute_listen": HOST,
            "osapi_compute_listen_port": rig.port("nova", site),
            "osapi_compute_workers": 1,
            "default_availability_zone": f"{site}-az",
            "report_interval": QUICK["report_interval"],
            "service_down_time": QUICK["service_down_time"],
        },
        "api": {"auth_strategy": "keystone"},
        "api_database": {"connection": database(rig, site, "nova_api")},
        "database": {"connection": database(rig, site, "nova")},
        "keystone_authtoken": token_check(rig, site, "nova"),
        # Cinder detaches only for a service that says who it is.
        "service_user": {"send_service_user_token": "true", **login(rig, site, "nova")},
        "placement": login(rig, site, "placement"),
        "glance": {"api_servers": rig.url("glance", site)},
        "cinder": {**login(rig, site, "nova"), "os_region_name": REGION},
        # Every view of a server asks neutron for its ports, even when it has none.
        "neutron": {**login(rig, site, "nova"), **no_neutron(rig)},
        "conductor": {"workers": 1},
        "scheduler": {"workers": 1, "discover_hosts_in_cells_interval": 5},
        "vnc": {"enabled": "false"},
        "wsgi": {"api_paste_config": "/etc/nova/api-paste.ini"},
        "oslo_concurrency": {"lock_path": state / "locks"},
    }


def nova_compute(rig, site):
    """As nova's, without the databases: a compute service that has their address complains."""
    kept = nova(rig, site)
    return {name: kept[name] for name in kept if not name.endswith("database")}


def no_neutron(rig):
    if rig.neutron:
        return {}
    return {"endpoint_override": f"http://{HOST}:{rig.port('no-network')}"}


def neutron(rig, site):
    """The API and its database alone: no agent, no switch, and ports that are bound anywhere."""
    state = rig.folder / site / "neutron"
    return {
        "DEFAULT": {
            "transport_url": message_bus(rig, site),
            "auth_strategy": "keystone",
            "bind_host": HOST,
            "bind_port": rig.port("neutron", site),
            "api_workers": 1,
            "rpc_workers": 1,
            "rpc_state_report_workers": 0,
            # Else it writes its title over its environment, and nobody can tell whose it is.
            "setproctitle": "off",
            "core_plugin": "ml2",
            "service_plugins": "router",
            "api_paste_config": "/etc/neutron/api-paste.ini",
            "state_path": state,
            "notify_nova_on_port_status_changes": "false",
            "notify_nova_on_port_data_changes": "false",
            "dhcp_agent_notification": "false",
        },
        "ml2": {
            "type_drivers": "vlan,flat,local",
            "tenant_network_types": "vlan",
            "mechanism_drivers": "any_host",
            "extension_drivers": "port_security",
        },
        "ml2_type_vlan": {"network_vlan_ranges": "drill:900:1999"},
        "ml2_type_flat": {"flat_networks": "outside"},
        "database": {"connection": database(rig, site, "neutron")},
        "keystone_authtoken": token_check(rig, site, "neutron"),
        "nova": login(rig, site, "neutron"),
        "placement": login(rig, site, "neutron"),
        "oslo_concurrency": {"lock_path": state / "locks"},
    }


FILES = {
    "neutron": neutron,
    "keystone": keystone,
    "cinder": cinder,
    "glance": glance,
    "placement": placement,
    "nova": nova,
    "nova-compute": nova_compute,
}


def conf(rig, site, name):
    return rig.folder / "conf" / site / f"{name}.conf"


def write_all(rig, site, hbsd):
    for name, sections in FILES.items():
        rig.write(f"conf/{site}/{name}.conf", ini(sections(rig, site)))
    backends = cinder_volume(rig, site, hbsd)
    rig.write(f"conf/{site}/cinder-volume.conf", ini(backends))
