import { get } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@sluice/contract';
import type { Crowd, PageSeen } from './record.ts';

/** Looks at the application all the time, as its visitors do. */
export interface PageWatch {
  readonly seen: PageSeen[];
  requests(): number;
  stop(): Promise<void>;
}

const REQUEST_MS = 30_000;

/** Asks again `pauseMs` after each answer. */
export function watchPage(address: string, pauseMs: number): PageWatch {
  const seen: PageSeen[] = [];
  let requests = 0;
  let stopped = false;
  const watching = (async () => {
    while (!stopped) {
      const page = await fetchPage(new URL(address));
      requests += 1;
      const last = seen.at(-1);
      if (last?.status !== page.status || last.commit !== page.commit) seen.push(page);
      await pause(pauseMs);
    }
  })();
  return {
    seen,
    requests: () => requests,
    stop: async () => {
      stopped = true;
      await watching;
    },
  };
}

/** `*.localhost` is this machine, whatever the resolver thinks of it. Status 0: no answer. */
export function fetchPage(url: URL): Promise<PageSeen> {
  const host = url.hostname.endsWith('.localhost') ? '127.0.0.1' : url.hostname;
  return new Promise((resolve) => {
    const answer = (status: number, commit: string | null) =>
      resolve({ at: Date.now(), status, commit });
    const request = get(
      { host, port: url.port || 80, path: '/', headers: { host: url.host }, agent: false },
      (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text: string) => {
          body = (body + text).slice(0, 200);
        });
        const status = response.statusCode ?? 0;
        response.on('end', () => answer(status, status === 200 ? body.trim() : null));
        response.on('error', () => answer(0, null));
      },
    );
    request.on('error', () => answer(0, null));
    request.setTimeout(REQUEST_MS, () => request.destroy());
  });
}

const RUNNING = ['PROVISIONING', 'BUILDING', 'RELEASING', 'SCALING', 'CHECKING', 'FINALIZING'];

/** Looks at the list of deployments again and again: never two of them may be queued, or running. */
export function watchCrowds(client: Client, environment: string, pauseMs: number) {
  const crowds: Crowd[] = [];
  let stopped = false;
  const watching = (async () => {
    while (!stopped) {
      // A server that was killed is no finding here.
      const list = await client.deployments.list({ environment }).catch(() => null);
      const among = (statuses: readonly string[]) =>
        (list?.results ?? [])
          .filter((one) => statuses.includes(one.status))
          .map(({ uuid }) => uuid);
      const found = { queued: among(['QUEUED']), running: among(RUNNING) };
      for (const what of ['queued', 'running'] as const)
        if (found[what].length > 1) crowds.push({ at: Date.now(), what, deployments: found[what] });
      await pause(pauseMs);
    }
  })();
  return {
    crowds,
    stop: async () => {
      stopped = true;
      await watching;
    },
  };
}
