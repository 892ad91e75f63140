export { type Connection, connect, ProtocolError } from './agent/connection.ts';
export { createRunner, type Runner, type RunnerEvent, type RunnerOptions } from './agent/runner.ts';
export type { Executor, JobIdentity, JobProcess, Workplace } from './executors/executor.ts';
export {
  createHostExecutor,
  DEFAULT_ENVIRONMENT,
  DEFAULT_SETTINGS_FILES,
  type HostExecutorOptions,
} from './executors/host/index.ts';
export type { JobOutcome, JobState } from './job/outcome.ts';
export { type LocalSink, runJob } from './local.ts';
export { createMasker, type Masker, SHORTEST_MASKED, shellUnquote } from './masking/index.ts';
export {
  type DiscoverOptions,
  discoverToolchains,
  type Installation,
  type Tool,
} from './toolchains/index.ts';
