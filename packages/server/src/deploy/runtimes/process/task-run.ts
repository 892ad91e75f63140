import { setTimeout as pause } from 'node:timers/promises';
import {
  endTask,
  readTaskOutput,
  type Supervisor,
  type TaskSpec,
  taskState,
} from '../../supervisor/index.ts';
import { RuntimeFailure } from '../runtime.ts';

/** More output than this ends a command: the rest of the disk is for others. */
const LARGEST_OUTPUT_BYTES = 64 * 1024 * 1024;
const KILL_AFTER_MS = 5_000;

/**
 * Runs a task or adopts it, copies its output to `log` as it comes, and answers its exit status; null when nobody
 * can say how it ended. An abort ends it.
 */
export async function runTask(
  supervisor: Supervisor,
  spec: TaskSpec,
  log: (text: string) => Promise<void>,
  signal: AbortSignal,
): Promise<number | null> {
  signal.throwIfAborted();
  const isNew = await supervisor.startTask(spec);
  if (!isNew) await log('(adopted after a restart of the server; output from its beginning)\n');
  const decoder = new TextDecoder('utf-8');
  let offset = 0;
  const copyOutput = async (): Promise<void> => {
    for (;;) {
      const bytes = await readTaskOutput(spec.directory, offset);
      if (bytes.length === 0) return;
      offset += bytes.length;
      const text = decoder.decode(bytes, { stream: true });
      if (text !== '') await log(text);
    }
  };
  try {
    for (let waitMs = 20; ; waitMs = Math.min(waitMs * 1.5, 250)) {
      const state = await taskState(spec.id, spec.directory);
      await copyOutput();
      if (state.kind === 'exited' || state.kind === 'lost' || state.kind === 'absent') {
        const rest = decoder.decode();
        if (rest !== '') await log(rest);
        return state.kind === 'exited' ? state.code : null;
      }
      if (offset > LARGEST_OUTPUT_BYTES) {
        throw new RuntimeFailure(
          'too_much_output',
          'The command wrote more than 64 MB of output and was stopped.',
        );
      }
      await pause(waitMs, undefined, { signal });
    }
  } catch (error) {
    await endTask(spec.id, KILL_AFTER_MS);
    throw error;
  }
}
