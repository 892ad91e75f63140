export {
  type ApplicationLogEntry,
  createAppLogWriter,
  readApplicationLog,
} from './app-log.ts';
export {
  createSupervisor,
  type Supervisor,
  type SupervisorOptions,
  shutDownSupervisor,
} from './client.ts';
export { launchShell } from './launch.ts';
export { endTask, readTaskOutput, type TaskState, taskProcesses, taskState } from './task.ts';
export type {
  InstanceSpec,
  InstanceStatus,
  InstanceUsage,
  ProgramSpec,
  TaskSpec,
} from './types.ts';
