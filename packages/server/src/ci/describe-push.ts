import type { Context } from './dependencies.ts';
import { pushedRef, REFUSALS, type Refusal } from './push-decision.ts';
import { buildUrl } from './urls.ts';

/** How long `git push` may wait for the answer; the build comes in any case. */
const PATIENCE_MS = 2_500;

/**
 * Lines for the person who pushed: which build each push started and where to watch it, or why there is none.
 * Waits a moment for pushes that are not looked at yet.
 */
export async function describePushes(
  context: Context,
  pushIds: readonly number[],
): Promise<string[]> {
  const deadline = Date.now() + PATIENCE_MS;
  const lines: string[] = [];
  for (const pushId of pushIds) {
    const line = await describe(context, pushId, deadline);
    if (line !== null) lines.push(line);
  }
  return lines;
}

async function describe(
  context: Context,
  pushId: number,
  deadline: number,
): Promise<string | null> {
  const { store, settings } = context;
  for (;;) {
    const stop = new AbortController();
    const woken = store.events.wait(
      `push:${pushId}`,
      Math.max(0, deadline - Date.now()),
      stop.signal,
    );
    const push = await store.db
      .selectFrom('pushes')
      .leftJoin('builds', 'builds.id', 'pushes.build_id')
      .select(['pushes.ref', 'pushes.outcome', 'builds.id', 'builds.number', 'builds.error'])
      .where('pushes.id', '=', pushId)
      .executeTakeFirst();
    if (push === undefined || push.outcome !== null || Date.now() >= deadline) {
      stop.abort();
      return push === undefined ? null : sentence(push, settings.publicUrl());
    }
    await woken;
  }
}

function sentence(
  push: {
    readonly ref: string;
    readonly outcome: string | null;
    readonly id: number | null;
    readonly number: number | null;
    readonly error: string | null;
  },
  publicUrl: string,
): string | null {
  const name = pushedRef(push.ref)?.name ?? push.ref;
  if (push.outcome === null) return `${name}: its build is about to start.`;
  if (push.id !== null) {
    const url = buildUrl(publicUrl, push.id);
    if (push.error !== null) {
      const error = push.error.replace(/\p{Cc}+/gu, ' ');
      return `Build #${push.number} of ${name} errored: ${error} ${url}`;
    }
    return `Build #${push.number} of ${name} started: ${url}`;
  }
  if (push.outcome === 'deleted') return null;
  return `No build of ${name}: ${REFUSALS[push.outcome as Refusal] ?? push.outcome}`;
}
