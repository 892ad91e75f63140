/** Runs one job in Docker in a process of its own, which a test then kills. Arguments: the executor's options and the payload, as JSON. */
import {
  createDockerExecutor,
  type DockerExecutorOptions,
} from '../../src/executors/docker/index.ts';
import { runJob } from '../../src/local.ts';

const [options = '', payload = ''] = process.argv.slice(2);
const executor = await createDockerExecutor({
  ...(JSON.parse(options) as DockerExecutorOptions),
  machineEnvironment: process.env,
});
await runJob(JSON.parse(payload), executor, {
  log: (bytes) => {
    process.stdout.write(bytes);
  },
});
