import { Type } from 'typebox';
import type { Identity } from '../../accounts/index.ts';
import { SluiceError } from '../../errors.ts';
import { identify } from '../authentication.ts';
import type { App, HttpContext } from '../context.ts';
import { createAudience } from './audience.ts';
import { createScopes, type PlacedChange } from './scopes.ts';
import { openStream, type StreamTiming } from './stream.ts';

const TIMING: StreamTiming = { gatherMs: 200, heartbeatMs: 15_000, stalledMs: 60_000 };
/** A person with many tabs and machines; a program that forgets to close would otherwise fill the server. */
const MOST_OF_ONE = 32;

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  // For nginx, which would otherwise hold events back.
  'x-accel-buffering': 'no',
} as const;

/** `GET /events/v3/`: what changed, as it happens (docs/reference/events.md). */
export function registerEvents(app: App, context: HttpContext, timing = TIMING): void {
  const { accounts, authorise, store, logger, publicUrl } = context;
  const scopes = createScopes(store);
  const open = new Set<{ close(): void }>();
  const counts = new Map<string, number>();

  const count = (userUuid: string, by: number): number => {
    const now = (counts.get(userUuid) ?? 0) + by;
    if (now <= 0) counts.delete(userUuid);
    else counts.set(userUuid, now);
    return now;
  };

  app.get(
    '/events/v3/',
    {
      config: { action: 'self' },
      schema: {
        summary: 'A stream of server-sent events: what changed of all that you may see',
        description:
          '`event: change` carries `{"kind", "id", "application"}` and an id. Come back with the last id as ' +
          '`Last-Event-ID` (or `?last_event_id=`) and you get what you missed, or `event: reset` when that cannot be ' +
          'known any more: read everything again.',
        tags: ['events'],
        querystring: Type.Object({ last_event_id: Type.Optional(Type.String({ maxLength: 100 })) }),
        produces: ['text/event-stream'],
        response: { 200: Type.String() },
      },
    },
    async (request, reply) => {
      let identity = await authorise(request, 'self');
      const { userUuid } = identity;
      if (count(userUuid, 1) > MOST_OF_ONE) {
        count(userUuid, -1);
        throw new SluiceError('rate_limited', `You have ${MOST_OF_ONE} event streams open.`, {
          remedy: 'Close some of them, such as tabs of the control panel, and try again.',
        });
      }
      let audience = createAudience(accounts, identity);

      const recheck = async (because: PlacedChange | null) => {
        if (because !== null && because.user !== null && because.user !== userUuid) return 'same';
        const now = await identify(accounts, request, publicUrl());
        if (now === null || now.userUuid !== userUuid) return 'ended';
        const differs = !sameRights(identity, now);
        if (!differs && because === null) return 'same';
        identity = now;
        audience = createAudience(accounts, now);
        return differs || because?.change.kind === 'member' ? 'changed' : 'same';
      };

      const { 'last-event-id': header } = request.headers;
      const lastId = (typeof header === 'string' ? header : request.query.last_event_id) || null;
      reply.hijack();
      reply.raw.writeHead(200, HEADERS);
      const stream = openStream({
        ...{ changes: store.changes, response: reply.raw, lastId, recheck, timing },
        place: scopes.place,
        hears: (placed) => audience.hears(placed),
        onError: (error) => logger.error({ err: error }, 'a stream of events'),
      });
      open.add(stream);
      reply.raw.once('close', () => {
        stream.close();
        open.delete(stream);
        count(userUuid, -1);
      });
    },
  );

  // A stream has no end of its own that a closing server could wait for.
  app.addHook('preClose', async () => {
    scopes.close();
    for (const stream of open) stream.close();
  });
}

const sameRights = (a: Identity, b: Identity): boolean =>
  a.isAdmin === b.isAdmin && JSON.stringify(a.scopes) === JSON.stringify(b.scopes);
