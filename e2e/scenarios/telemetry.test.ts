import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPlace, type Place, type Site, webApplication } from '../support/site.ts';

interface OtlpSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly status?: { readonly code?: number };
  readonly attributes: readonly { readonly key: string; readonly value: unknown }[];
}
interface OtlpBody {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[];
  }[];
}

/** What a collector receives, https://opentelemetry.io/docs/specs/otlp/#otlphttp. */
const received: OtlpSpan[] = [];
let collector: Server;
let place: Place;
let site: Site;

beforeAll(async () => {
  collector = createServer(async (request, response) => {
    const { resourceSpans } = (await json(request)) as OtlpBody;
    received.push(...resourceSpans.flatMap((one) => one.scopeSpans.flatMap(({ spans }) => spans)));
    response.setHeader('content-type', 'application/json');
    response.end('{}');
  }).listen(0, '127.0.0.1');
  await once(collector, 'listening');
  const { port } = collector.address() as AddressInfo;
  place = await createPlace({ flags: ['--trace-url', `http://127.0.0.1:${port}/v1/traces`] });
  site = await place.createApplication('traced');
});
afterAll(async () => {
  await place?.destroy();
  collector?.close();
});

const push = (text: string, files = {}) =>
  site.push(text, {
    '.travis.yml':
      'language: generic\nscript: "true"\ndeploy: { provider: sluice, environment: test }\n',
    ...webApplication(text),
    ...files,
  });

test('a commit that goes live leaves one trace from the push to the switch', async () => {
  const commit = await push('traced');
  await site.until(commit, 'test', (state) => state === 'live', 120_000);
  await expect.poll(() => received.length, { timeout: 60_000 }).toBeGreaterThan(0);
  const root = received.find(({ parentSpanId }) => parentSpanId === undefined);
  expect(root?.name).toBe('traced test');
  expect(root?.attributes).toContainEqual({
    key: 'vcs.ref.head.revision',
    value: { stringValue: commit },
  });
  const below = received.filter(({ traceId }) => traceId === root?.traceId);
  const names = below.map(({ name }) => name);
  for (const name of ['build #1', 'job 1.1', 'deployment #1', 'building', 'checking']) {
    expect(names).toContain(name);
  }
  expect(below.every(({ status }) => status?.code !== 2)).toBe(true);
});

test('one that fails says where', async () => {
  const commit = await push('broken', { Procfile: 'web: false\n' });
  await site.until(commit, 'test', (state) => state === 'deploy_failed', 120_000);
  const failed = () => received.filter(({ status }) => status?.code === 2).map(({ name }) => name);
  await expect.poll(failed, { timeout: 60_000 }).toContain('deployment #2');
});

test('Prometheus finds what happened, the queue, the parts and the process', async () => {
  const metrics = async () => {
    const headers = { authorization: `Bearer ${place.token}` };
    const response = await fetch(`${place.installation.url()}/metrics`, { headers });
    expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4');
    return (await response.text()).split('\n');
  };
  await expect
    .poll(metrics, { timeout: 60_000 })
    .toContain('sluice_ended_total{kind="deployment",state="failed"} 1');
  const lines = await metrics();
  expect(lines).toContain('sluice_ended_total{kind="deployment",state="succeeded"} 1');
  expect(lines).toContain('sluice_ended_total{kind="build",state="passed"} 2');
  expect(lines).toContain('sluice_part_healthy{part="router"} 1');
  expect(lines).toContain('sluice_jobs{state="queued"} 0');
  const starts = (text: string) => lines.some((line) => line.startsWith(text));
  expect(
    starts('sluice_seconds_behind_newest_passed{application="traced",environment="test"}'),
  ).toBe(true);
  expect(starts('sluice_http_request_duration_seconds_count{method="GET",route="/metrics"')).toBe(
    true,
  );
  expect(starts('process_resident_memory_bytes ')).toBe(true);
});
