import type { SystemHealth } from '@sluice/contract';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Outcome } from '../../telemetry/index.ts';

/** What an environment's metrics need. */
export interface EnvironmentFigures {
  readonly application: string;
  readonly environment: string;
  readonly secondsBehind: number | null;
}

export interface Metrics {
  readonly contentType: string;
  /** `route` is the pattern, never the address: few values, and nothing of anybody's. */
  request(method: string, route: string, status: number, seconds: number): void;
  outcome(outcome: Outcome): void;
  text(health: SystemHealth, environments: readonly EnvironmentFigures[]): Promise<string>;
}

const REQUEST_BUCKETS = [0.005, 0.02, 0.1, 0.5, 2, 10, 60];
const WORK_BUCKETS = [1, 5, 15, 60, 180, 600, 1_800, 3_600];

/** Everything that `GET /metrics` shows. Counters begin with the process, as Prometheus expects. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const gauge = (name: string, help: string, ...labelNames: string[]) =>
    new Gauge({ name: `sluice_${name}`, help, labelNames, registers });
  const histogram = (name: string, help: string, buckets: number[], ...labelNames: string[]) =>
    new Histogram({ name: `sluice_${name}`, help, buckets, labelNames, registers });

  const requests = histogram(
    'http_request_duration_seconds',
    'Answers of this server by route and class of status.',
    REQUEST_BUCKETS,
    ...['method', 'route', 'status'],
  );
  const ended = new Counter({
    ...{ name: 'sluice_ended_total', help: 'Builds and deployments that ended, by how.' },
    ...{ labelNames: ['kind', 'state'], registers },
  });
  const waited = histogram(
    'waited_seconds',
    'How long builds waited for a runner, and deployments for their turn.',
    WORK_BUCKETS,
    'kind',
  );
  const ran = histogram(
    'ran_seconds',
    'How long builds and deployments ran.',
    WORK_BUCKETS,
    'kind',
  );

  const behind = gauge(
    'seconds_behind_newest_passed',
    'Seconds since the newest commit that is not live passed; 0: the newest passed commit is live.',
    ...['application', 'environment'],
  );
  const part = gauge('part_healthy', '1 where a part of the installation is well.', 'part');
  const jobs = gauge('jobs', 'Jobs that wait and that run.', 'state');
  const oldest = gauge('oldest_queued_job_seconds', 'How long the oldest waiting job has waited.');
  const deployments = gauge('deployments', 'Deployments that wait and that run.', 'state');
  const messages = gauge('messages_waiting', 'What a part was told and has not heard.', 'consumer');
  const slots = gauge('runner_slots', 'Jobs that a runner can work on at once.', 'runner');
  const busy = gauge('runner_slots_busy', 'Jobs that a runner works on.', 'runner');
  const bytes = gauge('stored_bytes', 'What lies in the data directory.', 'kind');
  const disk = gauge('disk_free_bytes', 'Room left where the data directory is.');

  const take = (health: SystemHealth): void => {
    for (const one of [part, messages, slots, busy]) one.reset();
    for (const { name, status } of health.parts) part.set({ part: name }, status === 'ok' ? 1 : 0);
    jobs.set({ state: 'queued' }, health.queue.queued);
    jobs.set({ state: 'running' }, health.queue.running);
    const { oldest_queued_at: since } = health.queue;
    oldest.set(since === null ? 0 : Math.max(0, (Date.now() - Date.parse(since)) / 1_000));
    deployments.set({ state: 'waiting' }, health.deployments.waiting);
    deployments.set({ state: 'running' }, health.deployments.running);
    for (const { consumer, waiting } of health.messages) messages.set({ consumer }, waiting);
    for (const executor of health.executors) {
      slots.set({ runner: executor.name }, executor.slots);
      busy.set({ runner: executor.name }, executor.busy);
    }
    bytes.set({ kind: 'database' }, health.database_bytes);
    if (health.logs_bytes !== null) bytes.set({ kind: 'logs' }, health.logs_bytes);
    disk.set(health.disk.free_bytes);
  };

  return {
    contentType: registry.contentType,
    request: (method, route, status, seconds) => {
      requests.observe({ method, route, status: `${Math.floor(status / 100)}xx` }, seconds);
    },
    outcome: ({ kind, state, waited: before, ran: during }) => {
      ended.inc({ kind, state: state.toLowerCase() });
      if (before !== null) waited.observe({ kind }, before);
      if (during !== null) ran.observe({ kind }, during);
    },
    text: (health, environments) => {
      take(health);
      behind.reset();
      for (const { application, environment, secondsBehind } of environments) {
        if (secondsBehind !== null) behind.set({ application, environment }, secondsBehind);
      }
      return registry.metrics();
    },
  };
}
