import type Docker from 'dockerode';
import type { AgentLink } from './agent-link.ts';
import { serviceContainer } from './container.ts';
import { LABELS } from './labels.ts';
import type { ResolvedOptions } from './options.ts';
import { ensureImage, messageOf } from './pull.ts';
import type { ServiceRow } from './services.ts';

interface ServiceGroup {
  engine: Docker;
  link: AgentLink;
  jobContainerId: string;
  options: ResolvedOptions;
  labels: Record<string, string>;
  signal: AbortSignal;
  say(text: string): Promise<void> | void;
}

const ABORTED = 'the job was ended';

/** Last lines of a service that did not come up. */
const TAIL = 15;

/**
 * Starts a job's services side by side and waits until each answers. One that does not is said, and is no error of the
 * job (spec/travis.md 8).
 */
export async function startServices(
  services: readonly ServiceRow[],
  group: ServiceGroup,
): Promise<void> {
  await Promise.all(
    services.map(async (service) => {
      try {
        await startService(service, group);
        await group.say(
          `The service ${service.name} runs at port ${service.port} (${service.image}).`,
        );
      } catch (error) {
        await group.say(`The service ${service.name} did not start: ${messageOf(error)}`);
      }
    }),
  );
}

async function startService(service: ServiceRow, group: ServiceGroup): Promise<void> {
  const { engine, link, options } = group;
  const origin =
    'An administrator can give the service another one (job_services; --service of sluice runner).';
  const { signal, say } = group;
  const wanted = { image: service.image, origin, mayUseLogin: true, signal, say };
  await ensureImage(engine, wanted, options);
  const labels = { ...group.labels, [LABELS.role]: 'service' };
  const container = await engine.createContainer(
    serviceContainer(service, group.jobContainerId, options, labels),
  );
  await container.start();
  const answered = link.next('awaited', (message) => message.port === service.port);
  link.send({ kind: 'await', port: service.port, milliseconds: options.serviceMs });
  // One that ends at once, for its image or its settings are wrong, is not waited for.
  const ended = container.wait().then(() => 'ended' as const);
  const first = await Promise.race([answered, ended, aborted(group.signal)]);
  if (first === 'ended') throw new Error(`it has ended.\n${await tail(container)}`);
  if (first === 'aborted') throw new Error(ABORTED);
  if (!first.open) {
    const seconds = Math.round(options.serviceMs / 1_000);
    throw new Error(
      `nothing answers at port ${service.port} after ${seconds} seconds.\n${await tail(container)}`,
    );
  }
  await healthy(container, options.serviceMs, group.signal);
}

/** Waits for the image's own health check, where it has one. */
async function healthy(
  container: Docker.Container,
  limitMs: number,
  signal: AbortSignal,
): Promise<void> {
  const until = performance.now() + limitMs;
  for (;;) {
    const { State: state } = await container.inspect();
    const status = state.Health?.Status ?? 'none';
    if (status === 'none' || status === 'healthy' || status === '') return;
    if (signal.aborted) throw new Error(ABORTED);
    if (!state.Running) throw new Error(`it has ended.\n${await tail(container)}`);
    if (status === 'unhealthy' || performance.now() > until) {
      throw new Error(`its health check says: ${state.Health?.Log?.at(-1)?.Output ?? status}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

function aborted(signal: AbortSignal): Promise<'aborted'> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve('aborted');
    signal.addEventListener('abort', () => resolve('aborted'), { once: true });
  });
}

async function tail(container: Docker.Container): Promise<string> {
  const logs = await container
    .logs({ stdout: true, stderr: true, tail: TAIL })
    .catch(() => Buffer.alloc(0));
  return plainLog(logs);
}

/** Takes the frames' headers out of an engine's log. */
function plainLog(logs: Buffer): string {
  const pieces: Buffer[] = [];
  for (let at = 0; at + 8 <= logs.length; ) {
    const length = logs.readUInt32BE(at + 4);
    pieces.push(logs.subarray(at + 8, at + 8 + length));
    at += 8 + length;
  }
  return Buffer.concat(pieces).toString().trimEnd();
}
