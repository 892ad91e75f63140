import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createDockerRuntime } from '../index.ts';
import { testOptions } from './engine.ts';

/** Builds the Dockerfile that it is given, telling its output: a server that can be killed in the middle. */
const [dataDir = '', imageUuid = '', dockerfile = ''] = process.argv.slice(2);
const runtime = createDockerRuntime(testOptions(dataDir));
writeFileSync(join(await runtime.prepareSource(imageUuid), 'Dockerfile'), dockerfile);
await runtime.build({
  imageUuid,
  application: 'shop',
  sha: '0123456789abcdef0123456789abcdef01234567',
  log: async (text) => void process.stdout.write(text),
  timeoutMs: 240_000,
  signal: new AbortController().signal,
});
