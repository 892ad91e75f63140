#!/bin/sh
# Every page has a title, and every link to a file of this site leads to one.
status=0
for page in *.html; do
  grep -q '<title>[^<]' "$page" || { echo "$page has no title"; status=1; }
  for link in $(grep -o '\(href\|src\)="[^"#:]*"' "$page" | cut -d'"' -f2); do
    [ -e "$link" ] || { echo "$page links to $link, which is not there"; status=1; }
  done
done
[ "$status" = 0 ] && echo "all pages are fine"
exit "$status"
