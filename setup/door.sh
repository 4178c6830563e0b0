# Sourced by the commands beside it. Makes sure there is a Python to run the toolbox with, then hands over to it.
set -euo pipefail

lf_setup=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
lf_first="python3 python3-venv ca-certificates"

lf_door() {
  if ! python3 -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
    if ! command -v apt-get >/dev/null; then
      echo "setup: Python 3.10 or newer with its venv module is needed; install it and run this command again." >&2
      exit 1
    elif [[ $(id -u) != 0 ]]; then
      echo "setup: Some Debian packages are missing. Have this typed by root, then run this command again:" >&2
      echo "    apt-get update && apt-get install --no-install-recommends -y $lf_first $(<"$lf_setup/packages-$1.txt")" >&2
      exit 1
    fi
    echo "* Installing Python"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q || true
    # shellcheck disable=SC2086
    apt-get install --no-install-recommends -y -q $lf_first || {
      echo "setup: Python could not be installed: see what apt-get says above, mend it, and run this command again." >&2
      exit 1
    }
  fi
  PYTHONPATH=$lf_setup exec python3 -B -m toolbox "${@:2}"
}
