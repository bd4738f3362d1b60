"""A Cinder driver whose array is one JSON file, for what no package offers without hardware:
failover and failback, freeze, adoption of volumes, and faults that a test switches on.

The array is a table of disks by name, {"sizeGiB", "volume", "snapshotOf", "path", "replicated"}.
A test puts a disk there that Cinder does not know by writing the file (see `edit`). Nothing stores
data: volumes have names, sizes and states only.

Faults are read from `<array file>.faults` before each operation: {"create_volume": "refuse"} makes
it raise, {"create_volume": 3} makes it take three seconds, {"stats": "refuse"} is a dead array.
"""

import contextlib
import fcntl
import io
import json
import os
import time

from cinder import exception
from cinder.objects import fields
from cinder.volume import configuration, driver, volume_utils
from oslo_config import cfg

OPTIONS = [
    cfg.StrOpt("file_array_path", help="The file that stands for the array."),
    cfg.IntOpt("file_array_capacity_gb", default=1_000_000, help="Size of its only pool."),
]
cfg.CONF.register_opts(OPTIONS, group=configuration.SHARED_CONF_GROUP)

POOL = "pool0"
# What Cinder calls the way back from a failover.
FAILBACK = "default"
EMPTY = {"frozen": False, "disks": {}}


@contextlib.contextmanager
def edit(path):
    """The array as a dict; what is changed in it is written back, one writer at a time."""
    with open(f"{path}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        array = EMPTY | {"disks": {}}
        if os.path.exists(path):
            with open(path) as file:
                array = json.load(file)
        yield array
        with open(f"{path}.new", "w") as file:
            json.dump(array, file, indent=1)
        os.replace(f"{path}.new", path)


class FileArrayDriver(driver.VolumeDriver):
    """All that the array keeps is in its file, so the process may die at any moment."""

    VERSION = "1.0.0"

    def __init__(self, *args, active_backend_id=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.configuration.append_config_values(OPTIONS)
        self.path = self.configuration.file_array_path
        self.active_backend_id = active_backend_id
        devices = self.configuration.safe_get("replication_device") or []
        self.targets = [device["backend_id"] for device in devices]

    @classmethod
    def get_driver_options(cls):
        return OPTIONS

    # What the manager asks of every driver at its start.

    def do_setup(self, context):
        self.stumble("setup")

    def check_for_setup_error(self):
        with edit(self.path):
            """Makes the file, or shows that it cannot be read."""

    def stumble(self, operation):
        """The faults a test has switched on."""
        try:
            with open(f"{self.path}.faults") as file:
                fault = json.load(file).get(operation)
        except FileNotFoundError:
            return
        if isinstance(fault, (int, float)):
            time.sleep(fault)
        elif fault is not None:
            raise exception.VolumeBackendAPIException(data=f"{operation}: {fault}")

    def _update_volume_stats(self):
        self.stumble("stats")
        with edit(self.path) as array:
            used = sum(disk["sizeGiB"] for disk in array["disks"].values())
        capacity = self.configuration.file_array_capacity_gb
        replication = {
            "replication_enabled": bool(self.targets) and not self.active_backend_id,
            "replication_targets": self.targets,
            "replication_type": ["async"],
        }
        pool = {
            "pool_name": POOL,
            "total_capacity_gb": capacity,
            "free_capacity_gb": capacity - used,
            "provisioned_capacity_gb": used,
            "allocated_capacity_gb": used,
            "reserved_percentage": 0,
            "max_over_subscription_ratio": 20.0,
            "thin_provisioning_support": True,
            "thick_provisioning_support": False,
            "multiattach": True,
            "QoS_support": False,
            **replication,
        }
        self._stats = {
            "volume_backend_name": self.configuration.volume_backend_name,
            "vendor_name": "Drillbook",
            "driver_version": self.VERSION,
            "storage_protocol": "iSCSI",
            "pools": [pool],
            # The manager reads it here, the scheduler in the pool.
            **replication,
        }

    # Volumes and snapshots.

    def create_volume(self, volume):
        return self._make("create_volume", volume)

    def create_cloned_volume(self, volume, src_vref):
        return self._make("create_cloned_volume", volume)

    def create_volume_from_snapshot(self, volume, snapshot):
        return self._make("create_volume_from_snapshot", volume)

    def clone_image(self, context, volume, image_location, image_meta, image_service):
        """Images are not written anywhere, so every image counts as cloned."""
        return self._make("clone_image", volume), True

    def copy_volume_to_image(self, context, volume, image_service, image_meta):
        self.stumble("copy_volume_to_image")
        image_service.update(context, image_meta["id"], {}, io.BytesIO(volume.id.encode()))

    def _make(self, operation, volume):
        self.stumble(operation)
        replicated = bool(self.targets) and volume_utils.is_replicated_spec(
            volume.volume_type.extra_specs if volume.volume_type else {}
        )
        with edit(self.path) as array:
            array["disks"][volume.name] = {
                "sizeGiB": volume.size,
                "volume": volume.id,
                "replicated": replicated,
            }
        return {"replication_status": self._status(replicated)}

    @staticmethod
    def _status(replicated):
        states = fields.ReplicationStatus
        return states.ENABLED if replicated else states.DISABLED

    def delete_volume(self, volume):
        self._drop("delete_volume", volume.name)

    def create_snapshot(self, snapshot):
        self.stumble("create_snapshot")
        with edit(self.path) as array:
            array["disks"][snapshot.name] = {
                "sizeGiB": snapshot.volume_size,
                "snapshotOf": snapshot.volume.name,
            }

    def delete_snapshot(self, snapshot):
        self._drop("delete_snapshot", snapshot.name)

    def revert_to_snapshot(self, context, volume, snapshot):
        self.stumble("revert_to_snapshot")

    def _drop(self, operation, name):
        self.stumble(operation)
        with edit(self.path) as array:
            array["disks"].pop(name, None)

    def extend_volume(self, volume, new_size):
        self.stumble("extend_volume")
        with edit(self.path) as array:
            array["disks"][volume.name]["sizeGiB"] = new_size

    # Attachments: a path that leads nowhere, enough for nova's fake hypervisor.

    def initialize_connection(self, volume, connector, **kwargs):
        self.stumble("initialize_connection")
        with edit(self.path) as array:
            array["disks"][volume.name]["path"] = connector["host"]
        target = {
            "target_discovered": False,
            "target_portal": "127.0.0.1:3260",
            "target_iqn": f"iqn.2026-01.example.drillbook:{volume.id}",
            "target_lun": 1,
            "volume_id": volume.id,
        }
        return {"driver_volume_type": "iscsi", "data": target}

    def terminate_connection(self, volume, connector, **kwargs):
        self.stumble("terminate_connection")
        with edit(self.path) as array:
            array["disks"].get(volume.name, {}).pop("path", None)

    def ensure_export(self, context, volume):
        """Nothing is exported: there is no data."""

    def create_export(self, context, volume, connector):
        """As above."""

    def remove_export(self, context, volume):
        """As above."""

    # Adoption of disks that Cinder does not know.

    def manage_existing_get_size(self, volume, existing_ref):
        return self._unmanaged(existing_ref)[1]["sizeGiB"]

    def manage_existing(self, volume, existing_ref):
        self.stumble("manage_existing")
        name, disk = self._unmanaged(existing_ref)
        with edit(self.path) as array:
            array["disks"].pop(name)
            array["disks"][volume.name] = disk | {"volume": volume.id, "was": name}
        return {"replication_status": self._status(disk.get("replicated", False))}

    def _unmanaged(self, reference):
        name = reference.get("source-name")
        with edit(self.path) as array:
            disk = array["disks"].get(name)
        if disk is None or disk.get("volume"):
            reason = "no such disk, or it belongs to a volume"
            raise exception.ManageExistingInvalidReference(existing_ref=reference, reason=reason)
        return name, disk

    def unmanage(self, volume):
        self.stumble("unmanage")
        with edit(self.path) as array:
            disk = array["disks"].pop(volume.name)
            disk.pop("volume", None)
            array["disks"][disk.pop("was", volume.name)] = disk

    def get_manageable_volumes(self, cinder_volumes, marker, limit, offset, sort_keys, sort_dirs):
        self.stumble("get_manageable_volumes")
        with edit(self.path) as array:
            disks = {k: d for k, d in array["disks"].items() if "snapshotOf" not in d}
        entries = [
            {
                "reference": {"source-name": name},
                "size": disk["sizeGiB"],
                "safe_to_manage": not disk.get("volume"),
                "reason_not_safe": "already managed" if disk.get("volume") else None,
                "cinder_id": disk.get("volume"),
                "extra_info": None,
            }
            for name, disk in sorted(disks.items())
        ]
        return volume_utils.paginate_entries_list(
            entries, marker, limit, offset, sort_keys, sort_dirs
        )

    # Replication of the whole backend.

    def failover_host(self, context, volumes, secondary_id=None, groups=None):
        self.stumble("failover_host")
        back = secondary_id == FAILBACK
        if not back and secondary_id not in (None, *self.targets):
            raise exception.InvalidReplicationTarget(reason=f"no target {secondary_id}")
        states = fields.ReplicationStatus
        status = states.ENABLED if back else states.FAILED_OVER
        self.active_backend_id = "" if back else secondary_id or self.targets[0]
        updates = [
            {"volume_id": volume.id, "updates": {"replication_status": status}}
            for volume in volumes
        ]
        return self.active_backend_id, updates, []

    def freeze_backend(self, context):
        self._set_frozen("freeze_backend", True)
        return True

    def thaw_backend(self, context):
        self._set_frozen("thaw_backend", False)
        return True

    def _set_frozen(self, operation, frozen):
        self.stumble(operation)
        with edit(self.path) as array:
            array["frozen"] = frozen
