/** When a crashed instance is started again: 1, 2, 4, ... 60 s, from the beginning after a healthy minute. */
export interface BackOff {
  readonly firstMs: number;
  readonly longestMs: number;
  readonly healthyAfterMs: number;
}

export const defaultBackOff: BackOff = {
  firstMs: 1_000,
  longestMs: 60_000,
  healthyAfterMs: 60_000,
};

/** `crashes` counts those in a row before this one; `ranMs` is how long it ran this time. */
export function nextStart(
  backOff: BackOff,
  crashes: number,
  ranMs: number,
): { delayMs: number; crashes: number } {
  const inARow = ranMs >= backOff.healthyAfterMs ? 0 : crashes;
  const delayMs = Math.min(backOff.firstMs * 2 ** Math.min(inARow, 30), backOff.longestMs);
  return { delayMs, crashes: inARow + 1 };
}
