#!/bin/bash
# Installs what the hardware workshop needs on Debian 12: KiCad 9 (from bookworm-backports), ngspice, rsvg-convert.
# Needs root. The mirror and its keyring are the ones this machine already uses for Debian itself.
set -euo pipefail

have_kicad9() { command -v kicad-cli >/dev/null && kicad-cli version | grep -q '^9\.'; }

if have_kicad9 && command -v ngspice >/dev/null && command -v rsvg-convert >/dev/null; then
    echo "hardware/install.sh: KiCad $(kicad-cli version), ngspice and rsvg-convert are here already"
    exit 0
fi
if [ "$(id -u)" != 0 ]; then
    echo "hardware/install.sh: run me as root (sudo bash hardware/install.sh)" >&2
    exit 1
fi
. /etc/os-release
if [ "${VERSION_CODENAME:-}" != bookworm ]; then
    echo "hardware/install.sh: made for Debian 12; on ${PRETTY_NAME:-this system} install KiCad 9 and ngspice yourself" >&2
    exit 1
fi

export DEBIAN_FRONTEND=noninteractive
# Another package manager may be at work; wait for it, but not for ever.
apt-get() { command apt-get -o DPkg::Lock::Timeout=600 "$@"; }
apt-get -q update

# The address of the main archive as apt itself resolved it: whatever mirror this machine has, the backports are beside it.
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Codename: bookworm' 'Created-By: Packages' | head -n 1)
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
if [ -z "$mirror" ]; then
    echo "hardware/install.sh: apt knows no mirror for Debian bookworm" >&2
    exit 1
fi
if ! apt-get indextargets --format '$(CODENAME)' | grep -qx bookworm-backports; then
    list=/etc/apt/sources.list.d/kwhisper-backports.list
    echo "deb [signed-by=$keyring] $mirror bookworm-backports main" >"$list"
    apt-get -q update
fi

apt-get -q install -y --no-install-recommends -t bookworm-backports \
    kicad kicad-symbols kicad-footprints
apt-get -q install -y --no-install-recommends ngspice librsvg2-bin python3-venv poppler-utils
have_kicad9 || { echo "hardware/install.sh: no KiCad 9 after the installation" >&2; exit 1; }
echo "hardware/install.sh: KiCad $(kicad-cli version), $(ngspice --version | sed -n 2p | tr -d '*')"
