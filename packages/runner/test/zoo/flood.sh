#!/bin/bash
# Ten gigabytes, if it is let.
head -c 10000000000 /dev/zero | tr '\0' 'y'
