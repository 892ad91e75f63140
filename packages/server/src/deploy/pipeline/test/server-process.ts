import { appendFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { PipelineJob } from '../../pipeline-types.ts';
import { openKit } from './kit.ts';

/** Plays a server that is killed: runs one job and dies by SIGKILL when it reports `--die-at`. */
const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    job: { type: 'string' },
    'die-at': { type: 'string' },
    trace: { type: 'string' },
  },
});
const kit = await openKit(values.data ?? '');
const job = JSON.parse(values.job ?? '') as PipelineJob;
const abort = new AbortController();
const result = await kit.run(job, abort.signal, (what) => {
  if (values.trace !== undefined && what !== 'log') appendFileSync(values.trace, `${what}\n`);
  if (what === values['die-at']) process.kill(process.pid, 'SIGKILL');
});
console.log(JSON.stringify(result));
await kit.close();
