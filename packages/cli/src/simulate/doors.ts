import { setTimeout as pause } from 'node:timers/promises';
import { ApiError, type Client, UnreachableError } from '@sluice/contract';
import type { Door } from './storm.ts';

/** The doors of a running server that a storm goes through. */
export interface Doors {
  readonly client: Client;
  /** Repeats a call until somebody answers: a server that was killed comes back. Errors of the API are thrown. */
  insist<T>(call: () => Promise<T>): Promise<T>;
  /** Asks for a deployment, with the same key on every try. Answers its uuid and the SHA that it is of. */
  signal(
    door: Door,
    request: { readonly sha: string | null; readonly key: string },
  ): Promise<{ deployment: string; sha: string | null }>;
}

export interface DoorsOptions {
  readonly client: Client;
  readonly url: string;
  readonly token: string;
  readonly websiteId: number;
  readonly environment: { readonly uuid: string; readonly slug: string };
}

const INSIST_MS = 300_000;

/** Nobody answered, or somebody who is not ready yet: to be tried again. */
export const isAway = (error: unknown): boolean =>
  error instanceof UnreachableError || (error instanceof ApiError && error.status === 503);

export function createDoors({ client, url, token, websiteId, environment }: DoorsOptions): Doors {
  const insist = async <T>(call: () => Promise<T>): Promise<T> => {
    const end = Date.now() + INSIST_MS;
    for (;;) {
      try {
        return await call();
      } catch (error) {
        if (!isAway(error) || Date.now() > end) throw error;
        await pause(100);
      }
    }
  };

  /** As the one curl line does it (spec/divio.md 5). */
  const v1 = async (sha: string | null, key: string) => {
    const body = new URLSearchParams({ stage: environment.slug });
    if (sha !== null) body.set('commit', sha);
    const headers = { authorization: `Basic ${token}`, 'idempotency-key': key };
    const address = new URL(`/api/v1/website/${websiteId}/deploy/`, url);
    const answer = await fetch(address, {
      method: 'POST',
      body,
      headers,
      signal: AbortSignal.timeout(60_000),
    }).catch((error: unknown) => {
      throw new UnreachableError(url, error);
    });
    const text = await answer.text().catch((error: unknown) => {
      throw new UnreachableError(url, error);
    });
    if (!answer.ok) throw new ApiError(answer.status, text.slice(0, 300), {}, null);
    const told = JSON.parse(text) as { deployment: string; commit: string | null };
    return { deployment: told.deployment, sha: told.commit };
  };

  const v3 = async (sha: string | null, key: string) => {
    const told = await client.deployments.create(
      { environment: environment.uuid, commit: sha },
      key,
    );
    return { deployment: told.uuid, sha: told.commit };
  };

  return {
    client,
    insist,
    signal: (door, { sha, key }) => insist(() => (door === 'v1' ? v1(sha, key) : v3(sha, key))),
  };
}
