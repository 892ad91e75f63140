import time

blocks = []
for _ in range(200):
    blocks.append(bytearray(10 * 1024 * 1024))
    time.sleep(0.005)
print("hog got everything", flush=True)
