import { mkdir } from 'node:fs/promises';
import { get } from 'node:http';
import { type Client, createClient } from '@sluice/contract';
import {
  type CommandResult,
  createInstallation,
  createRepository,
  type Files,
  type Installation,
  type InstallationOptions,
  type TestRepository,
} from '@sluice/testing';

/** An application as `sluice app create --json` prints it. */
export interface CreatedApplication {
  readonly id: number;
  readonly uuid: string;
  readonly slug: string;
  readonly git_url: string;
  readonly environments: readonly {
    readonly slug: string;
    readonly uuid: string;
    readonly url: string;
    readonly branch: string;
  }[];
}

export interface Why {
  readonly commit: string;
  readonly build: { readonly state: string; readonly url: string } | null;
  readonly environments: readonly {
    readonly slug: string;
    readonly state: string;
    readonly reason: string | null;
    readonly rule: string | null;
    readonly deployment: string | null;
    readonly superseded_by: string | null;
  }[];
  readonly events: readonly unknown[];
}

/** The administrator of every place. */
export const ADMIN = { email: 'admin@example.com', password: 'correct horse battery staple' };

/** A Sluice with an administrator who is logged in and a machine user. */
export interface Place {
  readonly installation: Installation;
  readonly token: string;
  readonly machineToken: string;
  client(token?: string): Client;
  createApplication(name: string): Promise<Site>;
  destroy(): Promise<void>;
}

/** One application with a work tree of its repository. */
export interface Site {
  readonly application: CreatedApplication;
  readonly repository: TestRepository;
  environment(slug: string): { slug: string; uuid: string; url: string; branch: string };
  /** Commits the files on the branch that is checked out, pushes it and answers the SHA. */
  push(message: string, files: Files): Promise<string>;
  /** Runs `sluice` for this application. */
  sluice(...words: string[]): Promise<CommandResult>;
  why(commit: string): Promise<Why>;
  /** Waits until `accept` says yes of what became of the commit in `environment`; throws after `timeoutMs`. */
  until(
    commit: string,
    environment: string,
    accept: (state: string) => boolean,
    timeoutMs?: number,
  ): Promise<Why>;
  /** Fetches an environment's page; status 0 when nothing answers, and why in place of the text. */
  page(
    slug: string,
    path?: string,
  ): Promise<{ status: number; body: string; commit: string | null }>;
}

export async function createPlace(options: InstallationOptions = {}): Promise<Place> {
  const installation = await createInstallation(options);
  const { dataDir } = installation;
  const admin = ['admin', 'create-user', '--data', dataDir, '--email'];
  await installation.must([...admin, ADMIN.email, '--password-stdin'], {
    input: `${ADMIN.password}\n`,
  });
  await installation.must([...admin, 'ci@example.com', '--machine']);
  const tokenOf = async (email: string) =>
    (
      await installation.must(['admin', 'create-token', '--data', dataDir, '--email', email])
    ).trim();
  const token = await tokenOf('admin@example.com');
  const machineToken = await tokenOf('ci@example.com');
  await mkdir(installation.home, { recursive: true });
  await installation.must(['--zone', installation.url(), 'login', token]);

  return {
    installation,
    token,
    machineToken,
    client: (other = token) =>
      createClient({ baseUrl: installation.url(), token: other, userAgent: 'sluice-tests' }),
    createApplication: (name) => createSite(installation, token, name),
    destroy: () => installation.destroy(),
  };
}

async function createSite(installation: Installation, token: string, name: string): Promise<Site> {
  const printed = await installation.must(['app', 'create', name, '--json']);
  const application: CreatedApplication = JSON.parse(printed);
  const repository = await createRepository();
  const remote = new URL(application.git_url);
  remote.username = 'admin@example.com';
  remote.password = token;
  await repository.git('remote', 'add', 'origin', remote.toString());

  const sluice = (...words: string[]) =>
    installation.sluice([...words, '--remote-id', String(application.id)], {
      cwd: repository.path,
    });
  const why = async (commit: string): Promise<Why> => {
    const result = await sluice('why', commit, '--json');
    if (result.code !== 0) throw new Error(`why ${commit}: ${result.stderr}`);
    return JSON.parse(result.stdout);
  };
  const environment = (slug: string) => {
    const found = application.environments.find((candidate) => candidate.slug === slug);
    if (found === undefined) throw new Error(`no environment ${slug}`);
    return found;
  };

  return {
    application,
    repository,
    environment,
    sluice,
    why,
    push: async (message, files) => {
      const sha = await repository.commit(message, files);
      await repository.git('push', '--quiet', 'origin', 'HEAD');
      return sha;
    },
    until: async (commit, slug, accept, timeoutMs = 90_000) => {
      const end = Date.now() + timeoutMs;
      for (;;) {
        const answer = await why(commit);
        const place = answer.environments.find((candidate) => candidate.slug === slug);
        if (place !== undefined && accept(place.state)) return answer;
        if (Date.now() > end) {
          throw new Error(
            `${commit} in ${slug} is ${JSON.stringify(place)}, build ${JSON.stringify(answer.build)}\n${installation.output().slice(-4_000)}`,
          );
        }
        await new Promise((done) => setTimeout(done, 150));
      }
    },
    page: (slug, path = '/') => fetchPage(new URL(path, environment(slug).url)),
  };
}

/** `*.localhost` is this machine, whatever the resolver thinks of it. */
export function fetchPage(
  url: URL,
): Promise<{ status: number; body: string; commit: string | null }> {
  return new Promise((answer) => {
    const request = get(
      {
        host: '127.0.0.1',
        port: url.port,
        path: url.pathname,
        headers: { host: url.host },
        agent: false,
      },
      (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text: string) => {
          body += text;
        });
        response.on('end', () => {
          const commit = response.headers['x-commit'];
          answer({
            status: response.statusCode ?? 0,
            body,
            commit: typeof commit === 'string' ? commit : null,
          });
        });
      },
    );
    request.on('error', ({ message }) => answer({ status: 0, body: message, commit: null }));
    request.setTimeout(20_000, () => request.destroy(new Error('no answer within 20 s')));
  });
}

/** A small web application that says its commit; `text` is its page, `extra` goes before it starts to listen. */
export function webApplication(text: string, extra = ''): Files {
  return {
    Procfile: 'web: python3 app.py\n',
    'app.py': `import os, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
${extra}
class Page(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def do_GET(self):
        body = ${JSON.stringify(text)}.encode()
        self.send_response(200)
        self.send_header('X-Commit', os.environ['GIT_COMMIT'])
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args):
        pass
ThreadingHTTPServer(('127.0.0.1', int(os.environ['PORT'])), Page).serve_forever()
`,
  };
}

/** A `.travis.yml` without a language; `script` and what follows it are given. */
export function travis(script: string, afterSuccess: readonly string[] = []): Files {
  const after =
    afterSuccess.length === 0
      ? ''
      : `after_success:\n${afterSuccess.map((line) => `  - ${line}\n`).join('')}`;
  return { '.travis.yml': `language: generic\nscript: ${script}\n${after}` };
}
