#!/bin/bash
# Leaves a daemon behind: a session of its own, no parent, all descriptors closed.
setsid bash -c 'exec </dev/null >/dev/null 2>&1; exec -a sluice-zoo-daemon sleep 4000' &
disown -a
setsid nohup bash -c '( exec -a sluice-zoo-daemon sleep 4000 >/dev/null 2>&1 </dev/null & )' >/dev/null 2>&1
echo escaped
