import { createDockerRuntime } from '../../../deploy/runtimes/docker/index.ts';
import { testOptions } from '../../../deploy/runtimes/docker/test/engine.ts';
import { createSecrets } from '../../../secrets/index.ts';
import { openStore } from '../../../store/index.ts';
import { createBackups } from '../index.ts';

/** A process of its own that works on what is wanted, to be killed in it. */
const [dataDir = '', toolImage = ''] = process.argv.slice(2);
const store = await openStore({ dataDir });
const secrets = await createSecrets({ dataDir, db: store.db });
createBackups({
  ...{ store, secrets, backing: createDockerRuntime(testOptions(dataDir)).backing },
  ready: async () => undefined,
  settings: { concurrency: 2, uploadBytes: 1, addressMs: 1, toolImage },
  onError: (error) => process.stderr.write(`${String(error)}\n`),
}).start();
