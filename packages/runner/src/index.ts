export { type Connection, connect, ProtocolError } from './agent/connection.ts';
export { createRunner, type Runner, type RunnerEvent, type RunnerOptions } from './agent/runner.ts';
export { imageTable } from './executors/docker/images.ts';
export type { Executor, JobIdentity, JobProcess, Workplace } from './executors/executor.ts';
// For the process runtime, whose applications run in the same kind of sandbox with the same toolchains.
export { machineVariables } from './executors/host/environment.ts';
export {
  createHostExecutor,
  DEFAULT_ENVIRONMENT,
  DEFAULT_SETTINGS_FILES,
  type HostExecutorOptions,
} from './executors/host/index.ts';
export { inspectMachine, type Machine } from './executors/host/machine.ts';
export { probeSandbox } from './executors/host/probe.ts';
export { dropRights, type SandboxMode, sandboxArguments } from './executors/host/sandbox.ts';
export type { JobOutcome, JobState } from './job/outcome.ts';
export { type LocalSink, runJob } from './local.ts';
export { createMasker, type Masker, shellUnquote } from './masking/index.ts';
export { type Identity, readIdentity, removeIdentity } from './remote/identity.ts';
export { readLabels, thisSystem } from './remote/machine.ts';
export { identify } from './remote/register.ts';
export { explainEnd, type RemoteRunner, startRemoteRunner } from './remote/start.ts';
export { quote } from './script/shell.ts';
export {
  chooseInstallation,
  type DiscoverOptions,
  discoverToolchains,
  type Installation,
  TOOLCHAIN_ROOTS,
  type Tool,
} from './toolchains/index.ts';
