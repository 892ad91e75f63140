import { isTooShortToMask, SHORTEST_MASKED } from '@sluice/contract/masking';
import type { Terminal } from './terminal.ts';

/** Says so when one of these secrets is too short to be masked in logs (spec/faults.md 28). */
export function noteShortSecrets(terminal: Terminal, secrets: readonly string[]): void {
  if (!secrets.some(isTooShortToMask)) return;
  const words = `A secret of fewer than ${SHORTEST_MASKED} characters is not masked in logs: choose a longer one.`;
  terminal.note(terminal.styleNote('yellow', words));
}
