import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { ContainerInspectInfo } from 'dockerode';
import { checkHealth } from '../health-check.ts';
import { type HealthyInstance, type ProbeRequest, RuntimeFailure } from '../runtime.ts';
import { describeHealth, saidLast } from '../words.ts';
import type { Engine } from './engine.ts';
import { exitsOf } from './exits.ts';
import { frames } from './frames.ts';
import { LABELS } from './labels.ts';
import { neededMore } from './resources.ts';

const LOOK_EVERY_MS = 250;
const LAST_LINES = 20;

/**
 * Waits until an instance is healthy (spec/divio.md 3.2). One that takes no requests only has to stay up for a moment. Throws
 * `RuntimeFailure` `unhealthy` or `exited`; the message ends with what the instance said last.
 */
export async function probeContainer(
  engine: Engine,
  name: string,
  request: ProbeRequest,
): Promise<HealthyInstance> {
  const ended = new AbortController();
  const signal = AbortSignal.any([request.signal, ended.signal]);
  const watch = watchForExit(engine, name, signal);
  try {
    const outcome = await Promise.race([check(request, signal), watch]);
    if ('exit' in outcome) throw await exited(engine, name, outcome.exit);
    return outcome;
  } finally {
    ended.abort();
    await watch.catch(() => undefined);
  }
}

async function check(
  { started, hostName, timing }: ProbeRequest,
  signal: AbortSignal,
): Promise<HealthyInstance> {
  const { host, port } = started;
  if (port === null) {
    await pause(timing.settleMs, undefined, { signal });
    return { host, summary: `it has been running for ${timing.settleMs / 1_000} s` };
  }
  const result = await checkHealth({ hosts: [host], port, hostName, timing, signal });
  if (!result.healthy) throw new RuntimeFailure('unhealthy', describeHealth(result, port));
  return { host: result.host, summary: describeHealth(result, port) };
}

async function watchForExit(
  engine: Engine,
  name: string,
  signal: AbortSignal,
): Promise<{ exit: ContainerInspectInfo }> {
  for (;;) {
    await pause(LOOK_EVERY_MS, undefined, { signal });
    const found = await engine.call('look at a container', (docker) =>
      docker.getContainer(name).inspect(),
    );
    if (!found.State.Running || found.State.Restarting || found.RestartCount > 0) {
      return { exit: found };
    }
  }
}

async function exited(
  engine: Engine,
  name: string,
  { State, Config, HostConfig }: ContainerInspectInfo,
): Promise<RuntimeFailure> {
  const stream = await engine.call('read the output of a container', (docker) =>
    docker.getContainer(name).logs({ follow: false, stdout: true, stderr: true, tail: LAST_LINES }),
  );
  let text = '';
  for await (const { bytes } of frames(Readable.from([stream]))) text += bytes.toString('utf8');
  const [first] = await exitsOf(engine, name);
  const service = Config.Labels[LABELS.service] ?? 'the process';
  const said = text.split('\n').slice(0, -1);
  if (first?.outOfMemory ?? State.OOMKilled) {
    return saidLast(service, neededMore(HostConfig), said, 'out_of_memory');
  }
  return saidLast(service, `exited with status ${first?.status ?? State.ExitCode}`, said);
}
