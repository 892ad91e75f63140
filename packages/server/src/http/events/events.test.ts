import { type ClientRequest, request } from 'node:http';
import type { Change } from '@sluice/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type HttpServer, startHttpServer } from '../../../test/http-server.ts';
import { rawRequest } from '../../../test/raw-request.ts';
import type { User } from '../../accounts/index.ts';

/** A reader of `/events/v3/` on its own connection. */
interface Reader {
  readonly changes: Change[];
  readonly resets: number;
  readonly lastId: string;
  readonly ended: boolean;
  until(what: string, holds: () => boolean, withinMs?: number): Promise<void>;
  /** As a network does it: without a word. */
  cut(): void;
}

const read = (token: string, lastId?: string): Promise<Reader> =>
  readAs({ authorization: `Token ${token}` }, lastId);

async function readAs(credential: Record<string, string>, lastId?: string): Promise<Reader> {
  const state = { changes: [] as Change[], resets: 0, lastId: '', ended: false };
  let sent: ClientRequest | null = null;
  let text = '';
  const frame = (block: string) => {
    const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
    state.lastId = field('id') ?? state.lastId;
    if (field('event') === 'change') state.changes.push(JSON.parse(field('data') ?? '') as Change);
    if (field('event') === 'reset') state.resets += 1;
  };
  await new Promise<void>((resolve, reject) => {
    sent = request(
      `${server.url}/events/v3/`,
      {
        headers: {
          ...credential,
          ...(lastId === undefined ? {} : { 'last-event-id': lastId }),
        },
        agent: false,
      },
      (response) => {
        if (response.statusCode !== 200) return reject(new Error(String(response.statusCode)));
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
          const blocks = text.split('\n\n');
          text = blocks.pop() ?? '';
          for (const block of blocks) frame(block);
          resolve();
        });
        response.on('close', () => {
          state.ended = true;
        });
        response.on('error', () => undefined);
      },
    );
    sent.on('error', reject);
    sent.end();
  });
  const until: Reader['until'] = async (what, holds, withinMs = 60_000) => {
    const deadline = Date.now() + withinMs;
    while (!holds()) {
      if (Date.now() > deadline) throw new Error(`not in time: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  return Object.defineProperties({ until, cut: () => sent?.destroy() } as unknown as Reader, {
    changes: { get: () => state.changes },
    resets: { get: () => state.resets },
    lastId: { get: () => state.lastId },
    ended: { get: () => state.ended },
  });
}

let server: HttpServer;
let people = 0;

beforeAll(async () => {
  server = await startHttpServer();
});
afterAll(() => server.stop());

async function person(role: string, organisationUuid = server.organisationUuid): Promise<User> {
  people += 1;
  const email = `watcher${people}@example.com`;
  return server.accounts.createUser({ email, password: null }, { organisationUuid, role }, 'test');
}

const application = async (name: string, organisation = server.organisationUuid) =>
  server.client(server.admin.token).applications.create({ name, organisation });

const emit = (id: string, of: string) =>
  server.store.changes.emit({ kind: 'deployment', id, application: of });

const settled = () => new Promise((resolve) => setTimeout(resolve, 350));

test('tells what the API changes, as it happens', async () => {
  const { uuid, repository_uuid: repository } = await application('Told');
  const reader = await read(server.admin.token);
  const client = server.client(server.admin.token);
  const { results } = await client.environments.list({ application: uuid });
  const environment = results[0]?.uuid ?? '';
  const variable = await client.variables.create({ environment, name: 'A', value: '1' });
  await reader.until('the variable', () =>
    reader.changes.some(
      (one) => one.kind === 'variable' && one.id === variable.uuid && one.application === uuid,
    ),
  );
  await client.environments.update(environment, { branch: 'next' });
  await reader.until('the environment', () =>
    reader.changes.some((one) => one.kind === 'environment' && one.id === environment),
  );
  await client.repositories.update(repository, { active: false });
  await reader.until('the repository, with its application', () =>
    reader.changes.some(
      (one) => one.kind === 'repository' && one.id === repository && one.application === uuid,
    ),
  );
  reader.cut();
});

test('says what changes many times in a moment once, the newest last', async () => {
  const { uuid } = await application('Busy');
  const reader = await read(server.admin.token);
  for (let step = 0; step < 50; step += 1) emit('progress', uuid);
  emit('other', uuid);
  emit('progress', uuid);
  await reader.until('the newest', () => reader.changes.some(({ id }) => id === 'progress'));
  expect(reader.changes.map(({ id }) => id)).toEqual(['other', 'progress']);
  reader.cut();
});

test('a reader that was cut off hears everything that it missed', async () => {
  const { uuid } = await application('Cut');
  const seen = new Set<string>();
  let reader = await read(server.admin.token);
  let next = 0;
  for (let round = 0; round < 6; round += 1) {
    for (let one = 0; one < 20; one += 1) emit(`cut-${next++}`, uuid);
    // Sometimes in the middle of what is being told, sometimes before any of it.
    await new Promise((resolve) => setTimeout(resolve, 60 * round));
    reader.cut();
    for (const { id } of reader.changes) seen.add(id);
    for (let one = 0; one < 20; one += 1) emit(`cut-${next++}`, uuid);
    reader = await read(server.admin.token, reader.lastId);
  }
  await reader.until('the newest', () => reader.changes.some(({ id }) => id === `cut-${next - 1}`));
  for (const { id } of reader.changes) seen.add(id);
  expect(reader.resets).toBe(0);
  expect([...seen].filter((id) => id.startsWith('cut-')).length).toBe(next);
  reader.cut();
});

test('one that comes from an earlier start of the server is told to read everything again', async () => {
  const reader = await read(server.admin.token, 'deadbeef0000-12');
  await reader.until('a reset', () => reader.resets === 1);
  expect(reader.lastId).toBe(server.store.changes.lastId());
  const query = await rawRequest(server.url, '/events/v3/?last_event_id=deadbeef0000-12', {
    headers: { authorization: `Token ${server.admin.token}` },
  });
  expect(query.text).toContain('event: reset');
  reader.cut();
});

test('nobody hears of another organisation, neither now nor after coming back', async () => {
  const other = await server.accounts.createOrganisation({ name: 'Other', owner: null }, 'test');
  const hidden = await application('Hidden', other.uuid);
  const shown = await application('Shown');
  const deployer = await server.tokenOf(await person('deployer'));
  const reader = await read(deployer);
  const place = reader.lastId;
  emit('secret-deployment', hidden.uuid);
  server.store.changes.emit({ kind: 'repository', id: hidden.repository_uuid, application: null });
  emit('our-deployment', shown.uuid);
  await reader.until('ours', () => reader.changes.some(({ id }) => id === 'our-deployment'));
  const back = await read(deployer, place);
  await back.until('ours again', () => back.changes.some(({ id }) => id === 'our-deployment'));
  for (const { changes } of [reader, back]) {
    expect(changes.some(({ id }) => id === 'our-deployment')).toBe(true);
    expect(JSON.stringify(changes)).not.toContain(hidden.uuid);
    expect(JSON.stringify(changes)).not.toContain(hidden.repository_uuid);
    expect(JSON.stringify(changes)).not.toContain('secret-deployment');
  }
  const narrow = await server.tokenOf(await person('owner'), [
    { actions: ['application:read'], applications: [shown.uuid] },
  ]);
  const scoped = await read(narrow);
  const second = await application('Not in scope');
  emit('out-of-scope', second.uuid);
  emit('in-scope', shown.uuid);
  await scoped.until('in scope', () => scoped.changes.some(({ id }) => id === 'in-scope'));
  expect(scoped.changes.map(({ application: of }) => of)).not.toContain(second.uuid);
  for (const one of [reader, back, scoped]) one.cut();
});

test('who leaves an organisation is told to look again, and hears nothing more', async () => {
  const { uuid } = await application('Left');
  const user = await person('deployer');
  const reader = await read(await server.tokenOf(user));
  await settled();
  await server.accounts.organisations.removeMember(server.organisationUuid, user.uuid, 'test');
  await reader.until('a reset', () => reader.resets === 1);
  emit('after-leaving', uuid);
  await settled();
  expect(reader.changes.some(({ id }) => id === 'after-leaving')).toBe(false);
  await server.accounts.organisations.addMember(
    { organisationUuid: server.organisationUuid, userUuid: user.uuid, role: 'deployer' },
    'test',
  );
  await reader.until('another reset', () => reader.resets === 2);
  emit('after-coming-back', uuid);
  await reader.until('the change', () =>
    reader.changes.some(({ id }) => id === 'after-coming-back'),
  );
  reader.cut();
});

test('ends when its token is revoked, and does not open again', async () => {
  const user = await person('deployer');
  const token = await server.tokenOf(user);
  const reader = await read(token);
  const [made] = await server.accounts.listTokens(user.uuid);
  await server.accounts.revokeToken(made?.uuid ?? '', 'test');
  await reader.until('the end', () => reader.ended);
  await expect(read(token, reader.lastId)).rejects.toThrow('401');
});

test('ends when its browser session ends', async () => {
  const user = await server.accounts.createUser(
    { email: 'browser@example.com', password: 'correct horse battery' },
    { organisationUuid: server.organisationUuid, role: 'deployer' },
    'test',
  );
  const host = new URL(server.url).host;
  const origin = { origin: `http://${host}`, 'content-type': 'application/json' };
  const signedIn = await rawRequest(server.url, '/iam/v3/session/', {
    method: 'POST',
    headers: origin,
    body: JSON.stringify({ email: user.email, password: 'correct horse battery' }),
  });
  const [cookie = ''] = signedIn.headers['set-cookie'] ?? [];
  const session = { cookie: cookie.split(';', 1)[0] ?? '' };
  const reader = await readAs(session);
  emit('while-signed-in', (await application('Seen by a browser')).uuid);
  await reader.until('a change', () => reader.changes.some(({ id }) => id === 'while-signed-in'));
  await rawRequest(server.url, '/iam/v3/session/', {
    method: 'DELETE',
    headers: { ...origin, ...session },
  });
  await reader.until('the end', () => reader.ended, 10_000);
  await expect(readAs(session)).rejects.toThrow('401');
});

test('one person has a limited number of streams', async () => {
  const token = await server.tokenOf(await person('deployer'));
  const readers: Reader[] = [];
  for (let one = 0; one < 32; one += 1) readers.push(await read(token));
  await expect(read(token)).rejects.toThrow('429');
  readers.pop()?.cut();
  const again = () =>
    read(token).then(
      (reader) => readers.push(reader),
      () => 0,
    );
  await expect.poll(again, { timeout: 60_000 }).toBe(32);
  for (const reader of readers) reader.cut();
});
