import { createHmac, randomUUID } from 'node:crypto';
import type { Application, WebhookMade } from '@sluice/contract';
import type { OutsideHost, TestRepository } from '@sluice/testing';
import { fetchPage, type Place, webApplication } from './site.ts';

/** An application whose repository lies on another host, with that host's webhook. */
export interface OutsideSite {
  readonly application: Application;
  /** The environment that the tests deploy to. */
  readonly live: { readonly uuid: string; readonly url: string };
  readonly work: TestRepository;
  /** Commits a web application and pushes it by force. Answers the SHA. */
  push(message: string): Promise<string>;
  /** Delivers the host's webhook for a push of `after` and answers the status. */
  webhook(after: string): Promise<number>;
  /** The commit that the page says it is; null where nothing is served. */
  liveCommit(): Promise<string | null>;
  /** Runs `sluice` for this application; throws unless it exits 0. */
  sluice(...words: string[]): Promise<string>;
  /** The ways of asking that R13 of spec/divio.md names; only the first names the commit. */
  readonly signals: Readonly<Record<'cli' | 'v1 curl' | 'v3 POST', Signal>>;
}

/** Throws when it is not accepted. */
export type Signal = (sha: string) => Promise<unknown>;

/** For a place whose mirrors may reach this machine. */
export const OUTSIDE_FLAGS: readonly string[] = [
  '--mirror-local-networks',
  '--mirror-protocols=http,https,ssh',
  '--mirror-poll-seconds=3600',
];

/** Makes `team/<name>` on the host with a first commit, and the application as a person does it; nothing is deployed. */
export async function createOutsideSite(
  place: Place,
  host: OutsideHost,
  name: string,
): Promise<OutsideSite> {
  const { url, work } = await host.create(`team/${name}`);
  const push = async (message: string): Promise<string> => {
    const sha = await work.commit(message, webApplication(message));
    await work.git('push', '-q', '--force', 'origin', 'HEAD');
    return sha;
  };
  await push('first');
  const { must } = place.installation;
  // The token comes by standard input.
  const printed = await must(
    ['app', 'create', name, '--repository', url, '--username', host.user, '--token', '--json'],
    { input: `${host.password}\n` },
  );
  const client = place.client();
  const application = await client.applications.get(JSON.parse(printed).uuid);
  const { results } = await client.environments.list({
    ...{ application: application.uuid, slug: 'live' },
  });
  const [live] = results;
  if (live === undefined) throw new Error(`${name} has no environment live`);
  const words = ['--remote-id', String(application.id)];
  const sluice = (...given: string[]) => must([...given, ...words]);
  const hook: WebhookMade = JSON.parse(
    await sluice('repo', 'webhook', '--provider', 'github', '--json'),
  );

  return {
    ...{ application, live, work, push, sluice },
    webhook: async (after) => {
      const body = JSON.stringify({
        ...{ ref: 'refs/heads/main', after, repository: { full_name: `team/${name}` } },
        at: Date.now(),
      });
      const signature = createHmac('sha256', hook.secret).update(body).digest('hex');
      const { status } = await fetch(hook.url, {
        method: 'POST',
        body,
        headers: {
          'content-type': 'application/json',
          'x-github-event': 'push',
          'x-github-delivery': randomUUID(),
          'x-hub-signature-256': `sha256=${signature}`,
        },
      });
      return status;
    },
    liveCommit: async () => (await fetchPage(new URL(live.url))).commit,
    signals: {
      cli: (sha) =>
        must(['app', 'deploy', 'live', ...words], {
          environment: { CI: 'true', GITHUB_SHA: sha },
        }),
      'v1 curl': async () => {
        const address = `${place.installation.url()}/api/v1/website/${application.id}/deploy/`;
        const answer = await fetch(address, {
          method: 'POST',
          body: new URLSearchParams({ stage: 'live' }),
          headers: { authorization: `Basic ${place.machineToken}` },
        });
        if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
      },
      'v3 POST': () => client.deployments.create({ environment: live.uuid }),
    },
  };
}
