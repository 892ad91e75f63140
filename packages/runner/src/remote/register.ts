import type { RunnerMachine } from '@sluice/contract';
import { connect, ProtocolError } from '../agent/connection.ts';
import { whileUnreachable } from '../agent/retry.ts';
import { type Identity, readIdentity, writeIdentity } from './identity.ts';

export interface RegisterOptions {
  server: string;
  /** A registration token, a runner's own, or null: the identity that is kept. */
  token: string | null;
  name: string;
  ephemeral: boolean;
  machine: RunnerMachine;
  directory: string;
}

/**
 * Who this runner is: as it was when it registered with that server, or newly registered with the token. A one-job runner
 * is a new one each time and leaves no identity behind. Rejects with a sentence when there is neither.
 */
export async function identify(options: RegisterOptions, signal: AbortSignal): Promise<Identity> {
  const { server, token, name, ephemeral, machine, directory } = options;
  if (token?.startsWith('slr_')) return { server, uuid: '', name, token };
  const kept = ephemeral ? null : await readIdentity(directory);
  if (kept !== null && kept.server === server) return kept;
  if (token === null) {
    throw new Error(
      'This machine is not registered with that server. Make a registration token there (sluice runner token create, or Runners in the panel) and give it with --token.',
    );
  }
  const connection = connect({ url: server, token });
  try {
    const made = await whileUnreachable(
      () => connection.register({ name, ephemeral, machine }),
      signal,
    );
    const identity = { server, uuid: made.uuid, name: made.name, token: made.token };
    if (!ephemeral) await writeIdentity(directory, identity);
    return identity;
  } catch (error) {
    if (error instanceof ProtocolError && error.kind === 'refused' && !token.startsWith('slg_')) {
      throw new Error(
        'That is no registration token: those begin with slg_. Make one with sluice runner token create, or under Runners in the panel.',
        { cause: error },
      );
    }
    throw error;
  } finally {
    connection.close();
  }
}
