#!/usr/bin/env bash
# build/install.sh GROUP…: says which system packages of the groups are missing
# and installs them through the system's package manager. Groups:
#   desktop  what compiles the window: a C compiler, GTK 3, WebKitGTK 4.1
#   test     what the tests drive: Chromium, a virtual display, a keyboard, a bus, a keyring
# Nothing missing: no output, no privilege needed, a fraction of a second.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

for tool in go node npm; do
    command -v "$tool" >/dev/null || {
        echo "install: $tool is not on the PATH; Inglenook needs Go 1.26 and Node 20.19 or newer" >&2
        exit 1
    }
done

wanted=()
for group in "$@"; do
    case $group in
    desktop) wanted+=(gcc libc6-dev pkg-config libgtk-3-dev libwebkit2gtk-4.1-dev) ;;
    # gcc is here too: the race detector needs cgo.
    test) wanted+=(gcc libc6-dev chromium xvfb xauth xdotool imagemagick dbus at-spi2-core gnome-keyring fonts-dejavu-core fonts-noto-color-emoji) ;;
    *)
        echo "install: unknown group $group" >&2
        exit 2
        ;;
    esac
done

# macOS and Windows bring their own web view; the Go toolchain says when a C
# compiler is missing there.
[ "$(uname -s)" = Linux ] || exit 0

if ! command -v apt-get >/dev/null; then
    # Asking other package managers for these names would be a guess.
    echo "install: not a Debian system; if something is missing below, install what Debian calls: ${wanted[*]}" >&2
    exit 0
fi

missing=()
for package in "${wanted[@]}"; do
    # Asked for by status, so that a package removed but not purged counts as missing.
    state=$(dpkg-query -W -f '${db:Status-Status} ' "$package" 2>/dev/null || true)
    case " $state" in
    *" installed "*) ;;
    *) missing+=("$package") ;;
    esac
done
[ ${#missing[@]} -eq 0 ] && exit 0

as_root=()
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || {
        echo "install: missing ${missing[*]}; become root, or install sudo, and try again" >&2
        exit 1
    }
    as_root=(sudo)
fi
echo "install: missing ${missing[*]}; installing them with apt-get"
apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0)
build/retry.sh "${apt[@]}" update
build/retry.sh "${apt[@]}" install -y --no-install-recommends "${missing[@]}" </dev/null
