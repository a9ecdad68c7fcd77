# Shared by the CI scripts: what is installed from Debian, and how a step runs as a fresh unprivileged user.
# Sourced by bash, as root.

say() { printf '\n=== %s (%s)\n' "$1" "$(date +%T)"; }

# What the tests need of the system. On a user's machine they are skipped without it; here nothing may be skipped.
debian_packages=(
  bash bsdutils bubblewrap ca-certificates caddy coreutils curl dbus-bin dbus-daemon dbus-x11 docker.io dunst fish git iproute2
  iptables nginx-light openssh-client openssh-server openssl procps python3 strace systemd tini util-linux xdotool xvfb zsh
)

install_debian_packages() {
  local missing=() package
  for package in "${debian_packages[@]}"; do
    dpkg-query --show --showformat='${Status}\n' "$package" 2>/dev/null | grep -q '^install ok installed$' || missing+=("$package")
  done
  if [ ${#missing[@]} -eq 0 ]; then return; fi
  say "installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -qq --yes --no-install-recommends "${missing[@]}" >/dev/null
}

# Makes the user ($ci_user), a folder of its own ($ci_folder) and one for an engine, all gone when the script ends.
make_user() {
  ci_user="paddock-ci-$$"
  ci_folder=$(mktemp -d /var/tmp/paddock-ci.XXXXXX)
  useradd --home-dir "$ci_folder/home" --create-home --shell /bin/bash "$ci_user"
  chmod 755 "$ci_folder"
  chown "$ci_user:" "$ci_folder"
  ci_docker=$(mktemp -d /var/tmp/paddock-ci-docker.XXXXXX)
  chmod 711 "$ci_docker"
  ci_variables=()
  trap remove_user EXIT
}

# The engine that the user's tests find by its variables.
start_docker() {
  say "a Docker engine of its own"
  .ci/docker-engine start "$ci_docker" "$ci_user" >"$ci_docker/variables"
  mapfile -t -O "${#ci_variables[@]}" ci_variables <"$ci_docker/variables"
}

# The vendors' clients, once for all clones: the user's tests find them by a variable.
install_real_clients() {
  say "the clients that tests use"
  mkdir "$ci_folder/real-clients"
  cp test/real-clients/package.json test/real-clients/package-lock.json "$ci_folder/real-clients"
  chown -R "$ci_user:" "$ci_folder/real-clients"
  as_user "$ci_folder/home" "$PATH" bash -c 'cd "$1" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error' \
    install "$ci_folder/real-clients"
  ci_variables+=("PADDOCK_TEST_CLIENTS=$ci_folder/real-clients")
}

remove_user() {
  .ci/docker-engine stop "$ci_docker" || true
  pkill -KILL -u "$ci_user" || true
  sleep 0.2
  userdel "$ci_user" 2>/dev/null || true
  rm -rf "$ci_folder" "$ci_docker"
}

# Fails when the user's processes outlive what started them.
nothing_left() {
  local second
  for ((second = 0; second < 15; second++)); do
    pgrep -u "$ci_user" >/dev/null || return 0
    sleep 1
  done
  printf 'processes were left behind:\n' >&2
  ps -o pid,ppid,etime,args -u "$ci_user" >&2
  return 1
}

# A clone of what is committed, owned by the user.
clone_for_user() {
  local into=$1
  git clone --quiet --no-hardlinks "$repository" "$into"
  chown -R "$ci_user:" "$into"
}

# as_user HOME PATH COMMAND...: runs it with that home and a clean environment. How packages are reached is the machine's
# own affair: it is handed on as npm and the machine's variables say it, whatever it is.
as_user() {
  local home=$1 path=$2 name
  shift 2
  local environment=(HOME="$home" PATH="$path" CI=true LANG=C.UTF-8 USER="$ci_user" TMPDIR="$ci_folder/tmp" "${ci_variables[@]}")
  environment+=(npm_config_registry="$(npm config get registry 2>/dev/null)" npm_config_update_notifier=false)
  for name in NODE_EXTRA_CA_CERTS SSL_CERT_FILE SSL_CERT_DIR HTTPS_PROXY HTTP_PROXY NO_PROXY https_proxy http_proxy no_proxy; do
    if [ -n "${!name:-}" ]; then environment+=("$name=${!name}"); fi
  done
  mkdir -p "$ci_folder/tmp" "$home"
  chown "$ci_user:" "$ci_folder/tmp" "$home"
  runuser -u "$ci_user" -- env -i "${environment[@]}" "$@" </dev/null
}
