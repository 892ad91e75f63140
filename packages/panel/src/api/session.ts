import type { Session } from '@sluice/contract';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { api, isSignedOut } from './client.ts';
import { keys } from './keys.ts';

/** The session, or null when nobody is signed in. */
export const sessionQuery = queryOptions({
  queryKey: keys.session(),
  staleTime: 5 * 60_000,
  queryFn: async (): Promise<Session | null> => {
    try {
      return await api.send<Session>('GET', '/iam/v3/session/');
    } catch (error) {
      if (isSignedOut(error)) return null;
      throw error;
    }
  },
});

/** Who is signed in. For pages inside the frame, which is shown to nobody else. */
export function useSession(): Session {
  const { data } = useQuery(sessionQuery);
  if (!data) throw new Error('useSession outside of the frame');
  return data;
}

/**
 * Whether to offer an action in an organisation. A hint only: the server decides. Someone who is no member but sees an
 * application is its collaborator, and is offered everything.
 */
export function useCan(): (organisationUuid: string, action: string) => boolean {
  const session = useSession();
  return (organisationUuid, action) => {
    if (session.user.is_admin) return true;
    const organisation = session.organisations.find(({ uuid }) => uuid === organisationUuid);
    return organisation === undefined || organisation.actions.includes(action);
  };
}
