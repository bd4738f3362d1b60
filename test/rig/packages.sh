# shellcheck shell=bash
# The Debian packages of the rig: installed once, quietly, and without letting a daemon start.
# Sourced by `up`, from which `say`, `die` and `die_with_log` come.

PACKAGES=(
  keystone cinder-api cinder-scheduler cinder-volume glance-api
  placement-api nova-api nova-conductor nova-scheduler neutron-server
  rabbitmq-server mariadb-server python3-pymysql uwsgi-plugin-python3
  python3-openstackclient python3-cinderclient dmidecode
)

missing_packages() {
  # dpkg-query fails when it has never heard of a package, which is what we ask.
  { dpkg-query -W -f '${Package} ${db:Status-Status}\n' "${PACKAGES[@]}" 2>/dev/null || true; } |
    awk -v all="${PACKAGES[*]}" '
      $2 == "installed" { there[$1] = 1 }
      END { n = split(all, names, " "); for (i = 1; i <= n; i++) if (!(names[i] in there)) print names[i] }'
}

# The start-up scripts of packages would listen on every interface; policy-rc.d forbids them.
# Ours is there only while we install; one that somebody else put there is left alone.
forbid_daemons() {
  [[ -e /usr/sbin/policy-rc.d ]] && return
  printf '#!/bin/sh\n# put here by the rig while it installs packages\nexit 101\n' >/usr/sbin/policy-rc.d
  chmod 755 /usr/sbin/policy-rc.d
}

allow_daemons() {
  if grep -qs 'put here by the rig' /usr/sbin/policy-rc.d; then rm -f /usr/sbin/policy-rc.d; fi
}

# Debian would otherwise make databases, users and endpoints of its own.
decline_questions() {
  local name question
  for name in keystone cinder-api cinder-common glance-api glance-common placement-api nova-api nova-common; do
    for question in configure_db register-endpoint configure_rabbit configure_ksat; do
      echo "$name $name/$question boolean false"
    done
  done | debconf-set-selections 2>/dev/null || true
}

install_packages() {
  local missing started=$SECONDS log
  missing=$(missing_packages)
  [[ -n $missing ]] || return 0
  [[ $(id -u) == 0 ]] || die "packages are missing and installing them needs root: ${missing//$'\n'/ }"
  log=$(mktemp -t drillbook-rig-apt.XXXXXX.log)
  say "installing Debian packages, one to two minutes (log: $log)"
  export DEBIAN_FRONTEND=noninteractive
  trap allow_daemons EXIT
  forbid_daemons
  # Finishes what an interrupted run left half configured.
  dpkg --configure -a >>"$log" 2>&1 || true
  decline_questions
  apt-get update >>"$log" 2>&1 || die_with_log "apt-get update failed: no package archive" "$log"
  # shellcheck disable=SC2086
  apt-get install -y --no-install-recommends $missing >>"$log" 2>&1 ||
    die_with_log "installing packages failed; run up again, apt goes on where it stopped" "$log"
  allow_daemons
  trap - EXIT
  missing=$(missing_packages)
  [[ -z $missing ]] || die_with_log "still not installed: ${missing//$'\n'/ }" "$log"
  rm -f "$log"
  say "packages installed in $((SECONDS - started)) s"
}
