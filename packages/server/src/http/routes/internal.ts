import { Type } from 'typebox';
import type { App, HttpContext } from '../context.ts';

const HookBody = Type.Object({
  token: Type.String(),
  repositoryUuid: Type.String(),
  updates: Type.Array(
    Type.Object({
      ref: Type.String(),
      before: Type.String(),
      after: Type.String(),
      fastForward: Type.Boolean(),
    }),
  ),
  options: Type.Array(Type.String()),
});

/** What git's hooks ask while a push is at work. Reached through the Unix socket alone. */
export function registerInternal(app: App, { git }: HttpContext): void {
  app.post(
    '/internal/git/pre-receive',
    {
      config: { internal: true },
      schema: {
        summary: 'May this push be?',
        hide: true,
        body: HookBody,
        response: {
          200: Type.Object({ accepted: Type.Boolean(), lines: Type.Array(Type.String()) }),
        },
      },
    },
    async (request) => {
      const answer = await git.preReceive(request.body);
      return { accepted: answer.accepted, lines: [...answer.lines] };
    },
  );

  app.post(
    '/internal/git/post-receive',
    {
      config: { internal: true },
      schema: {
        summary: 'This push is in',
        hide: true,
        body: HookBody,
        response: { 200: Type.Object({ lines: Type.Array(Type.String()) }) },
      },
    },
    async (request) => ({ lines: [...(await git.postReceive(request.body)).lines] }),
  );
}
