/**
 * Appends numbered lines to the stream `killed`, ends it again and again so that it is archived meanwhile, and says on
 * standard output how many bytes it was told are there, until it is killed:
 *
 *   node shared-log-writer.ts DATA_DIR S3_OPTIONS_JSON
 */
import type { S3Options } from '../index.ts';
import { openStore } from './open-store.ts';

const [dataDir = '', options = '{}'] = process.argv.slice(2);
const store = await openStore({ dataDir, s3: JSON.parse(options) as S3Options });
for (let round = 1; ; round += 1) {
  const begun = await store.logs.size('killed');
  const size = await store.logs.append('killed', `line after ${begun} bytes\n`);
  process.stdout.write(`${size}\n`);
  if (round % 10 === 0) await store.logs.end('killed');
  if (round % 10 === 5) store.events.emit('logs:ended');
}
