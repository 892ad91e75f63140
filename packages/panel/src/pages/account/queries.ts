import { queryOptions } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';

export const securityQuery = queryOptions({
  queryKey: keys.account('security'),
  queryFn: api.account.security,
});

export const sessionsQuery = queryOptions({
  queryKey: keys.account('sessions'),
  queryFn: api.session.list,
});

export const tokensQuery = queryOptions({
  queryKey: keys.account('tokens'),
  queryFn: api.tokens.list,
});
