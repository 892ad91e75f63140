import type { ListOf } from '../common.ts';
import type {
  RunnerTokenCreate,
  RunnerTokenCreated,
  RunnerTokenView,
  RunnerView,
} from '../runners.ts';
import { type Send, segment } from './transport.ts';

/** Runners and the tokens that let them in; for administrators. */
export function createRunnersClient(send: Send) {
  const path = (uuid: string, rest = '') => `/ci/v3/runners/${segment(uuid)}/${rest}`;
  return {
    runners: {
      list: () => send<ListOf<RunnerView>>('GET', '/ci/v3/runners/'),
      pause: (uuid: string) => send<RunnerView>('POST', path(uuid, 'pause/')),
      resume: (uuid: string) => send<RunnerView>('POST', path(uuid, 'resume/')),
      remove: (uuid: string) => send<null>('DELETE', path(uuid)),
    },
    runnerTokens: {
      list: () => send<ListOf<RunnerTokenView>>('GET', '/ci/v3/runner-tokens/'),
      create: (body: RunnerTokenCreate) =>
        send<RunnerTokenCreated>('POST', '/ci/v3/runner-tokens/', { body }),
      revoke: (uuid: string) => send<null>('DELETE', `/ci/v3/runner-tokens/${segment(uuid)}/`),
    },
  };
}
