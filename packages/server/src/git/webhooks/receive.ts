import { createHash } from 'node:crypto';
import { parse as parseForm } from 'node:querystring';
import { SluiceError } from '../../errors.ts';
import type { Secrets } from '../../secrets/index.ts';
import type { Store } from '../../store/index.ts';
import { fullNameOf } from '../mirrors/address.ts';
import {
  createDeliveries,
  type Deliveries,
  type DeliveryRow,
  type NewDelivery,
} from './deliveries.ts';
import { dialectOf } from './dialects.ts';
import { headerText } from './read.ts';
import {
  type Dialect,
  type Headers,
  type HookEvent,
  type ParsedDelivery,
  UnreadableBody,
} from './types.ts';

export interface IncomingDelivery {
  /** As the address names it. */
  readonly provider: string;
  readonly hookUuid: string;
  readonly headers: Headers;
  /** As it came, byte for byte. */
  readonly body: Buffer;
}

export interface Receipt {
  /** For HTTP: 2xx, or 4xx with the reason. */
  readonly status: number;
  readonly result: 'accepted' | 'pong' | 'ignored' | 'duplicate' | 'refused';
  /** A sentence that a host shows beside the delivery. */
  readonly detail: string;
  /** Of the delivery here; null when it was not kept. */
  readonly delivery: string | null;
  readonly repositoryUuid: string;
}

export interface ReceiveDeps {
  readonly store: Pick<Store, 'db' | 'groupCommit'>;
  readonly secrets: Pick<Secrets, 'open'>;
}

/** A delivery whose signature has been looked at. */
interface Judged {
  readonly dialect: Dialect;
  /** `url` is the repository's. */
  readonly hook: { readonly url: string };
  readonly headers: Headers;
  readonly body: Buffer;
  readonly delivery: Omit<NewDelivery, 'state' | 'result' | 'events'>;
  /** Why the signature is not trusted; null: it is. */
  readonly distrust: { readonly status: number; readonly detail: string } | null;
}

export const secretAt = (repositoryUuid: string): string => `webhook_secret:${repositoryUuid}`;

/** Longer bodies are processed and can be sent again, but not looked at. */
const LONGEST_KEPT_BODY = 256 * 1024;
const KEPT_HEADERS =
  /^(content-type|user-agent|x-(github|gitlab|gitea|forgejo|sluice)-(event|delivery|event-type|event-uuid|instance|hook-id)|x-event-key|x-request-(uuid|id)|x-hook-uuid|x-attempt-number|idempotency-key)$/;

/**
 * Takes a delivery in: the signature over the raw body first, then whether it was here before, then what it says and
 * whether it speaks of this repository. What is accepted stands in a row before the answer; the work is done later.
 */
export function createReceive({ store, secrets }: ReceiveDeps) {
  const hookOf = async (uuid: string) => {
    const row = await store.db
      .selectFrom('webhooks as w')
      .innerJoin('repositories as r', 'r.uuid', 'w.repository_uuid')
      .select(['w.repository_uuid', 'w.secret', 'r.url'])
      .where('w.uuid', '=', uuid)
      .executeTakeFirst();
    if (row === undefined || row.url === null) {
      throw new SluiceError('not_found', 'There is no such webhook address.', {
        remedy: 'Copy the address again from the settings of the application.',
      });
    }
    return { ...row, url: row.url };
  };

  /** In one transaction, so that of two that are the same only one is the first. */
  const takeIn = async (
    deliveries: Deliveries,
    { dialect, hook, headers, body, delivery, distrust }: Judged,
  ): Promise<Receipt> => {
    const { repositoryUuid, digest } = delivery;
    const refuse = async (status: number, detail: string): Promise<Receipt> => {
      const row = { ...delivery, body: null, events: [], state: 'refused' as const };
      const uuid = await deliveries.insert({ ...row, result: detail });
      return { status, result: 'refused', detail, delivery: uuid, repositoryUuid };
    };
    if (distrust !== null) return refuse(distrust.status, distrust.detail);
    const earlier = await deliveries.earlier(repositoryUuid, digest, delivery.deliveryId);
    if (earlier !== null) {
      const replay = judgeRepeated(dialect, delivery, earlier);
      if (replay === 'again') {
        if (earlier.state === 'failed') await deliveries.again(earlier.uuid);
        const detail = `It was received at ${earlier.received_at} already: ${earlier.result}`;
        return { status: 200, result: 'duplicate', detail, delivery: earlier.uuid, repositoryUuid };
      }
      if (replay === 'replayed') {
        return refuse(409, 'It was received before under another name: a replay.');
      }
    }

    let parsed: ParsedDelivery;
    try {
      parsed = dialect.parse(delivery.event, readBody(headers, body));
    } catch (error) {
      if (!(error instanceof UnreadableBody)) throw error;
      return refuse(400, error.message);
    }
    if (!isAbout(parsed.repository, hook.url)) {
      return refuse(422, `It speaks of ${parsed.repository}, but this address is for ${hook.url}.`);
    }
    if (parsed.ignored !== null) {
      const row = { ...delivery, events: [], state: 'ignored' as const, result: parsed.ignored };
      const uuid = await deliveries.insert(row);
      const detail = parsed.ignored;
      return { status: 202, result: 'ignored', detail, delivery: uuid, repositoryUuid };
    }
    const isPing = parsed.events.every((event) => event.kind === 'ping');
    const uuid = await deliveries.insert({
      ...{ ...delivery, events: parsed.events, state: isPing ? 'done' : 'waiting' },
      result: isPing ? 'The connection works.' : 'Waits to be processed.',
    });
    return isPing
      ? {
          status: 200,
          result: 'pong',
          detail: 'The connection works.',
          delivery: uuid,
          repositoryUuid,
        }
      : { status: 202, result: 'accepted', detail: 'Accepted.', delivery: uuid, repositoryUuid };
  };

  return async (incoming: IncomingDelivery): Promise<Receipt> => {
    const dialect = dialectOf(incoming.provider);
    if (dialect === null) throw new SluiceError('not_found', 'There is no such kind of webhook.');
    const hook = await hookOf(incoming.hookUuid);
    const repositoryUuid = hook.repository_uuid;
    const { headers, body } = incoming;
    const stamp = dialect.stamp?.(headers) ?? '';
    const digest = createHash('sha256').update(stamp).update(body).digest('hex');
    const delivery: Judged['delivery'] = {
      ...{ repositoryUuid, digest, provider: dialect.provider },
      deliveryId: dialect.deliveryId(headers)?.slice(0, 200) ?? null,
      event: dialect.event(headers),
      headers: keptHeaders(headers),
      body: body.length <= LONGEST_KEPT_BODY ? body.toString('utf8') : null,
    };
    const secret = secrets.open(hook.secret, secretAt(repositoryUuid));
    const distrust = refusalOf(dialect, headers, body, secret);
    const judged: Judged = { dialect, hook, headers, body, delivery, distrust };
    return store.groupCommit((trx) => takeIn(createDeliveries(trx), judged));
  };
}

function refusalOf(
  dialect: Dialect,
  headers: Headers,
  body: Buffer,
  secret: string,
): { status: number; detail: string } | null {
  switch (dialect.verify(headers, body, secret, Math.floor(Date.now() / 1_000))) {
    case 'ok':
      return null;
    case 'missing':
      return {
        status: 401,
        detail: `It is not signed: the header ${dialect.signatureHeader} is missing.`,
      };
    case 'wrong':
      return {
        status: 403,
        detail: `Its ${dialect.signatureHeader} does not fit this secret and body.`,
      };
    case 'stale':
      return { status: 403, detail: 'Its time is too far from now; check the clocks.' };
  }
}

/** `again`: the host delivers it once more. `replayed`: somebody else does. `new`: it only looks like an earlier one. */
function judgeRepeated(
  dialect: Dialect,
  delivery: Pick<NewDelivery, 'deliveryId' | 'digest'>,
  earlier: DeliveryRow,
): 'again' | 'replayed' | 'new' {
  const isNamed = delivery.deliveryId !== null;
  const isSameName = earlier.delivery_id === delivery.deliveryId;
  if (earlier.digest !== delivery.digest) return isNamed && isSameName ? 'replayed' : 'new';
  if (isSameName && (isNamed || dialect.bodiesDiffer)) return 'again';
  // Elsewhere two pushes can look alike; to take one of them for the other would lose it, to fetch twice harms nobody.
  const events = JSON.parse(earlier.events) as HookEvent[];
  const onlyPushes = events.every((event) => event.kind !== 'pull_request');
  return dialect.bodiesDiffer || !onlyPushes ? 'replayed' : 'new';
}

/** GitHub can be told to send forms, with the JSON in `payload`. */
function readBody(headers: Headers, body: Buffer): unknown {
  const isForm = headerText(headers, 'content-type')?.includes('x-www-form-urlencoded') ?? false;
  const text = body.toString('utf8');
  const json = isForm ? parseForm(text)['payload'] : text;
  try {
    return JSON.parse(typeof json === 'string' ? json : '');
  } catch {
    throw new UnreadableBody('The body is not JSON.');
  }
}

/** Hosts have several addresses for one repository; what is the same in all of them is the end of the path. */
function isAbout(repository: string | null, url: string): boolean {
  if (repository === null) return true;
  const path = URL.canParse(url) ? new URL(url).pathname : url.slice(url.indexOf(':') + 1);
  const own = fullNameOf(path);
  const said = fullNameOf(repository);
  return said !== '' && (own === said || own.endsWith(`/${said}`));
}

function keptHeaders(headers: Headers): Record<string, string> {
  return Object.fromEntries(
    Object.keys(headers)
      .filter((name) => KEPT_HEADERS.test(name))
      .map((name) => [name, (headerText(headers, name) ?? '').slice(0, 500)]),
  );
}
