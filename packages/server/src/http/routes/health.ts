import { sql } from 'kysely';
import { Type } from 'typebox';
import { SluiceError } from '../../errors.ts';
import type { App, HttpContext } from '../context.ts';

const Ok = Type.Object({ status: Type.Literal('ok') });

/** For load balancers and service managers. */
export function registerHealth(app: App, { store }: HttpContext): void {
  app.get(
    '/healthz',
    {
      config: { public: true },
      schema: { summary: 'The process answers', tags: ['health'], response: { 200: Ok } },
    },
    async () => ({ status: 'ok' as const }),
  );

  app.get(
    '/readyz',
    {
      config: { public: true },
      schema: {
        summary: 'The server can do its work: its database answers',
        tags: ['health'],
        response: { 200: Ok },
      },
    },
    async () => {
      await sql`select 1`.execute(store.db).catch((cause: unknown) => {
        throw new SluiceError('unavailable', 'The database does not answer.', { cause });
      });
      return { status: 'ok' as const };
    },
  );
}
