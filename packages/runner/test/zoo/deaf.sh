#!/bin/bash
# Ignores every signal that can be ignored, and has children that do too.
trap '' TERM INT HUP QUIT USR1
( while :; do sleep 0.1; done ) &
echo deaf
while :; do sleep 0.1; done
