"""nova-compute with nova's fake hypervisor, whose initiator has a name that an array accepts.

The package of nova-compute brings libvirt and qemu with it; the program itself is in python3-nova.
Nova takes drivers from its own package only, hence ours is put into the module of the fake one.
"""

import sys

from nova.cmd.compute import main
from nova.virt import fake


class NamedFakeDriver(fake.FakeDriver):
    def get_volume_connector(self, instance):
        connector = super().get_volume_connector(instance)
        return connector | {"initiator": f"iqn.2026-01.example.drillbook:{self._host}"}


fake.NamedFakeDriver = NamedFakeDriver
sys.argv[0] = "nova-compute"
main()
