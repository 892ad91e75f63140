import { ApiError, UnreachableError } from '@sluice/contract';

const PAUSES_MS = [500, 1_000, 2_000, 4_000, 8_000];
/** What a server, or a proxy in front of it, answers while the server starts or stops. */
const PASSING = [502, 503, 504];

/** Whether trying again may help: the server is being restarted, or the network is away for a moment. */
export const isPassing = (error: unknown): error is UnreachableError | ApiError =>
  error instanceof UnreachableError ||
  (error instanceof ApiError && PASSING.includes(error.status));

/** Calls again, some 16 s long, while the server is away. */
export async function patiently<T>(
  call: () => Promise<T>,
  onRetry: (error: Error) => void,
): Promise<T> {
  for (const ms of PAUSES_MS) {
    try {
      return await call();
    } catch (error) {
      if (!isPassing(error)) throw error;
      onRetry(error);
      await pause(ms);
    }
  }
  return call();
}

export function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
