import { mkdir, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import {
  createGit,
  type Git,
  type GitDeps,
  parseGitPath,
  type Repository,
} from '../src/git/index.ts';
import { createSecrets } from '../src/secrets/index.ts';
import type { Store } from '../src/store/index.ts';
import { openStore } from '../src/store/test/open-store.ts';

/** The git room behind a bare `node:http` server: what `http/` does with it, without the rest of Sluice. */
export interface GitServer {
  readonly git: Git;
  readonly store: Store;
  readonly errors: unknown[];
  /** Makes a hosted repository and answers it with its clone URL. */
  host(slug: string): Promise<{ repository: Repository; url: string }>;
  urlOf(repository: Repository): string;
  stop(): Promise<void>;
}

/**
 * The user of the URL decides: `http://force@…` may force-push, `http://reader@…` may only read, everybody else
 * pushes; the name is the identity's uuid.
 */
export async function startGitServer(
  dataDir: string,
  options: Partial<GitDeps> = {},
): Promise<GitServer> {
  const store = await openStore({ dataDir });
  const secrets = await createSecrets({ dataDir, db: store.db, rsaBits: 1024 });
  const errors: unknown[] = [];
  const { PATH: searchPath = '' } = process.env;
  const git = createGit({
    ...{ dataDir, store, secrets, searchPath },
    onError: (error) => errors.push(error),
    ...options,
  });
  await git.start();

  const door = createServer((req, res) => {
    answer(git, req, res).catch((error: unknown) => fail(res, error));
  });
  door.requestTimeout = 0;
  const internal = createServer((req, res) => {
    answerHook(git, req, res).catch((error: unknown) => fail(res, error));
  });
  await mkdir(join(dataDir, 'run'), { recursive: true, mode: 0o700 });
  const socketPath = join(dataDir, 'run', 'internal.sock');
  // A killed server leaves its socket behind.
  await rm(socketPath, { force: true });
  await listen(internal, socketPath);
  await listen(door, 0);
  const { port } = door.address() as AddressInfo;

  const urlOf = ({ slug }: Repository) => `http://pusher:x@127.0.0.1:${port}/${slug}.git`;

  return {
    ...{ git, store, errors, urlOf },
    host: async (slug) => {
      const repository = await store.transaction((trx) =>
        git.createHosted(trx, { organisationUuid: 'organisation', slug }),
      );
      await git.ensureOnDisk(repository.uuid);
      return { repository, url: urlOf(repository) };
    },
    stop: async () => {
      door.closeAllConnections();
      internal.closeAllConnections();
      await Promise.all([close(door), close(internal)]);
      await git.stop();
      await store.close();
    },
  };
}

async function answer(git: Git, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const path = parseGitPath(req.url ?? '');
  const repository = path === null ? null : await git.bySlug(path.slug);
  if (path === null || repository === null) {
    res.writeHead(404).end('no such repository');
    return;
  }
  const credentials = /^Basic (.+)$/.exec(req.headers.authorization ?? '')?.[1];
  if (credentials === undefined) {
    res.writeHead(401, { 'www-authenticate': 'Basic realm="Sluice"' }).end();
    return;
  }
  const [user = ''] = Buffer.from(credentials, 'base64').toString('utf8').split(':');
  await git.handleHttp(req, res, {
    repository,
    resource: path.resource,
    identityUuid: user,
    canPush: user !== 'reader',
    canForce: user === 'force',
  });
}

async function answerHook(git: Git, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  const body = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  const reply =
    req.url === '/internal/git/pre-receive'
      ? await git.preReceive(body)
      : await git.postReceive(body);
  res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(reply));
}

function fail(res: ServerResponse, error: unknown): void {
  if (res.headersSent) {
    res.destroy();
    return;
  }
  const isForbidden = error instanceof Error && 'code' in error && error.code === 'forbidden';
  res.writeHead(isForbidden ? 403 : 500).end(error instanceof Error ? error.message : '');
}

function listen(server: ReturnType<typeof createServer>, where: string | number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    if (typeof where === 'string') server.listen(where, resolve);
    else server.listen(where, '127.0.0.1', resolve);
  });
}

function close(server: ReturnType<typeof createServer>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}
