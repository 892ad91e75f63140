import type { PullRequestMessage } from '../../store/index.ts';

export const PROVIDERS = ['github', 'gitlab', 'gitea', 'bitbucket', 'generic'] as const;
export type Provider = (typeof PROVIDERS)[number];

/** Header names in lower case, as Node gives them. */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What a delivery says, in one shape for all hosts. */
export type HookEvent =
  | { readonly kind: 'ping' }
  | PushEvent
  | ({ readonly kind: 'pull_request' } & PullRequestEvent);

/** Only a reason to look: what is at the host decides, never what the webhook says of it. */
export interface PushEvent {
  readonly kind: 'push';
  /** Full name of the branch or tag; null where the host does not tell. */
  readonly ref: string | null;
  /** The new object; null: not told, or the ref was deleted. */
  readonly after: string | null;
}

/**
 * `head.sha` may be an abbreviation (Bitbucket's webhooks shorten it to 12 digits); it is completed before the event is
 * handed on.
 */
export type PullRequestEvent = Omit<PullRequestMessage, 'repositoryUuid' | 'provider'>;

export interface ParsedDelivery {
  /** `group/name` in lower case; null where the body does not tell. */
  readonly repository: string | null;
  readonly events: readonly HookEvent[];
  /** Why it says nothing that matters; null with events. */
  readonly ignored: string | null;
}

export type Verdict = 'ok' | 'missing' | 'wrong' | 'stale';

/** How one kind of host speaks. Everything here is pure. */
export interface Dialect {
  readonly provider: Provider;
  /** The header by which it proves itself, for messages. */
  readonly signatureHeader: string;
  /** The same body never comes twice but by a replay: it holds a time or a number that rises. */
  readonly bodiesDiffer: boolean;
  /** What is signed besides the body; part of what is told apart by. Absent: nothing. */
  stamp?(headers: Headers): string;
  event(headers: Headers): string;
  deliveryId(headers: Headers): string | null;
  /** Over the raw body, before anybody reads it. `nowSeconds` since 1970. */
  verify(headers: Headers, body: Buffer, secret: string, nowSeconds: number): Verdict;
  /** Throws `UnreadableBody` when what it needs is not there. */
  parse(event: string, body: unknown): ParsedDelivery;
}

/** The body is not what the host documents for this event. */
export class UnreadableBody extends Error {
  override readonly name = 'UnreadableBody';
}
