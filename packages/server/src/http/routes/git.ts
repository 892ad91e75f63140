import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { SluiceError } from '../../errors.ts';
import { parseGitPath } from '../../git/index.ts';
import { identifyGit } from '../authentication.ts';
import type { App, HttpContext } from '../context.ts';
import { STATUSES } from '../errors.ts';

const Path = Type.Object({ organisation: Type.String(), repository: Type.String() });

/**
 * Git over smart HTTP. Bodies go to git as a stream, and errors are plain text, for git prints them. git sends its
 * credentials only after a 401, and asks the user again after another one.
 */
export function registerGit(app: App, context: HttpContext): void {
  const { accounts, authorise, git } = context;

  // Nothing is read here: the stream belongs to `git http-backend`.
  app.addContentTypeParser(/^application\/x-git-/, (_request, _payload, done) => done(null));

  const serve = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const path = parseGitPath(request.raw.url ?? '');
    if (path === null) return refuse(reply, new SluiceError('not_found', 'Not found.'));
    try {
      request.identity = await identifyGit(accounts, request);
      if (request.identity === null) return askForCredentials(reply);
      const repository = await git.bySlug(path.slug);
      if (repository === null) throw new SluiceError('not_found', 'Repository not found.');
      const target = { repositoryUuid: repository.uuid };
      const identity = await authorise(request, 'repository:read', target);
      const may = async (action: 'repository:push' | 'repository:force-push') =>
        authorise(request, action, target).then(
          () => true,
          (error: unknown) => {
            if (error instanceof SluiceError && error.code === 'forbidden') return false;
            throw error;
          },
        );
      const canPush = path.isPush && (await may('repository:push'));
      const canForce = canPush && (await may('repository:force-push'));
      if (path.isPush && !canPush) {
        throw new SluiceError('forbidden', `You may not push to ${path.slug}.`);
      }
      reply.hijack();
      await git.handleHttp(request.raw, reply.raw, {
        repository,
        resource: path.resource,
        identityUuid: identity.userUuid,
        canPush,
        canForce,
      });
    } catch (error) {
      if (!reply.sent && !reply.raw.headersSent) return refuse(reply, error);
      request.log.error({ err: error }, 'git request failed');
      refuseRaw(reply, error);
    }
    return reply;
  };

  for (const [method, resource, summary] of [
    ['GET', 'info/refs', "A repository's references, for clone, fetch and push"],
    ['POST', 'git-upload-pack', 'Clone and fetch'],
    ['POST', 'git-receive-pack', 'Push'],
  ] as const) {
    app.route({
      method,
      url: `/:organisation/:repository/${resource}`,
      config: { action: 'repository:read', ownAuthentication: true },
      schema: { summary, tags: ['git'], params: Path },
      exposeHeadRoute: false,
      handler: serve,
    });
  }
}

function askForCredentials(reply: FastifyReply): FastifyReply {
  return reply
    .code(401)
    .header('www-authenticate', 'Basic realm="Sluice", charset="UTF-8"')
    .type('text/plain; charset=utf-8')
    .send('Sign in with your email and password, or with an access token as the password.\n');
}

function refuse(reply: FastifyReply, error: unknown): FastifyReply {
  if (!(error instanceof SluiceError) || error.code === 'internal') throw error;
  return reply
    .code(STATUSES[error.code])
    .type('text/plain; charset=utf-8')
    .send(`${error.message}\n`);
}

/** After `hijack` Fastify answers no more. */
function refuseRaw(reply: FastifyReply, error: unknown): void {
  const { raw } = reply;
  if (raw.headersSent) {
    raw.destroy();
    return;
  }
  const known = error instanceof SluiceError && error.code !== 'internal';
  raw.writeHead(known ? STATUSES[error.code] : 500, {
    'content-type': 'text/plain; charset=utf-8',
  });
  raw.end(known ? `${error.message}\n` : 'Something went wrong on the server.\n');
}
