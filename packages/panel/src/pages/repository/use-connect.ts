import type { ApplicationLine } from '@sluice/contract';
import { api } from '../../api/client.ts';
import { useControl } from '../running/use-control.ts';
import type { Given } from './address-fields.tsx';

/** Makes a hosted repository a mirror of another; the server judges the address. */
export function useConnect(application: ApplicationLine, done: () => void) {
  return useControl(
    ({ url, username, token, replace }: Given & { readonly replace: boolean }) =>
      api.sources.connect(application.uuid, {
        ...{ url, replace },
        ...(username === '' ? {} : { username }),
        ...(token === '' ? {} : { password: token }),
      }),
    done,
  );
}
