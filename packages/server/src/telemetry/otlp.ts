import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { TraceSpan } from './trace.ts';

export interface TraceExporter {
  /** Resolves when the collector has them; rejects after some tries. */
  send(spans: readonly TraceSpan[]): Promise<void>;
  stop(): Promise<void>;
}

const SAMPLED = 1;
const INTERNAL = 0;
const ERROR = 2;
const UNSET = 0;

/**
 * Sends spans by OTLP over HTTP (JSON). `url` is the whole address, such as `http://localhost:4318/v1/traces`; headers
 * come from `OTEL_EXPORTER_OTLP_HEADERS`. The libraries are loaded here, so that nobody else pays for them.
 */
export async function createTraceExporter(url: string, version: string): Promise<TraceExporter> {
  const [{ OTLPTraceExporter }, { resourceFromAttributes }] = await Promise.all([
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ]);
  const exporter = new OTLPTraceExporter({ url });
  const resource = resourceFromAttributes({ 'service.name': 'sluice', 'service.version': version });

  const readable = (span: TraceSpan): ReadableSpan => {
    const context = (spanId: string) => ({ traceId: span.traceId, spanId, traceFlags: SAMPLED });
    return {
      name: span.name,
      kind: INTERNAL,
      spanContext: () => context(span.spanId),
      ...(span.parentId === null ? {} : { parentSpanContext: context(span.parentId) }),
      startTime: time(span.from),
      endTime: time(span.to),
      duration: time(span.to - span.from),
      status: span.error === null ? { code: UNSET } : { code: ERROR, message: span.error },
      attributes: { ...span.attributes },
      links: [],
      events: [],
      ended: true,
      resource,
      instrumentationScope: { name: 'sluice', version },
      droppedAttributesCount: 0,
      droppedEventsCount: 0,
      droppedLinksCount: 0,
    };
  };

  return {
    send: (spans) =>
      new Promise((done, failed) => {
        exporter.export(spans.map(readable), ({ error, code }) => {
          if (code === 0) done();
          else failed(error ?? new Error('the collector refused the spans'));
        });
      }),
    stop: () => exporter.shutdown(),
  };
}

/** Seconds and nanoseconds. */
const time = (milliseconds: number): [number, number] => [
  Math.floor(milliseconds / 1_000),
  Math.round((milliseconds % 1_000) * 1_000_000),
];
