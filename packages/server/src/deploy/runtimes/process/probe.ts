import { setTimeout as pause } from 'node:timers/promises';
import type { InstanceStatus, Supervisor } from '../../supervisor/index.ts';
import { markedProcesses } from '../../supervisor/marked.ts';
import { checkHealth } from '../health-check.ts';
import {
  type HealthyInstance,
  type LogPage,
  type ProbeRequest,
  RuntimeFailure,
} from '../runtime.ts';
import { describeHealth, saidLast } from '../words.ts';
import { ownership } from './port-owner.ts';

const LOOK_EVERY_MS = 100;
const LOOKS_FOR_PROCESS = 50;
const LAST_LINES = 20;

type ReadLogs = (environmentUuid: string, cursor: string | null, limit: number) => Promise<LogPage>;

/**
 * Waits until an instance is healthy (spec/divio.md 3.2). One that takes no requests only has to stay up for a
 * moment. Throws `RuntimeFailure` `unhealthy` or `exited`; the message ends with what the instance said last.
 */
export async function probeInstance(
  supervisor: Supervisor,
  readLogs: ReadLogs,
  request: ProbeRequest,
): Promise<HealthyInstance> {
  const ended = new AbortController();
  const signal = AbortSignal.any([request.signal, ended.signal]);
  const watch = watchForExit(supervisor, request.instanceUuid, signal);
  try {
    const healthy =
      request.started.port === null
        ? settle(request.timing.settleMs, signal)
        : check(request, request.started.port, signal);
    const outcome = await Promise.race([healthy, watch]);
    if ('exit' in outcome) throw await exited(outcome.exit, readLogs, request);
    return outcome;
  } finally {
    ended.abort();
    await watch.catch(() => undefined);
  }
}

async function settle(settleMs: number, signal: AbortSignal): Promise<HealthyInstance> {
  await pause(settleMs, undefined, { signal });
  return { host: '127.0.0.1', summary: `it has been running for ${settleMs / 1_000} s` };
}

async function check(
  { instanceUuid, started, hostName, timing }: ProbeRequest,
  port: number,
  signal: AbortSignal,
): Promise<HealthyInstance> {
  const result = await checkHealth({
    // Some programs listen on `localhost`, which may be IPv6 alone.
    hosts: [started.host, '::1'],
    port,
    hostName,
    timing,
    signal,
  });
  if (!result.healthy) throw new RuntimeFailure('unhealthy', describeHealth(result, port));
  if (!(await isItsOwn(port, instanceUuid, signal))) {
    throw new RuntimeFailure(
      'port_taken',
      `Port ${port} is answered by a program that is not this instance. Deploy again: another port will be chosen.`,
    );
  }
  return { host: result.host, summary: describeHealth(result, port) };
}

/** Whoever answers before the instance has a process at all is somebody else; it is given time to have one. */
async function isItsOwn(port: number, instanceUuid: string, signal: AbortSignal): Promise<boolean> {
  for (let look = 0; look < LOOKS_FOR_PROCESS; look += 1) {
    const found = ownership(port, markedProcesses({ name: 'SLUICE_INSTANCE', id: instanceUuid }));
    if (found !== 'absent') return found !== 'not_owned';
    await pause(LOOK_EVERY_MS, undefined, { signal });
  }
  return false;
}

async function watchForExit(
  supervisor: Supervisor,
  instanceUuid: string,
  signal: AbortSignal,
): Promise<{ exit: InstanceStatus | null }> {
  for (;;) {
    await pause(LOOK_EVERY_MS, undefined, { signal });
    const all = await supervisor.instances();
    const status = all.find((one) => one.id === instanceUuid) ?? null;
    if (status === null || status.exits > 0) return { exit: status };
  }
}

async function exited(
  status: InstanceStatus | null,
  readLogs: ReadLogs,
  request: ProbeRequest,
): Promise<RuntimeFailure> {
  const service = status?.service ?? 'the process';
  const how = status === null ? 'was stopped' : describeExit(status);
  // Its last words may still be on their way through the pipe.
  await pause(LOOK_EVERY_MS);
  const { entries } = await readLogs(request.environmentUuid, null, 400);
  const said = entries
    .filter((entry) => entry.instance === request.instanceUuid && entry.service !== 'sluice')
    .slice(-LAST_LINES)
    .map((entry) => entry.message);
  return saidLast(service, how, said);
}

function describeExit({ problem, lastExit }: InstanceStatus): string {
  if (problem !== null) return `could not be started: ${problem}`;
  if (lastExit?.signal != null) return `was ended by ${lastExit.signal}`;
  return lastExit?.code == null ? 'ended' : `exited with status ${lastExit.code}`;
}
