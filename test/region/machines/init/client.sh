#!/bin/sh
# systemctl, systemd-run, systemd-notify, poweroff and reboot, as far as the small init speaks them:
# hands its arguments over as files and waits for the answer. It must not understand any of them.
request=$(mktemp -d /run/init/requests/XXXXXXXX) || exit 1
printf '%s\0' "${0##*/}" "$@" >"$request/argv"
pwd >"$request/folder"
printf '%s' "${NOTIFY_UNIT:-}" >"$request/unit"
mkfifo "$request/done"
printf '%s\n' "$request" >/run/init/inbox
read -r status <"$request/done" || status=1
[ -e "$request/out" ] && cat "$request/out"
[ -e "$request/err" ] && cat "$request/err" >&2
rm -rf "$request"
exit "$status"
