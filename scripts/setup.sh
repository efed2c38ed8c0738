#!/usr/bin/env bash
# All the set-up of a checkout on Debian 12: OS packages, virtual environment, the program itself, translations.
# usage: scripts/setup.sh demo|test|bench    What is there already is left alone, so the second time takes a second.
set -euo pipefail
cd "$(dirname "$0")/.."
mode=${1:-demo}
peers=
if [ "$mode" = bench ]; then
    mode=test
    peers=yes
fi
python=${PYTHON:-python3}

have_postgis() { compgen -G "/usr/share/postgresql/1[5-9]/extension/postgis.control" >/dev/null; }
have_venv() { "$python" -c 'import ensurepip, venv' 2>/dev/null; }
have_libatomic() { /sbin/ldconfig -p | grep 'libatomic\.so\.1 ' >/dev/null; } # what Playwright's Node.js stands on
have_cjk_font() { compgen -G "/usr/share/fonts/opentype/noto/NotoSansCJK-*" >/dev/null; }

missing=()
have_postgis || missing+=(postgresql-15-postgis-3)
have_venv || missing+=(python3-venv)
command -v /usr/sbin/nginx >/dev/null || missing+=(nginx-light)
command -v setpriv >/dev/null || missing+=(util-linux)
if [ "$mode" = test ]; then
    command -v chromium >/dev/null || missing+=(chromium) # with cameras and microphones
    command -v chromium-headless-shell >/dev/null || missing+=(chromium-headless-shell)
    have_cjk_font || missing+=(fonts-noto-cjk)
    have_libatomic || missing+=(libatomic1)
fi
if [ -n "$peers" ]; then
    command -v wrk >/dev/null || missing+=(wrk)
    command -v ip >/dev/null || missing+=(iproute2)
    command -v npx >/dev/null || missing+=(npm)
fi

# Debian would start its own database and web server at once and at every boot: neither is ours.
install_packages() {
    local policy=/usr/sbin/policy-rc.d
    if ! dpkg -s postgresql-common >/dev/null 2>&1; then
        $as_root mkdir -p /etc/postgresql-common || return 1
        echo "create_main_cluster = false" | $as_root tee /etc/postgresql-common/createcluster.conf >/dev/null || return 1
    fi
    if [ ! -e "$policy" ]; then
        trap "$as_root rm -f $policy" EXIT
        printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" >/dev/null || return 1
        $as_root chmod +x "$policy" || return 1
    fi
    $as_root apt-get update -qq || return 1
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        -o Dpkg::Options::=--force-confold "${missing[@]}" || return 1
    if [[ " ${missing[*]} " == *" nginx-light "* ]] && command -v systemctl >/dev/null; then
        $as_root systemctl disable --quiet nginx || true
    fi
}

# One sentence with what a person has to run, who may do it.
ask_for_packages() {
    local sudo="" who=" as root"
    if command -v sudo >/dev/null; then sudo="sudo " who=""; fi
    echo "$1: run this$who, then run the same again: ${sudo}apt-get update && ${sudo}apt-get install -y --no-install-recommends ${missing[*]}" >&2
    exit 1
}

if [ ${#missing[@]} -gt 0 ]; then
    if ! command -v apt-get >/dev/null; then
        echo "Install what these Debian packages hold, then run the same again: ${missing[*]}" >&2
        exit 1
    fi
    if [ "$(id -u)" = 0 ]; then as_root=""
    elif sudo -n true 2>/dev/null; then as_root=sudo
    else ask_for_packages "Some packages are missing"
    fi
    echo "Installing ${missing[*]} ..." >&2
    install_packages >&2 || ask_for_packages "Some packages could not be installed"
fi

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "Python 3.11 or newer is needed, $python is $("$python" -V): name another one in PYTHON" >&2
    exit 1
}

mkdir -p .setup
exec 9>.setup/lock
flock 9
.venv/bin/python -c '' 2>/dev/null || "$python" -m venv --clear .venv

# The stamp of the tests' set-up serves the demo too.
stamp=$(cat requirements.txt requirements-test.txt setup.cfg setup.py gridapp/__init__.py <(.venv/bin/python -V) | sha256sum)
if [ "$(cat .setup/test 2>/dev/null)" != "$stamp" ] && [ "$(cat ".setup/$mode" 2>/dev/null)" != "$stamp" ]; then
    echo "Setting up .venv ..." >&2
    pins=(-r requirements.txt "$(grep '^setuptools==' requirements-test.txt)")
    [ "$mode" = test ] && pins=(-r requirements-test.txt)
    .venv/bin/python -m pip install --quiet --disable-pip-version-check "${pins[@]}" >&2
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . >&2
    echo "$stamp" >".setup/$mode"
fi
.venv/bin/python scripts/translations.py >&2
if [ -n "$peers" ] && [ "$(cat .setup/bench 2>/dev/null)" != "$(sha256sum requirements-bench.txt)" ]; then
    .venv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-bench.txt >&2
    sha256sum requirements-bench.txt >.setup/bench
fi
