import { ApiError, createClient, UnreachableError } from '@sluice/contract/client';

/** The server that the panel came from; who asks is in its cookie. */
export const api = createClient({ baseUrl: location.origin, token: null, userAgent: null });

export { ApiError, UnreachableError };

/** True where signing in would help. */
export const isSignedOut = (error: unknown): boolean =>
  error instanceof ApiError && error.status === 401;

export const isMissing = (error: unknown): boolean =>
  error instanceof ApiError && error.status === 404;
