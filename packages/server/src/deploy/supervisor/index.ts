export {
  type ApplicationLogEntry,
  readApplicationLog,
} from './app-log.ts';
export {
  createSupervisor,
  type Supervisor,
  type SupervisorOptions,
  shutDownSupervisor,
} from './client.ts';
export { endTask, readTaskOutput, type TaskState, taskState } from './task.ts';
export type {
  InstanceSpec,
  InstanceStatus,
  InstanceUsage,
  ProgramSpec,
  TaskSpec,
} from './types.ts';
