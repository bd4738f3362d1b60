"""One caller of one site: a token, and calls with it."""

from ground import RigError, http


class Cloud:
    def __init__(self, rig, site, user="admin", project="admin"):
        self.rig, self.site = rig, site
        domain = {"id": "default"}
        password = rig.secret("user", site, user)
        identity = {
            "methods": ["password"],
            "password": {"user": {"name": user, "domain": domain, "password": password}},
        }
        scope = {"project": {"name": project, "domain": domain}}
        body = {"auth": {"identity": identity, "scope": scope}}
        url = rig.url("keystone", site) + "/v3/auth/tokens"
        status, headers, said = http("POST", url, body)
        if status != 201:
            raise RigError(f"{site}: {user} cannot log in: {status} {said}")
        self.token = headers["X-Subject-Token"]
        self.project = said["token"]["project"]["id"]

    def call(self, method, service, path, body=None, version=None, accept=()):
        """The parsed answer; RigError for a status of 400 or more that is not in `accept`."""
        headers = {"X-Auth-Token": self.token}
        if version is not None:
            headers["OpenStack-API-Version"] = version
        url = self.rig.url(service, self.site) + path
        status, _, said = http(method, url, body, headers, timeout=60)
        if status >= 400 and status not in accept:
            raise RigError(f"{self.site}: {method} {path} answered {status}: {said}")
        return said

    def identity(self, method, path, body=None, accept=()):
        return self.call(method, "keystone", "/v3" + path, body, accept=accept)

    def volume(self, method, path, body=None, accept=()):
        path = f"/v3/{self.project}{path}"
        return self.call(method, "cinder", path, body, "volume 3.70", accept)

    def compute(self, method, path, body=None, accept=()):
        return self.call(method, "nova", "/v2.1" + path, body, "compute 2.93", accept)
