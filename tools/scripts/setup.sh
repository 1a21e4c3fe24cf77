#!/bin/bash
# Installs what a build needs and is not there yet: Debian packages (packages.txt) and Python packages in .venv; for bench in
# .venv-bench, so that tests do not see its packages.
# Usage: setup.sh [demo|bench]      also what that target of make needs.  Run again, it does nothing and touches no network.
set -euo pipefail
export LC_ALL=C DEBIAN_FRONTEND=noninteractive PIP_DISABLE_PIP_VERSION_CHECK=1

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
logs=$root/.cache/setup
mkdir -p "$logs"

say() { printf '==> %s\n' "$*"; }
die() { printf 'setup: %s\n' "$*" >&2; exit 1; }

case "${1:-}" in
  -h | --help) sed -n '2,4s/^# //p' "${BASH_SOURCE[0]}"; exit 0 ;;
  "" | demo | bench) ;;
  *) die "unknown argument '$1': expected 'demo', 'bench' or none" ;;
esac

# One set-up at a time in one checkout: `make demo` and `make test` may be started together.
exec 9>"$logs/lock"
flock 9

not_installed() {
  local package
  for package in "$@"; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || echo "$package"
  done
}

install_debian_packages() {
  local wanted missing unknown as_root=() updated=yes
  mapfile -t wanted < <(grep -v '^#' "$here/packages.txt")
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    die "this machine has no apt; Pare's set-up knows Debian 12 only (the packages it needs: tools/scripts/packages.txt)"
  fi
  mapfile -t missing < <(not_installed "${wanted[@]}")
  [[ ${#missing[@]} -eq 0 ]] && return

  local ID="" VERSION_ID="" PRETTY_NAME="an unknown system"
  # shellcheck disable=SC1091
  . /etc/os-release 2>/dev/null || true
  [[ $ID == debian && $VERSION_ID == 12 ]] ||
    die "this is $PRETTY_NAME, but Pare's set-up knows Debian 12 only (${#missing[@]} of the packages in tools/scripts/packages.txt are missing)"
  if [[ $(id -u) -ne 0 ]]; then
    command -v sudo >/dev/null || die "installing Debian packages needs root: run as root, or install sudo (${#missing[@]} of the packages in tools/scripts/packages.txt are missing)"
    as_root=(sudo --preserve-env=DEBIAN_FRONTEND,LC_ALL)
  fi

  say "Installing ${#missing[@]} Debian packages: ${missing[*]}"
  "${as_root[@]}" apt-get -q -o DPkg::Lock::Timeout=300 -o APT::Update::Error-Mode=any update >"$logs/apt-update.log" 2>&1 || updated=no
  mapfile -t unknown < <(for package in "${missing[@]}"; do
    [[ -n $(apt-cache policy "$package" | awk '/Candidate:/ && $2 != "(none)"') ]] || echo "$package"
  done)
  if [[ ${#unknown[@]} -gt 0 && $updated == no ]]; then
    die "cannot reach Debian's package servers, so ${#missing[@]} packages cannot be installed: check the network (log: $logs/apt-update.log)"
  elif [[ ${#unknown[@]} -gt 0 ]]; then
    die "this machine's apt sources do not offer: ${unknown[*]}; add the suite bookworm-security (it carries LLVM 22) and run again"
  fi
  "${as_root[@]}" apt-get -q -y --no-install-recommends -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 install "${missing[@]}" 2>&1 |
    tee "$logs/apt-install.log" | awk '/^Need to get/ || /^Setting up/ { print "    " $0; fflush() }' ||
    die "apt-get could not install ${missing[*]}: $(grep -m1 '^E:' "$logs/apt-install.log" || tail -n 1 "$logs/apt-install.log") (log: $logs/apt-install.log)"
}

# install_python_packages VENV LIST: a stamp named by the hash of the list says that it is installed.
install_python_packages() {
  local venv=$1 list=$2 stamp
  stamp=$venv/.installed-$(basename "$list" .txt)-$(sha256sum "$list" | cut -c1-16)
  [[ -e $stamp ]] && return
  if [[ ! -x $venv/bin/pip ]]; then
    say "Creating $(basename "$venv")"
    /usr/bin/python3 -m venv --clear "$venv" >"$logs/venv.log" 2>&1 ||
      die "cannot create $(basename "$venv") with /usr/bin/python3 (log: $logs/venv.log)"
  fi
  say "Installing Python packages of $(basename "$list") into $(basename "$venv")"
  "$venv/bin/pip" install --no-deps --progress-bar off -r "$list" 2>&1 | tee "$logs/pip.log" |
    awk '/^Collecting/ { print "    " $2; fflush() }' ||
    die "pip could not install $(basename "$list"): check the network; it said: $(grep -m1 '^ERROR' "$logs/pip.log" || tail -n 1 "$logs/pip.log")"
  touch "$stamp"
}

install_debian_packages
install_python_packages "$root/.venv" "$here/requirements.txt"
case "${1:-}" in
  demo) install_python_packages "$root/.venv" "$here/requirements-demo.txt" ;;
  bench)
    install_python_packages "$root/.venv-bench" "$here/requirements.txt"
    install_python_packages "$root/.venv-bench" "$here/requirements-bench.txt"
    ;;
esac
