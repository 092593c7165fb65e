#!/bin/sh
# Makes sure that a program of the system is there, and prints where:
#
#     tools/ensure.sh python | chromium | postgresql | java
#
# What is missing is installed with apt-get where that needs no password; otherwise the command to type is named.
set -eu

say() { echo "$*" >&2; }

install() { # package names
  if ! command -v apt-get > /dev/null 2>&1; then
    say "$1 is missing, and this system has no apt-get. Install $1 with the package manager of your system."
    exit 1
  fi
  if [ "$(id -u)" = 0 ]; then
    as_root=
  elif command -v sudo > /dev/null 2>&1 && sudo -n true 2> /dev/null; then
    as_root="sudo -n"
  else
    say "$1 is missing. Type:"
    say "    sudo apt-get update && sudo apt-get install --no-install-recommends $*"
    exit 1
  fi
  say "Installing $* ..."
  $as_root apt-get -qq update >&2
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends "$@" >&2
}

find_chromium() {
  if [ -n "${LINDUNG_CHROMIUM:-}" ]; then
    if [ -x "$LINDUNG_CHROMIUM" ]; then
      echo "$LINDUNG_CHROMIUM"
      return 0
    fi
    say "LINDUNG_CHROMIUM=$LINDUNG_CHROMIUM is not a program; looking elsewhere."
  fi
  for name in chromium chromium-browser google-chrome google-chrome-stable; do
    if command -v "$name"; then
      return 0
    fi
  done
  return 1
}

find_initdb() {
  newest=$(ls -d /usr/lib/postgresql/*/bin/initdb 2> /dev/null | sort -V | tail -n 1)
  if [ -n "$newest" ]; then
    echo "$newest"
    return 0
  fi
  command -v initdb
}

find_java() { # 17 or newer, as the red flags on Spark look for it: JAVA_HOME, else the path
  program=${JAVA_HOME:+$JAVA_HOME/bin/}java
  version=$("$program" -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p' | head -n 1)
  if [ "${version:-0}" -ge 17 ]; then
    command -v "$program"
    return 0
  fi
  return 1
}

case "${1:-}" in
  python)
    if ! command -v python3 > /dev/null 2>&1; then
      say "python3 is missing. Type: sudo apt-get install python3 python3-pip"
      exit 1
    fi
    if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
      say "Lindung needs Python 3.11 or newer; python3 here is $(python3 -V 2>&1). Debian 12 and 13 have it."
      exit 1
    fi
    if ! python3 -m pip --version > /dev/null 2>&1; then
      say "pip is missing. Type: sudo apt-get install python3-pip"
      exit 1
    fi
    command -v python3
    ;;
  chromium)
    find_chromium || { install chromium fonts-noto-color-emoji && find_chromium; }
    ;;
  postgresql)
    find_initdb || { install postgresql && find_initdb; }
    ;;
  java)
    find_java || { install default-jre-headless && find_java; } || {
      say "Java 17 or newer is needed; ${JAVA_HOME:+JAVA_HOME=$JAVA_HOME has none, and }the system offers an older one."
      exit 1
    }
    ;;
  *)
    say "usage: tools/ensure.sh python | chromium | postgresql | java"
    exit 2
    ;;
esac
