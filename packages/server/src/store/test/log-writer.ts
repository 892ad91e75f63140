/**
 * Appends numbered lines to a stream until it is killed, and says on standard output how many bytes it was told are
 * there:
 *
 *   node log-writer.ts DATA_DIR STREAM
 */
import { openStore } from './open-store.ts';

const [dataDir = '', streamId = ''] = process.argv.slice(2);
const store = await openStore({ dataDir });
for (;;) {
  const begun = await store.logs.size(streamId);
  const size = await store.logs.append(streamId, `line after ${begun} bytes\n`);
  process.stdout.write(`${size}\n`);
}
