import type { FastifyReply } from 'fastify';
import { SluiceError } from '../errors.ts';
import type { HttpContext } from './context.ts';
import type { DeploymentView, SignalInput, Who } from './deploy-door.ts';

export interface SignalRequest {
  readonly environmentUuid: string;
  readonly commit?: string | null | undefined;
  readonly buildMode?: string | null | undefined;
  readonly waitSeconds?: number | null | undefined;
  readonly idempotencyKey?: string | undefined;
  readonly allowOffBranch?: boolean | undefined;
  readonly overrideHold?: boolean | undefined;
  readonly via: SignalInput['via'];
  readonly who: Who;
}

const MAX_WAIT_SECONDS = 60;
const KEY = /^[\x21-\x7e]{1,200}$/;

/**
 * Hands a signal to the deploy room and, when asked to, waits for the deployment's end. Waiting changes nothing: when
 * the time is over or the caller goes away, the deployment goes on.
 */
export async function sendSignal(
  context: HttpContext,
  request: SignalRequest,
  reply: FastifyReply,
): Promise<{ deployment: DeploymentView; joined: boolean }> {
  const { idempotencyKey, allowOffBranch, overrideHold } = request;
  const commit = readCommit(request.commit ?? '');
  const waitSeconds = readWait(request.waitSeconds ?? 0);
  if (idempotencyKey !== undefined && !KEY.test(idempotencyKey)) {
    throw refuse('idempotency_key', 'Use 1 to 200 printable characters without spaces.');
  }
  const answer = await context.deploy.signal({
    environmentUuid: request.environmentUuid,
    via: request.via,
    identity: request.who,
    buildMode: readBuildMode(request.buildMode ?? null),
    ...(commit ? { target: commit } : {}),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    ...(allowOffBranch === undefined ? {} : { allowOffBranch }),
    ...(overrideHold === undefined ? {} : { overrideHold }),
  });
  const deployment = await waitForEnd(context, answer.deployment, waitSeconds, reply);
  return { deployment, joined: answer.joined };
}

/** Spaces and quotes around it come from copied curl lines, as with `stage` (spec/divio.md 5). */
function readCommit(text: string): string {
  const commit = text.trim().replace(/^["'\s]+|["'\s]+$/g, '');
  if (commit.length <= 250 && !/[\p{C}\s]/u.test(commit)) return commit;
  const wrong =
    commit.length > 250
      ? `it has ${commit.length} characters`
      : 'it has blanks or control characters';
  throw refuse(
    'commit',
    `Give a full SHA, a prefix of 7 digits or more, a branch or a tag: ${wrong}.`,
  );
}

function readBuildMode(text: string | null): 'AUTO' | 'ADOPT' | 'FORCE' {
  const mode = (text ?? '').trim().toUpperCase() || 'AUTO';
  if (mode === 'AUTO' || mode === 'ADOPT' || mode === 'FORCE') return mode;
  throw refuse('build_mode', `Use AUTO, ADOPT or FORCE, not ${JSON.stringify(mode.slice(0, 60))}.`);
}

function readWait(seconds: number): number {
  if (seconds >= 0) return Math.min(seconds, MAX_WAIT_SECONDS);
  throw refuse('wait', `Use 0 to ${MAX_WAIT_SECONDS} seconds.`);
}

async function waitForEnd(
  context: HttpContext,
  first: DeploymentView,
  seconds: number,
  reply: FastifyReply,
): Promise<DeploymentView> {
  const until = Date.now() + seconds * 1000;
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  let deployment = first;
  while (deployment.endedAt === null && Date.now() < until && !gone.signal.aborted) {
    // A deployment that is mirrored ends with another's event, so look again now and then besides.
    const pause = Math.min(1_000, until - Date.now());
    await context.store.events.wait(`deployment:${first.uuid}`, pause, gone.signal);
    deployment = (await context.deploy.get(first.uuid)) ?? deployment;
  }
  return deployment;
}

const refuse = (field: string, text: string) =>
  new SluiceError('invalid', text, { fields: { [field]: [text] } });
