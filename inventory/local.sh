#!/bin/sh
# The default inventory: this machine, in the group of its own system, so that `-l linux` and `-l macos` mean
# the same here as in a fleet. A static file cannot tell which of the two this machine is, and a Python
# script would need a working Python before one has been searched for; uname is always there.
# It is the only inventory that allows stress by default. For a fleet, copy inventory/example/.
set -eu
linux='' macos='' other=''
case "$(uname -s)" in
    Linux) linux='"localhost"' ;;
    Darwin) macos='"localhost"' ;;
    *) other='"localhost"' ;;
esac
cat <<END
{
  "linux": {"hosts": [$linux]},
  "macos": {"hosts": [$macos]},
  "ungrouped": {"hosts": [$other]},
  "_meta": {"hostvars": {"localhost": {"ansible_connection": "local", "stress_allowed": true}}}
}
END
