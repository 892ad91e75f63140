/** The room that tells machines how it goes: ends of builds and deployments for metrics, and a trace of each deployment. */
import type { Store } from '../store/index.ts';
import { readTraceFacts } from './facts.ts';
import { createTraceExporter } from './otlp.ts';
import { type Outcome, watchOutcomes } from './outcomes.ts';
import { traceOf } from './trace.ts';

export type { Outcome } from './outcomes.ts';

export interface Telemetry {
  /** Calls `listener` with each build and deployment that ends from now on. */
  onOutcome(listener: (outcome: Outcome) => void): void;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface TelemetryOptions {
  readonly store: Store;
  /** Where traces go (OTLP over HTTP); empty: nowhere. */
  readonly traceUrl: string;
  readonly version: string;
  readonly onError: (error: unknown, doing: string) => void;
}

export function createTelemetry({
  store,
  traceUrl,
  version,
  onError,
}: TelemetryOptions): Telemetry {
  const listeners = new Set<(outcome: Outcome) => void>();
  const sending = new Set<Promise<void>>();
  let stops: (() => unknown)[] = [];

  const startTraces = async (): Promise<void> => {
    const exporter = await createTraceExporter(traceUrl, version);
    const send = async (uuid: string): Promise<void> => {
      const facts = await readTraceFacts(store, uuid);
      if (facts !== null) await exporter.send(traceOf(facts));
    };
    listeners.add(({ kind, id }) => {
      if (kind !== 'deployment') return;
      const work = send(id)
        .catch((error: unknown) => onError(error, 'sending a trace'))
        .finally(() => sending.delete(work));
      sending.add(work);
    });
    stops.push(() => exporter.stop());
  };

  return {
    onOutcome: (listener) => listeners.add(listener),
    start: async () => {
      stops.push(
        watchOutcomes(
          store,
          (outcome) => {
            for (const listener of listeners) listener(outcome);
          },
          onError,
        ),
      );
      if (traceUrl !== '') await startTraces();
    },
    stop: async () => {
      const [endWatch, ...others] = stops;
      stops = [];
      endWatch?.();
      await Promise.all(sending);
      for (const stop of others) await stop();
    },
  };
}
