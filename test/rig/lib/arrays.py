"""The two arrays below the `hbsd` back ends: where they are and who logs in, kept in hbsd.json."""

import json
from pathlib import Path

from ground import SITES, RigError

# What `npm run twin` has when nobody says otherwise.
DEFAULTS = {
    "main": {"storageDeviceId": "900000040014", "user": "drillbook", "password": "drillbook-main"},
    "dr": {"storageDeviceId": "900000040015", "user": "drillbook", "password": "drillbook-dr"},
}
COMMON = {"pool": 0, "ports": ["CL1-B"]}
NEEDED = ("url", "storageDeviceId", "user", "password", "pool", "ports")


def below(rig, options):
    """{"ca": file, "main": {..}, "dr": {..}} or None. Throws RigError for what cannot be used."""
    path = rig.folder / "hbsd.json"
    if options.without_hbsd:
        path.unlink(missing_ok=True)
    kept = json.loads(path.read_text()) if path.exists() else None
    given = from_twin(options.twin) if options.twin else from_words(options)
    if given is not None:
        kept = kept or {}
        for site in SITES:
            kept[site] = COMMON | DEFAULTS[site] | kept.get(site, {}) | given[site]
        kept["ca"] = str(Path(given["ca"]).resolve())
        kept["control"] = given.get("control")
        rig.write("hbsd.json", json.dumps(kept, indent=2))
    if kept is not None:
        complain_about(kept, path)
    return kept


def from_words(options):
    given = {"main": options.array_main, "dr": options.array_dr, "ca": options.ca}
    if not any(given.values()):
        return None
    if not all(given.values()):
        raise RigError("--array-main, --array-dr and --ca belong together")
    return {site: {"url": given[site]} for site in SITES} | {"ca": given["ca"]}


def from_twin(path):
    """What `npm run twin -- --tls --json` has printed."""
    try:
        facts = json.loads(path.read_text())
        arrays = {one["id"]: one for one in facts["arrays"]}
        keys = ("url", "storageDeviceId", "user", "password")
        given = {site: {key: arrays[site][key] for key in keys} for site in SITES}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RigError(f"{path} is not what the twin prints with --json: {error!r}") from error
    return given | {"ca": facts["ca"] or "", "control": facts["control"]}


def complain_about(kept, path):
    for site in SITES:
        missing = [key for key in NEEDED if key not in kept.get(site, {})]
        if missing:
            raise RigError(f"{path}: {site} has no {', '.join(missing)}")
        if not kept[site]["url"].startswith("https://"):
            raise RigError(f"{path}: {site}: the driver speaks https only, not {kept[site]['url']}")
    if not Path(kept.get("ca", "")).is_file():
        raise RigError(f"{path}: no certificate authority at {kept.get('ca')!r}")
