import { createPublicKey, verify } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createCi } from '../index.ts';
import { type CiKit, createCiKit, type KitOptions } from '../test/kit.ts';
import { receiveMail, receivePosts } from '../test/receivers.ts';
import { ARTIFACTS, CACHES, notifyIn, SETTINGS } from '../test/settings.ts';

let kit: CiKit;
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await kit.close();
  for (const close of closing.splice(0)) await close();
});

const start = async (notify: KitOptions['notify'] = {}) => {
  kit = await createCiKit({ notify });
};
const posts = async (status?: (count: number) => number) => {
  const receiver = await receivePosts(status);
  closing.push(receiver.close);
  return receiver;
};
const mails = async (refusals = 0) => {
  const receiver = await receiveMail(refusals);
  closing.push(receiver.close);
  return receiver;
};

const YAML = 'language: generic\nscript: true\n';
const hooks = (url: string, more = '') =>
  `${YAML}notifications:\n  email: false\n  webhooks:\n    urls: ["${url}"]\n${more}`;

let pages = 0;
const build = async (yaml: string, verdict: 'passed' | 'failed' | 'errored' = 'passed') => {
  pages += 1;
  const pushed = await kit.push(yaml, { files: { page: String(pages) } });
  await kit.run(await kit.lease(), verdict);
  return pushed;
};

const rows = () => kit.store.db.selectFrom('notifications').selectAll().orderBy('id').execute();
/** The rows once none of them waits for its first attempt any more. */
const attempted = async () => {
  for (;;) {
    const all = await rows();
    if (all.length > 0 && all.every((row) => row.attempts > 0)) return all;
    await kit.store.events.wait('never', 20);
  }
};
/** Lets the pauses between attempts pass. */
const later = () => {
  kit.advance(24 * 3_600_000);
  kit.store.events.emit('notifications');
};
const payloadIn = (body: string) => JSON.parse(new URLSearchParams(body).get('payload') ?? '');

describe('a webhook', () => {
  it('gets the payload that Travis gave, signed by the key of the installation', async () => {
    await start();
    const receiver = await posts();
    const { sha } = await build(hooks(`${receiver.url}/hook?a=1`));
    await receiver.until(1);
    const [post] = receiver.messages;
    expect(post).toMatchObject({
      path: '/hook?a=1',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'travis-repo-slug': 'acme/site',
        'sluice-delivery': '1',
      },
    });
    const text = new URLSearchParams(post?.body).get('payload') ?? '';
    expect(JSON.parse(text)).toMatchObject({
      ...{ number: '1', type: 'push', state: 'passed', status: 0, result: 0 },
      ...{ status_message: 'Passed', branch: 'main', commit: sha, pull_request: false, tag: null },
      ...{ message: 'Change the page', duration: expect.any(Number) },
      build_url: expect.stringContaining('http://sluice.test/builds/'),
      author_email: expect.stringContaining('@'),
      repository: { id: expect.any(Number), name: 'site', owner_name: 'acme' },
      matrix: [{ number: '1.1', state: 'passed', config: { language: 'generic' } }],
    });
    const key = createPublicKey(await kit.ci.webhookKey());
    const check = (hash: string, signature: unknown, body = text) =>
      verify(hash, Buffer.from(body), key, Buffer.from(String(signature), 'base64'));
    expect(check('sha1', post?.headers['signature'])).toBe(true);
    const [, newer] = String(post?.headers['sluice-signature']).split('sha256=');
    expect(check('sha256', newer)).toBe(true);
    expect(check('sha256', newer, `${text} `)).toBe(false);
    expect((await stat(join(kit.dataDir, 'keys', 'webhook.pem'))).mode & 0o777).toBe(0o600);
  });

  it('is told of changes by their names, and of the begin where it asks for it', async () => {
    await start();
    const receiver = await posts();
    const yaml = hooks(receiver.url, '    on_start: always\n');
    for (const verdict of ['passed', 'failed', 'errored', 'passed'] as const) {
      await build(yaml, verdict);
    }
    await receiver.until(8);
    const words = receiver.messages.map((post) => {
      const { number, status_message: message } = payloadIn(post.body);
      return `${number} ${message}`;
    });
    expect(words.toSorted()).toEqual(
      [
        ...['1 Pending', '1 Passed', '2 Pending', '2 Broken'],
        ...['3 Pending', '3 Errored', '4 Pending', '4 Fixed'],
      ].toSorted(),
    );
  });

  it('stands encrypted in the file, and its address gets into no answer', async () => {
    await start();
    const receiver = await posts((count) => (count === 1 ? 500 : 200));
    const secret = await kit.encrypt(`${receiver.url}/secret-path`);
    const yaml = `${YAML}notifications: {email: false, webhooks: {secure: "${secret}"}}\n`;
    const { buildId } = await build(yaml);
    await receiver.until(1);
    expect(receiver.messages[0]?.path).toBe('/secret-path');
    const [row] = await attempted();
    expect(row?.last_error).toBe('The receiver answered with HTTP 500.');
    expect(JSON.stringify([row, await kit.ci.builds.get(buildId)])).not.toContain('secret-path');
  });

  it('is tried again with pauses until it answers, and each receiver for itself', async () => {
    await start();
    const down = await posts((count) => (count < 3 ? 503 : 204));
    const up = await posts();
    await build(
      `${YAML}notifications: {email: false, webhooks: {urls: ["${down.url}", "${up.url}"]}}\n`,
    );
    await Promise.all([down.until(1), up.until(1)]);
    expect((await attempted()).map((row) => row.state)).toEqual(['waiting', 'sent']);
    later();
    await down.until(2);
    // The second failure has to be on disk before its pause can pass.
    while ((await rows())[0]?.attempts !== 2) await kit.store.events.wait('never', 20);
    later();
    await down.until(3);
    while ((await rows())[0]?.state !== 'sent') await kit.store.events.wait('never', 20);
    const ids = down.messages.map((post) => post.headers['sluice-delivery']);
    expect(new Set(ids).size).toBe(1);
    expect(up.messages).toHaveLength(1);
  });

  it('is given up in the end, follows no redirect, and what is no URL is dropped', async () => {
    await start();
    const elsewhere = await posts(() => 302);
    await build(
      `${YAML}notifications: {email: false, webhooks: {urls: ["${elsewhere.url}", "file:///etc/passwd"]}}\n`,
    );
    for (let count = 1; count <= 7; count++) {
      await elsewhere.until(count);
      while ((await rows())[0]?.attempts !== count) await kit.store.events.wait('never', 10);
      later();
    }
    const [first, second] = await rows();
    expect(first).toMatchObject({ state: 'failed', attempts: 7 });
    expect(second).toMatchObject({ state: 'dropped', attempts: 1 });
    const shown = await kit.ci.builds.get(first?.build_id ?? 0);
    expect(shown?.notices).toEqual([
      'A notification (webhooks) was not delivered: The receiver answered with HTTP 302.',
      'A notification (webhooks) was not delivered: The address is no http or https URL.',
    ]);
    expect(elsewhere.messages.every((post) => post.path === '/')).toBe(true);
  });

  it('is told after a restart of what happened before it', async () => {
    await start();
    const receiver = await posts();
    await kit.push(hooks(receiver.url));
    const leased = await kit.lease();
    await kit.store.db.updateTable('builds').set({ started_at: '2020-01-01T00:00:00Z' }).execute();
    await kit.ci.stop();
    await kit.run(leased);
    expect(receiver.messages).toHaveLength(0);
    expect(await rows()).toMatchObject([{ state: 'waiting', attempts: 0 }]);
    const { store, git, secrets, accounts, dataDir } = kit;
    const next = createCi({
      ...{ store, git, secrets, accounts, settings: SETTINGS },
      ...{ artifacts: ARTIFACTS, caches: CACHES, notify: notifyIn(dataDir) },
    });
    await next.start();
    await receiver.until(1);
    expect(payloadIn(receiver.messages[0]?.body ?? '')).toMatchObject({ number: '1' });
    await next.stop();
  });
});

describe('email', () => {
  it('goes to author and committer known here, when things change', async () => {
    const receiver = await mails();
    await start({ smtpUrl: receiver.url });
    const email = (await kit.work.git('log', '-1', '--format=%ae').catch(() => '')) || '';
    const first = await kit.push(YAML, { files: { page: 'first' } });
    const info = await kit.git.commit(kit.repositoryUuid, first.sha);
    const known = info?.author.email ?? email;
    await kit.accounts.createUser({ email: known, password: null }, null, 'test');
    await kit.run(await kit.lease());
    await receiver.until(1);
    expect(receiver.messages[0]).toMatchObject({ from: 'sluice@sluice.test', to: [known] });
    expect(receiver.messages[0]?.text).toMatch(/^Subject: Passed: acme\/site#1 \(main - /m);
    await build(YAML);
    await build(YAML, 'failed');
    await receiver.until(2);
    expect(receiver.messages[1]?.text).toMatch(/^Subject: Broken: acme\/site#3/m);
    expect(receiver.messages[1]?.text).toContain('3.1 failed: http://sluice.test/jobs/');
    expect(receiver.messages).toHaveLength(2);
  });

  it('goes to nobody who is not known, and to listed recipients whoever they are', async () => {
    const receiver = await mails(1);
    await start({ smtpUrl: receiver.url });
    await build(YAML);
    expect(await attempted()).toMatchObject([{ state: 'dropped' }, { state: 'dropped' }]);
    const secret = await kit.encrypt('hidden@example.com');
    await build(
      `${YAML}notifications:\n  email:\n    recipients: [ann@example.com, "a@b.test, c@d.test", {secure: "${secret}"}]\n    on_success: always\n`,
    );
    const all = await attempted();
    expect(
      all
        .slice(2)
        .map((row) => row.state)
        .toSorted(),
    ).toEqual(['dropped', 'sent', 'waiting']);
    later();
    await receiver.until(2);
    expect(receiver.messages.flatMap((mail) => mail.to).toSorted()).toEqual([
      'ann@example.com',
      'hidden@example.com',
    ]);
  });

  it('is dropped with the reason where no server is set', async () => {
    await start();
    await build(`${YAML}notifications: {email: ann@example.com}\n`);
    expect(await attempted()).toMatchObject([
      { state: 'dropped', last_error: expect.stringContaining('smtp_url') },
    ]);
  });
});

describe('Slack', () => {
  it('gets a message in the colour of the result, by the file’s own template', async () => {
    await start();
    const receiver = await posts();
    await build(
      `${YAML}notifications:
  email: false
  slack:
    rooms: ["${receiver.url}/services/T0/B0/x#builds"]
    template: ["%{repository_slug} %{result}", "%{unknown} %{branch}"]
`,
      'failed',
    );
    await receiver.until(1);
    expect(receiver.messages[0]?.path).toBe('/services/T0/B0/x');
    expect(JSON.parse(receiver.messages[0]?.body ?? '')).toEqual({
      channel: '#builds',
      attachments: [
        {
          color: 'danger',
          text: 'acme/site failed\n%{unknown} main',
          fallback: 'acme/site failed\n%{unknown} main',
        },
      ],
    });
  });
});

describe('a build that is not trusted', () => {
  it('tells nobody: its file is a stranger’s', async () => {
    await start();
    const receiver = await posts();
    await kit.push(hooks(receiver.url));
    const leased = await kit.lease();
    await kit.store.db.updateTable('builds').set({ trusted: 0 }).execute();
    await kit.run(leased);
    expect(await rows()).toEqual([]);
  });
});
