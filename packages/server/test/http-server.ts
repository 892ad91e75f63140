import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, createClient } from '@sluice/contract';
import { pino } from 'pino';
import { type Accounts, createAccounts, type Scope, type User } from '../src/accounts/index.ts';
import { type Applications, createApplications } from '../src/applications/index.ts';
import { type Ci, createCi } from '../src/ci/index.ts';
import { createGit, type Git } from '../src/git/index.ts';
import { createHttp, type DeployDoor, type Http, type HttpSettings } from '../src/http/index.ts';
import { createSecrets } from '../src/secrets/index.ts';
import { openStore, type Store } from '../src/store/index.ts';

/** The rooms behind a real HTTP server on a free port, without a runner or a router. */
export interface HttpServer {
  readonly url: string;
  readonly dataDir: string;
  readonly store: Store;
  readonly accounts: Accounts;
  readonly applications: Applications;
  readonly git: Git;
  readonly ci: Ci;
  readonly http: Http;
  /** An administrator and owner of the organisation `default`. */
  readonly admin: { readonly user: User; readonly token: string };
  readonly organisationUuid: string;
  client(token: string): Client;
  tokenOf(user: User, scopes?: readonly Scope[]): Promise<string>;
  stop(): Promise<void>;
}

export interface HttpServerOptions {
  readonly settings?: Partial<HttpSettings>;
  readonly deploy: (rooms: {
    store: Store;
    git: Git;
    applications: Applications;
  }) => Promise<DeployDoor>;
}

export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'sluice-http-'));
  const store = await openStore({ dataDir });
  const secrets = await createSecrets({ dataDir, db: store.db, rsaBits: 1024 });
  const { PATH: searchPath = '' } = process.env;
  const git = createGit({ dataDir, store, secrets, searchPath });
  await git.start();
  const accounts = createAccounts({ store });
  const applications = createApplications({
    ...{ store, git, secrets },
    settings: { appDomain: 'localhost', deletionGraceDays: 7 },
    applicationPort: () => 8701,
  });
  git.attach({
    protectedBranches: applications.protectedBranches,
    onDefaultBranch: applications.onDefaultBranch,
  });
  let url = '';
  const ci = createCi({
    ...{ store, git, secrets, accounts },
    settings: {
      publicUrl: () => url,
      strictToolchains: false,
      silenceMs: 60_000,
      totalMs: 60_000,
      afterVerdictMs: 60_000,
      logBytes: 1_000_000,
      leaseMs: 30_000,
      maxJobs: null,
      maxJobsPerRepository: null,
    },
  });
  const deploy = await options.deploy({ store, git, applications });
  const http = await createHttp({
    ...{ store, accounts, applications, ci, deploy, git, secrets },
    settings: {
      data: dataDir,
      host: '127.0.0.1',
      port: 0,
      publicUrl: '',
      trustedProxies: [],
      maxBodyBytes: 1_000_000,
      ...options.settings,
    },
    logger: pino({ level: process.env['SLUICE_TEST_LOG'] ?? 'silent' }),
  });
  url = (await http.listen()).url;
  const user = await accounts.createAdministrator(
    { email: 'admin@example.com', password: 'correct horse battery' },
    'test',
  );
  const tokenOf = async (owner: User, scopes?: readonly Scope[]) => {
    const made = await accounts.createToken(
      { userUuid: owner.uuid, name: 'test', scopes: scopes ?? null },
      'test',
    );
    return made.token;
  };
  const token = await tokenOf(user);
  const me = await accounts.authenticate({ kind: 'token', candidates: [token] });
  if (me === null) throw new Error('the administrator cannot sign in');
  const [organisation] = await accounts.organisations.visibleTo(me);
  return {
    ...{ url, dataDir, store, accounts, applications, git, ci, http, tokenOf },
    admin: { user, token },
    organisationUuid: organisation?.uuid ?? '',
    client: (text) => createClient({ baseUrl: url, token: text, userAgent: 'sluice/test' }),
    stop: async () => {
      await http.close();
      await git.stop();
      await secrets.settled();
      await store.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
