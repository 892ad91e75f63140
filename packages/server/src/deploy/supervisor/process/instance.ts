import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { identify, isRunning, type ProcessIdentity } from '../../../router/identity.ts';
import type { AppLogWriter } from '../app-log.ts';
import { launchInstance } from '../launch.ts';
import { endMarked, markedProcesses } from '../marked.ts';
import type { ExitInfo, InstanceSpec, InstanceStatus } from '../types.ts';
import { type BackOff, nextStart } from './back-off.ts';
import { closeQuietly, createOutputPipe, type OutputPipe } from './output-pipe.ts';

/** An adopted process is not our child: its end is seen by looking. */
const LOOK_EVERY_MS = 250;

/** Keeps one program running until `stop`. */
export interface Instance {
  readonly spec: InstanceSpec;
  /** Adopts the program if it runs already, else starts it. */
  begin(): Promise<void>;
  /** Ends it and everything that it left. Resolves when all is gone; may be called again. */
  stop(graceMs: number): Promise<void>;
  status(): InstanceStatus;
  isStopping(): boolean;
}

export interface InstanceDeps {
  readonly root: string;
  readonly log: AppLogWriter;
  readonly backOff: BackOff;
}

export function createInstance(spec: InstanceSpec, { root, log, backOff }: InstanceDeps): Instance {
  const directory = join(root, spec.id);
  const marker = { name: 'SLUICE_INSTANCE', id: spec.id } as const;
  let pipe: OutputPipe | null = null;
  let current: ProcessIdentity | null = null;
  let startedAt: string | null = null;
  let lastExit: ExitInfo | null = null;
  let problem: string | null = null;
  let exits = 0;
  let crashesInARow = 0;
  let timer: NodeJS.Timeout | null = null;
  let starting: Promise<void> = Promise.resolve();
  let stopped: Promise<void> | null = null;

  const tell = (text: string) =>
    log.write(spec.environmentUuid, { service: 'sluice', instance: spec.id }, [text]);

  const outputPipe = async (): Promise<OutputPipe> => {
    await mkdir(join(directory, 'home'), { recursive: true, mode: 0o700 });
    pipe ??= await createOutputPipe(directory, (lines) =>
      log.write(spec.environmentUuid, { service: spec.service, instance: spec.id }, lines),
    );
    return pipe;
  };

  const adopt = async (): Promise<boolean> => {
    const line = await readFile(join(directory, 'process'), 'latin1').catch(() => '');
    const found = identify(Number.parseInt(line, 10));
    const ticks = line.slice(line.lastIndexOf(')') + 2).split(' ')[19];
    if (found === null || found.startTicks !== ticks) return false;
    // The same ticks after a restart of the machine are no proof; its own mark is.
    if (!markedProcesses(marker).includes(found.pid)) return false;
    (await outputPipe()).read();
    current = found;
    startedAt ??= new Date().toISOString();
    look(found);
    return true;
  };

  const look = (identity: ProcessIdentity) => {
    timer = setTimeout(() => {
      if (isRunning(identity)) look(identity);
      else ended({ code: null, signal: null });
    }, LOOK_EVERY_MS);
  };

  const start = async (): Promise<void> => {
    try {
      const output = await outputPipe();
      // What a crashed one left behind would hold its port.
      await endMarked(marker, 0);
      if (stopped !== null) return;
      const fd = output.openForProgram();
      try {
        const launched = await launchInstance(directory, spec.id, spec.program, fd);
        output.read();
        current = identify(launched.pid);
        startedAt = new Date().toISOString();
        problem = null;
        void launched.exited.then(ended);
      } finally {
        closeQuietly(fd);
      }
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error);
      ended({ code: null, signal: null });
    }
  };

  const ended = (exit: { code: number | null; signal: string | null }) => {
    current = null;
    if (stopped !== null) return;
    const ranMs = startedAt === null ? 0 : Date.now() - Date.parse(startedAt);
    exits += 1;
    lastExit = { ...exit, at: new Date().toISOString() };
    const next = nextStart(backOff, crashesInARow, ranMs);
    crashesInARow = next.crashes;
    const how = problem === null ? describe(exit) : `could not be started: ${problem}`;
    tell(`${spec.service} ${how}; it is started again in ${next.delayMs / 1_000} s`);
    timer = setTimeout(() => {
      starting = start();
    }, next.delayMs);
  };

  return {
    spec,
    begin: async () => {
      if (await adopt()) return;
      starting = start();
      await starting;
    },
    stop: (graceMs) => {
      stopped ??= (async () => {
        if (timer !== null) clearTimeout(timer);
        await starting;
        await endMarked(marker, graceMs);
        current = null;
        await pipe?.close();
        await rm(directory, { recursive: true, force: true });
      })();
      return stopped;
    },
    isStopping: () => stopped !== null,
    status: () => ({
      id: spec.id,
      environmentUuid: spec.environmentUuid,
      service: spec.service,
      port: spec.port,
      state: stopped !== null ? 'stopping' : current === null ? 'waiting' : 'running',
      process: current,
      startedAt,
      exits,
      lastExit,
      problem,
    }),
  };
}

function describe(exit: { code: number | null; signal: string | null }): string {
  if (exit.signal !== null) return `was ended by ${exit.signal}`;
  return exit.code === null ? 'ended' : `exited with status ${exit.code}`;
}
