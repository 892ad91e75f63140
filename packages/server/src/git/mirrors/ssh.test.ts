import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createRepository,
  createSshHost,
  findProgram,
  lacks,
  SSHD,
  type SshHost,
  type TestRepository,
} from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type GitServer, startGitServer } from '../../../test/git-server.ts';
import { KEY_TYPES } from './deploy-key.ts';

describe.skipIf(lacks('no sshd (Debian: openssh-server)', findProgram(SSHD) !== null))(
  'over ssh',
  () => {
    let dataDir: string;
    let server: GitServer;
    let host: SshHost;
    let origin: TestRepository;
    let count = 0;

    beforeAll(async () => {
      // A path that a shell and ssh would both read differently if they were let.
      dataDir = await mkdtemp(join(tmpdir(), 'sluice ssh-$HOME-%h-'));
      server = await startGitServer(dataDir, { mirrors: { localNetworks: true, pollMs: 0 } });
      host = await createSshHost();
      origin = await createRepository();
      await origin.commit('first');
    });
    afterAll(async () => {
      await server.stop();
      await host.close();
      await origin.remove();
      await rm(dataDir, { recursive: true, force: true });
    });

    const connect = async (): Promise<string> => {
      count += 1;
      const { uuid } = await server.store.transaction((trx) =>
        server.git.createMirror(trx, {
          organisationUuid: 'organisation',
          slug: `default/ssh-${count}`,
          url: host.urlOf(origin.path),
        }),
      );
      return uuid;
    };

    test.each(KEY_TYPES)(
      'a deploy key of type %s opens it once the host knows it',
      async (type) => {
        const uuid = await connect();
        const publicKey = await server.git.mirrors.makeKey(uuid, type);
        await host.allow('');
        await expect(server.git.fetch(uuid)).rejects.toMatchObject({ reason: 'fetch_auth' });
        await host.allow(publicKey);
        await server.git.fetch(uuid);
        expect(await server.git.history(uuid).head('main')).toBe(await origin.sha());
        const view = await server.git.mirrors.get(uuid);
        expect(view).toMatchObject({ keyType: type, publicKey });
        expect(view?.hostKeys).toMatchObject([
          { state: 'trusted', keyType: 'ecdsa-sha2-nistp256' },
        ]);
        expect(
          JSON.stringify(await server.store.db.selectFrom('mirrors').selectAll().execute()),
        ).not.toContain('PRIVATE KEY');
        expect(await readdir(join(dataDir, 'git', 'remotes'))).toEqual([]);
      },
    );

    test('another host key is refused, shown, and trusted only when it is accepted', async () => {
      const uuid = await connect();
      await host.allow(await server.git.mirrors.makeKey(uuid, 'ED25519'));
      await server.git.fetch(uuid);
      const before = (await server.git.mirrors.get(uuid))?.hostKeys[0]?.fingerprint ?? '';
      await host.changeHostKey();
      const sha = await origin.commit('after the change');

      await expect(server.git.fetch(uuid)).rejects.toMatchObject({
        reason: 'fetch_host_key_changed',
        message: expect.stringContaining('another key'),
      });
      expect(await server.git.history(uuid).present(sha)).toBe(false);
      const keys = (await server.git.mirrors.get(uuid))?.hostKeys ?? [];
      expect(keys.map((key) => key.state)).toEqual(['trusted', 'offered']);
      const offered = keys[1]?.fingerprint ?? '';
      expect(offered).toMatch(/^SHA256:/);
      expect(offered).not.toBe(before);

      await expect(server.git.mirrors.acceptHostKey(uuid, 'SHA256:other')).rejects.toMatchObject({
        code: 'not_found',
      });
      await server.git.mirrors.acceptHostKey(uuid, offered);
      await server.git.fetch(uuid);
      expect(await server.git.history(uuid).present(sha)).toBe(true);
      expect((await server.git.mirrors.get(uuid))?.hostKeys).toMatchObject([
        { state: 'trusted', fingerprint: offered },
      ]);
    });

    test('a host that is down says so and is found again', async () => {
      const uuid = await connect();
      await host.allow(await server.git.mirrors.makeKey(uuid, 'ED25519'));
      await host.stop();
      await expect(server.git.fetch(uuid)).rejects.toMatchObject({ reason: 'fetch_host_down' });
      await host.start();
      await server.git.fetch(uuid);
    });
  },
);
