import type { HealthResult } from './health-check.ts';
import { RuntimeFailure } from './runtime.ts';

/** A health check in one line: the URL, how long it took, how often it was tried, and what was seen last. */
export function describeHealth(result: HealthResult, port: number): string {
  const host = result.host.includes(':') ? `[${result.host}]` : result.host;
  const seconds = (result.elapsedMs / 1_000).toFixed(1);
  const attempts = `${result.attempts} attempt${result.attempts === 1 ? '' : 's'}`;
  const verdict = result.healthy ? 'healthy' : 'not healthy';
  return `http://${host}:${port}/ is ${verdict} after ${seconds} s and ${attempts}: ${result.last}`;
}

/** An instance that ended while it was checked, with its last words. */
export function saidLast(
  service: string,
  how: string,
  said: readonly string[],
  reasonCode = 'exited',
): RuntimeFailure {
  const words = said.findLast((line) => line.trim() !== '');
  const ending = words === undefined ? '; it wrote nothing.' : `; it wrote last: ${shorten(words)}`;
  return new RuntimeFailure(reasonCode, `${service} ${how} during the health check${ending}`, {
    details: said.map((line) => `    ${line}`).join('\n'),
  });
}

const shorten = (line: string) => (line.length <= 200 ? line : `${line.slice(0, 200)}...`);
