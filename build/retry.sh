#!/usr/bin/env bash
# build/retry.sh COMMAND…: runs a command that downloads, up to three times,
# because a mirror that hiccups says nothing about the program.
set -u
for wait in 3 15 0; do
    "$@" && exit 0
    status=$?
    [ "$wait" = 0 ] && exit "$status"
    echo "retry in ${wait} s: $*" >&2
    sleep "$wait"
done
