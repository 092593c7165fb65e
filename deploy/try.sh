#!/bin/sh
# Tries the production recipe on this machine, in a temporary folder: nginx with TLS (self-signed) in front of
# `lindung serve` on a UNIX socket, PostgreSQL set as in deploy/postgresql, one report walked through from the landing
# page to the answer in the mailbox, several kinds of trouble, a backup and its restoring. Then everything that was
# written is searched for the visitor's address, what they read with, their receipt and their words.
#
# Needs nginx, openssl and PostgreSQL (apt-get install nginx-light openssl postgresql), and `make check` once before.
set -eu
cd "$(dirname "$0")/.."
for program in nginx openssl; do
  if ! PATH="$PATH:/usr/sbin" command -v "$program" > /dev/null; then
    echo "$program is missing. Type: sudo apt-get install --no-install-recommends nginx-light openssl" >&2
    exit 1
  fi
done
tools/ensure.sh postgresql > /dev/null
PATH="$PATH:/usr/sbin" exec .venv/bin/python deploy/tryout.py "$@"
