import {
  LogLines,
  LogLinesQuery,
  LogMatches,
  LogOutline,
  LogSearchQuery,
  LogStreamQuery,
  LogViewQuery,
} from '@sluice/contract';
import type { FastifyRequest } from 'fastify';
import { type TObject, Type } from 'typebox';
import { SluiceError } from '../../errors.ts';
import { createLogs, type ReadableLog } from '../../logs/index.ts';
import { createCiAccess } from '../ci/access.ts';
import { ciRoutes } from '../ci-door.ts';
import type { App, HttpContext } from '../context.ts';
import { createEventStreams, encodePart } from './event-stream.ts';
import { sendRaw } from './raw.ts';

/** A log that somebody may read, and what its downloaded file is called. */
interface NamedLog extends ReadableLog {
  /** Null for logs without attempts. */
  readonly attempt: number | null;
  readonly fileName: string;
}

interface Room {
  /** Up to and with `log/`. */
  readonly path: string;
  readonly params: TObject;
  readonly action: 'build:read' | 'application:read';
  readonly tag: 'ci' | 'apps';
  /** How a summary names it. */
  readonly whose: string;
  /** Asks whether the reader may, and finds the log. */
  readonly find: (request: FastifyRequest) => Promise<NamedLog>;
}

const JobPath = Type.Object({ id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) });
const DeploymentPath = Type.Object({ uuid: Type.String({ minLength: 1, maxLength: 64 }) });
/** Of all people together; each costs a connection and a few kilobytes. */
const MOST_WATCHERS = 2_000;
const SEARCH_LIMIT = 1_000;

/** Logs by line, as packages/contract/src/log-view.ts says, of jobs and deployments. */
export function registerLogViews(app: App, context: HttpContext): void {
  const { ci, deploy, find } = context;
  const access = createCiAccess(ciRoutes(context));
  const register = createRegister(app, context);

  register({
    ...{ path: '/ci/v3/jobs/:id/log/', params: JobPath, action: 'build:read', tag: 'ci' },
    whose: 'A job’s log',
    find: async (request) => {
      const { id } = request.params as { id: number };
      const { attempt } = request.query as LogViewQuery;
      const { job } = await access.job(request, id, 'build:read');
      const log = await ci.jobs.findLog(id, attempt);
      const again = log.attempt === 1 ? '' : `-attempt-${log.attempt}`;
      return { ...log, kind: 'job', fileName: `job-${job.number}${again}.log` };
    },
  });

  register({
    ...{ path: '/apps/v3/deployments/:uuid/log/', params: DeploymentPath },
    ...{ action: 'application:read', tag: 'apps' },
    whose: 'A deployment’s log',
    find: async (request) => {
      const { uuid } = request.params as { uuid: string };
      const { deployment } = await find.deployment(request, uuid, 'application:read');
      return {
        ...{ kind: 'deployment', attempt: null, fileName: `deployment-${deployment.uuid}.log` },
        streamId: deploy.log(deployment.uuid),
        channel: `deployment:${deployment.uuid}`,
        // The end of a deployment is always written to its log.
        isOver: async () => false,
      };
    },
  });
}

function createRegister(app: App, context: HttpContext): (room: Room) => void {
  const logs = createLogs(context.store, encodePart);
  const streams = createEventStreams();
  // A stream has no end of its own that a closing server could wait for.
  app.addHook('preClose', async () => streams.close());

  return ({ path, params, action, tag, whose, find }) => {
    const config = { action };
    const about = (summary: string) => ({ summary: `${whose}: ${summary}`, tags: [tag], params });

    app.get(
      `${path}outline/`,
      {
        config,
        schema: {
          ...about('how many lines it has, and its folds'),
          querystring: LogViewQuery,
          response: { 200: LogOutline },
        },
      },
      async (request): Promise<LogOutline> => {
        const log = await find(request);
        const { lines, bytes, tail, ended, folds, timings } = await logs.outline(log);
        return {
          ...{ lines, bytes, tail, ended, attempt: log.attempt },
          folds: folds.map(({ durationMs, ...fold }) => ({ ...fold, duration_ms: durationMs })),
          timings: timings.map(({ line, durationMs }) => ({ line, duration_ms: durationMs })),
        };
      },
    );

    app.get(
      `${path}lines/`,
      {
        config,
        schema: {
          ...about('some of its lines, at most 1000 and about 1 MB'),
          querystring: LogLinesQuery,
          response: { 200: LogLines },
        },
      },
      async (request): Promise<LogLines> => {
        const { from = 1, count = 200 } = request.query;
        const { lines, total, ended } = await logs.lines(await find(request), from, count);
        return {
          ...{ total, ended },
          lines: lines.map(({ number, text, at }) => ({
            ...{ n: number, text },
            at: at === null ? null : new Date(at).toISOString(),
          })),
        };
      },
    );

    app.get(
      `${path}search/`,
      {
        config,
        schema: {
          ...about('the lines that show a text, whatever its case and colour'),
          querystring: LogSearchQuery,
          response: { 200: LogMatches },
        },
      },
      async (request, reply): Promise<LogMatches> => {
        const { q, limit = SEARCH_LIMIT } = request.query;
        const log = await find(request);
        const gone = new AbortController();
        reply.raw.once('close', () => gone.abort());
        return logs.search(log, q, limit, gone.signal);
      },
    );

    app.get(
      `${path}stream/`,
      {
        config,
        schema: {
          ...about('what is new in it, as server-sent events'),
          description:
            'Each event carries `{"offset", "text", "at"}`; its id is the offset to go on from, by `Last-Event-ID` or ' +
            '`?offset=`. The last one is `event: end`; a connection that closes without it is to be opened again.',
          querystring: LogStreamQuery,
          produces: ['text/event-stream'],
          response: { 200: Type.String() },
        },
      },
      async (request, reply) => {
        const log = await find(request);
        if (streams.count >= MOST_WATCHERS) {
          throw new SluiceError('unavailable', 'Too many logs are being watched right now.', {
            remedy:
              'Close some of the pages that show a log, or ask for the log without watching it.',
          });
        }
        const offset = resumeOffset(request) ?? request.query.offset ?? 0;
        reply.hijack();
        const watcher = streams.open(reply.raw);
        const leave = await logs.follow(log, offset, watcher);
        if (reply.raw.destroyed) leave();
        else reply.raw.once('close', leave);
      },
    );

    app.get(
      `${path}raw/`,
      {
        config,
        schema: {
          ...about('all of it, as a file; ranges of bytes can be asked for'),
          querystring: LogViewQuery,
          produces: ['text/plain'],
        },
      },
      async (request, reply) => {
        const log = await find(request);
        return sendRaw(logs, log, log.fileName, request, reply);
      },
    );
  };
}

function resumeOffset(request: FastifyRequest): number | null {
  const { 'last-event-id': id } = request.headers;
  return typeof id === 'string' && /^\d{1,15}$/.test(id) ? Number(id) : null;
}
