#!/bin/bash
# Leaves daemons of the given name behind: a session of its own, no parent, all descriptors closed.
export daemon=${1:?a name that no other test uses}
setsid bash -c 'exec </dev/null >/dev/null 2>&1; exec -a "$daemon" sleep 4000' &
disown -a
setsid nohup bash -c '( exec -a "$daemon" sleep 4000 >/dev/null 2>&1 </dev/null & )' >/dev/null 2>&1
echo escaped
