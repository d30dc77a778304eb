# A Debian machine with systemd in a container, for Scripts/test-systemd: make, boot, enter, cut its power, throw away.
# The caller sets `work`, a directory of its own, and `suite`, the name of the Debian.

root="$work/root"
nspawn=""
leader=""

# Makes the machine's file system from an archive, which is made where there is none yet: a minimal Debian with systemd,
# and everything that apt needs to install a package without a network.
# Arguments: the packages.
make_machine() {
    local needs archive
    needs="$(for package in "$@"; do dpkg-deb --field "$package" Depends; done | sha256sum | cut --characters=1-12)"
    archive="${XDG_CACHE_HOME:-$HOME/.cache}/lacuna/$suite-$needs.tar"
    if [ ! -f "$archive" ]; then
        mkdir -p "$(dirname "$archive")"
        mmdebstrap --quiet --format=tar --variant=minbase --include=systemd,systemd-sysv,dbus --skip=cleanup/apt \
            --customize-hook="copy-in $* /root" \
            --customize-hook='chroot "$1" sh -c "apt-get install -y --install-recommends --download-only /root/*.deb"' \
            --customize-hook='rm "$1"/root/*.deb' \
            "$suite" "$archive.new" 2>"$work/mmdebstrap.log" >&2 || {
            cat "$work/mmdebstrap.log" >&2
            return 1
        }
        mv "$archive.new" "$archive"
    fi
    mkdir "$root"
    tar --extract --file "$archive" --directory "$root" --exclude './dev/*'
}

# Switches the machine on and waits until all its services are up.
boot() {
    # systemd-nspawn expects this of a host that systemd itself has started.
    mkdir -p /run/systemd/nspawn/propagate
    systemd-nspawn --quiet --register=no --keep-unit --private-network --directory "$root" \
        --machine "lacuna-test-$$" --boot </dev/null >>"$work/console" 2>&1 &
    nspawn=$!
    eventually "the machine boots" 60 is_up
}

is_up() {
    leader="$(pgrep --parent "$nspawn")" && inside systemctl is-system-running >/dev/null 2>&1
}

# Runs a command on the machine.
inside() {
    env --ignore-environment PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
        nsenter --target "$leader" --mount --uts --ipc --net --pid -- "$@"
}

# Ends every process of the machine at once.
cut_power() {
    if [ -n "$nspawn" ]; then
        kill -KILL "${leader:-$nspawn}" 2>/dev/null || true
        wait "$nspawn" || true
    fi
    nspawn=""
    leader=""
}

# Waits until a command succeeds, up to a number of seconds.
# Arguments: what is waited for, seconds, the command.
eventually() {
    local what="$1" limit="$2" end=$((SECONDS + $2))
    shift 2
    until "$@"; do
        [ "$SECONDS" -lt "$end" ] || fail "$what: not within $limit s"
        sleep 0.2
    done
}
