import { type Static, Type } from 'typebox';

/** What a change can be of. Each names what is to be read again, by the uuid (or number) of the thing. */
export const CHANGE_KINDS = [
  'application',
  'environment',
  'deployment',
  'build',
  'job',
  'instance',
  'variable',
  'domain',
  'service',
  'repository',
  'organisation',
  'member',
  'token',
  'session',
  'user',
  'system',
] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/**
 * `GET /events/v3/` is a stream of server-sent events. `event: change` carries one `Change` as JSON and an `id`; a
 * client that comes back sends it as `Last-Event-ID` and gets what it missed. `event: reset` says that the server
 * cannot know what was missed: read everything again. `event: heartbeat` comes every 15 s: after a longer silence the
 * line is dead. A change never carries the truth: it says what to read again.
 */
export const Change = Type.Object({
  /** One of `CHANGE_KINDS`; a client ignores those that it does not know. */
  kind: Type.String(),
  /** Its uuid, or the number of a build or job. Of a `member`: the uuid of the organisation or application. */
  id: Type.String(),
  /** The application it belongs to; null for what belongs to none. */
  application: Type.Union([Type.String(), Type.Null()]),
});
export type Change = Static<typeof Change>;
