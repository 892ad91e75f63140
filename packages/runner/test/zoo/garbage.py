import sys

out = sys.stdout.buffer
out.write(b"\xff\xfe\x80 broken \xc3( utf-8\n\x00\x1b]0;title\x07\x1b[2J\n")
out.write(b"x" * 3_000_000)
out.write(b"\nend of garbage\n")
