import { createHash } from 'node:crypto';
import { PassThrough, type Readable } from 'node:stream';
import type { JobPayload } from '@sluice/contract';
import { languageOf, text } from '../script/config.ts';
import { languageRules, versionAsked } from '../script/languages/index.ts';
import type { ControlLine } from './control.ts';

/** Where archives of cached directories are kept. Both calls reject when it does not work; a job goes on without. */
export interface CacheDepot {
  fetch(
    slug: string,
    limit: AbortSignal,
  ): Promise<{ scope: string; sizeBytes: number; body: Readable } | null>;
  store(
    slug: string,
    archive: { body: Readable; sizeBytes: number },
    limit: AbortSignal,
  ): Promise<void>;
}

const CHUNK_BYTES = 1024 ** 2;

/**
 * Names the kind of job that an archive is for: jobs whose system, language version or public variables differ do not
 * share one (spec/travis.md 8).
 */
export function cacheSlug(payload: JobPayload, dist: string): string {
  const { config, env } = payload;
  const rules = languageRules(config);
  const variables = env
    .flatMap((group) => group.vars)
    .filter((variable) => !variable.secret)
    .map((variable) => variable.text);
  const hash = createHash('sha256').update(JSON.stringify(variables)).digest('hex').slice(0, 16);
  const parts = [
    text(config['os']) ?? 'linux',
    text(config['arch']) ?? '',
    dist,
    languageOf(config),
    versionAsked(config, rules) ?? '',
    text(config['compiler']) ?? '',
    hash,
  ];
  return parts.map((part) => part.replaceAll(/[^\w.]+/g, '_').slice(0, 25)).join('-');
}

/**
 * Sends the job its archive: `found SCOPE`, then chunks, each behind its length, then 0, or -1 where it broke off; `none`
 * or `failed REASON` instead.
 */
export async function sendCache(
  depot: CacheDepot | undefined,
  slug: string,
  seconds: number,
  channel: ControlLine,
): Promise<void> {
  const limit = AbortSignal.timeout(seconds * 1_000);
  if (depot === undefined) return channel.write('none\n');
  let found: Awaited<ReturnType<CacheDepot['fetch']>>;
  try {
    found = await depot.fetch(slug, limit);
  } catch (error) {
    return channel.write(`failed ${reasonOf(error, limit, seconds)}\n`);
  }
  if (found === null) return channel.write('none\n');
  await channel.write(`found ${found.scope.replaceAll(/\s/g, ' ')}\n`);
  let sent = 0;
  try {
    for await (const piece of found.body as AsyncIterable<Buffer>) {
      for (let at = 0; at < piece.length; at += CHUNK_BYTES) {
        const chunk = piece.subarray(at, at + CHUNK_BYTES);
        await channel.write(`${chunk.length}\n`);
        await channel.write(chunk);
        sent += chunk.length;
      }
    }
  } catch {
    return channel.write('-1\n');
  } finally {
    found.body.destroy();
  }
  await channel.write(sent === found.sizeBytes ? '0\n' : '-1\n');
}

/** Takes the job's archive, to its last byte whatever becomes of it, and answers a line about it. */
export async function takeCache(
  depot: CacheDepot | undefined,
  slug: string,
  seconds: number,
  channel: ControlLine,
  sizeBytes: number,
): Promise<string> {
  const limit = AbortSignal.timeout(seconds * 1_000);
  const body = new PassThrough();
  body.on('error', () => undefined);
  const stored =
    depot === undefined
      ? Promise.reject(new Error('there is no server'))
      : depot.store(slug, { body, sizeBytes }, limit);
  const outcome = stored.then(
    () => 'stored',
    (error: unknown) => {
      body.destroy();
      return `failed ${reasonOf(error, limit, seconds)}`;
    },
  );
  for await (const chunk of channel.take(sizeBytes)) {
    if (body.destroyed || body.write(chunk)) continue;
    await room(body);
  }
  body.end();
  return outcome;
}

/** Resolves when the stream takes more, or takes nothing any more. */
function room(body: PassThrough): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      body.off('drain', done);
      body.off('close', done);
      resolve();
    };
    body.once('drain', done);
    body.once('close', done);
  });
}

function reasonOf(error: unknown, limit: AbortSignal, seconds: number): string {
  if (limit.aborted) return `it took longer than ${seconds} seconds`;
  return error instanceof Error ? error.message : String(error);
}
