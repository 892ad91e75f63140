import { setTimeout as pause } from 'node:timers/promises';
import type { Credentials } from '../../types.ts';
import type { Inside } from './inside.ts';
import { DataFailure, type ServiceData } from './types.ts';

const PORT = '6379';
/** Of the server that brings what is restored; in the service's container, so nobody else sees it. */
const SOURCE_PORT = '6399';
const LOOK_EVERY_MS = 100;
const AT_MOST_MS = 30 * 60_000;

/**
 * A second server reads the dump, and the service becomes its replica for as long as it takes to have all of it: Redis changes over by
 * itself, its append-only file too. Until then it answers with what it had; while it is a replica it takes no writes.
 */
export function redisData(inside: Inside, { password }: Credentials): ServiceData {
  const variables = { REDISCLI_AUTH: password };
  const dumpOf = (id: string) => `/data/sluice-new-${id}.rdb`;
  const doneOf = (id: string) => `/data/sluice-done-${id}`;
  const say = async (...words: string[]) =>
    (
      await inside.text({
        words: ['redis-cli', '-h', '127.0.0.1', '-p', PORT, ...words],
        variables,
      })
    ).trim();
  const saySource = async (...words: string[]) =>
    (
      await inside.text({ words: ['redis-cli', '-h', '127.0.0.1', '-p', SOURCE_PORT, ...words] })
    ).trim();
  const isThere = async (path: string) =>
    (await inside.text({ words: ['ls', '/data'] }))
      .split('\n')
      .includes(path.slice('/data/'.length));
  const endSource = () => saySource('SHUTDOWN', 'NOSAVE').catch(() => undefined);

  const until = async (what: string, isSo: () => Promise<boolean>): Promise<void> => {
    const giveUpAt = Date.now() + AT_MOST_MS;
    while (!(await isSo())) {
      if (Date.now() > giveUpAt) throw new DataFailure(`Redis did not ${what} within 30 minutes.`);
      await pause(LOOK_EVERY_MS);
    }
  };

  const expectOk = async (...words: string[]) => {
    const answer = await say(...words);
    // redis-cli exits 0 whatever the server says.
    if (answer !== 'OK') throw new DataFailure(`Redis refused ${words[0]}: ${answer}`);
  };

  return {
    format: 'rdb',
    dump: (signal) =>
      inside.stream({
        words: ['redis-cli', '-h', '127.0.0.1', '-p', PORT, '--rdb', '-'],
        variables,
        signal,
      }),

    load: async (id, dump, format, signal) => {
      if (format !== 'rdb') throw new DataFailure('This is no dump of a Redis.');
      await inside.text({
        words: ['sh', '-c', 'cat > "$1"', 'sh', dumpOf(id)],
        input: dump,
        signal,
      });
      await inside.text({ words: ['redis-check-rdb', dumpOf(id)], signal });
      await endSource();
      const file = dumpOf(id).slice('/data/'.length);
      await inside.text({
        words: [
          ...['redis-server', '--port', SOURCE_PORT, '--bind', '127.0.0.1', '--daemonize', 'yes'],
          ...['--dir', '/data', '--dbfilename', file, '--save', '', '--appendonly', 'no'],
          ...['--repl-diskless-sync-delay', '0', '--logfile', '/dev/null'],
        ],
      });
      await until('read the dump', async () => {
        signal.throwIfAborted();
        return (await saySource('PING').catch(() => '')) === 'PONG';
      });
    },

    switch: async (id) => {
      await expectOk('REPLICAOF', '127.0.0.1', SOURCE_PORT);
      await until('take over the dump', async () => isInStep(await say('INFO', 'replication')));
      // It takes no writes yet: what comes after this is never lost to a second attempt.
      await inside.text({ words: ['touch', doneOf(id)] });
      await expectOk('REPLICAOF', 'NO', 'ONE');
    },

    wasSwitched: async (id) => {
      const done = await isThere(doneOf(id));
      await expectOk('REPLICAOF', 'NO', 'ONE');
      return done;
    },

    clean: async (id) => {
      await expectOk('REPLICAOF', 'NO', 'ONE');
      await endSource();
      await inside.text({ words: ['rm', '-f', dumpOf(id), doneOf(id)] });
    },
  };
}

const isInStep = (info: string): boolean =>
  info.includes('master_link_status:up') && info.includes('master_sync_in_progress:0');
