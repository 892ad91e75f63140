/** Runs one job in a process of its own, which a test then kills. Arguments: directory, script line. */
import { createHostExecutor } from '../../src/executors/host/index.ts';
import { runJob } from '../../src/local.ts';
import { hostOptions } from './machine-options.ts';
import { payloadOf } from './payload.ts';

const [directory = '', line = ''] = process.argv.slice(2);
const executor = await createHostExecutor(hostOptions(directory));
await runJob(payloadOf({ script: [line] }), executor, {
  log: (bytes) => {
    process.stdout.write(bytes);
  },
});
