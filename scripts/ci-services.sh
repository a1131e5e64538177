#!/usr/bin/env bash
# Makes PostgreSQL answer on 5432 and MariaDB on 3306, for the tests of the server engines: installs and starts what
# does not answer yet (Debian, as root). A server that already answers is left as it is. Safe to run again. Also installs
# the shells for which the command line has completion scripts, and Chromium.
# A server installed here lets local programs in without a password: it is meant for throw-away test machines.
set -euo pipefail

answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

wait_for() { # name port
  for _ in $(seq 60); do
    if answers "$2"; then echo "$1 answers on port $2"; return 0; fi
    sleep 0.5
  done
  echo "$1 did not answer on port $2 within 30 s" >&2
  return 1
}

install_package() {
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$1" >/dev/null
}

start_postgres() {
  local fresh=false version
  if ! command -v pg_ctlcluster >/dev/null; then install_package postgresql; fresh=true; fi
  version=$(pg_lsclusters --no-header | awk '$2 == "main" { print $1; exit }')
  if $fresh; then
    printf 'local all all trust\nhost all all 127.0.0.1/32 trust\nhost all all ::1/128 trust\n' \
      >"/etc/postgresql/$version/main/pg_hba.conf"
  fi
  # Packages may have started it, where the machine lets them.
  pg_ctlcluster --skip-systemctl-redirect "$version" main start || true
  if $fresh; then pg_ctlcluster --skip-systemctl-redirect "$version" main reload || true; fi
  wait_for PostgreSQL 5432
}

start_mariadb() {
  local fresh=false
  if ! command -v mariadbd >/dev/null && [ ! -x /usr/sbin/mariadbd ]; then
    install_package mariadb-server
    fresh=true
  fi
  if ! answers 3306; then
    install -d -o mysql -g mysql /run/mysqld
    start-stop-daemon --start --oknodo --background --exec /usr/sbin/mariadbd -- --user=mysql
  fi
  wait_for MariaDB 3306
  if $fresh; then
    mariadb --user=root --execute "
      ALTER USER root@localhost IDENTIFIED VIA mysql_native_password USING PASSWORD('');
      CREATE USER IF NOT EXISTS root@127.0.0.1 IDENTIFIED BY '';
      GRANT ALL ON *.* TO root@127.0.0.1 WITH GRANT OPTION"
  fi
}

status=0
for shell in zsh fish; do
  command -v "$shell" >/dev/null || install_package "$shell" || status=1
done
# The pages of the dashboard are tested in it, with a typeface to draw.
if ! command -v chromium >/dev/null; then
  install_package chromium || status=1
  install_package fonts-dejavu-core || status=1
fi
# One test puts it before PostgreSQL, on a port of its own.
command -v pgbouncer >/dev/null || install_package pgbouncer || status=1
answers 5432 || start_postgres || status=1
answers 3306 || start_mariadb || status=1
exit $status
