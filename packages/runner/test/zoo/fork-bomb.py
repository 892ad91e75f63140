import os
import signal
import time

# Forks until it may not any more; the children stay.
signal.alarm(20)
count = 0
while count < 5000:
    try:
        if os.fork() == 0:
            time.sleep(30)
            os._exit(0)
    except OSError as error:
        print(f"stopped at {count} by {error.errno}", flush=True)
        break
    count += 1
else:
    print("nothing stopped it", flush=True)
os._exit(0)
