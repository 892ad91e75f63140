// Run by git before it accepts a push; a status other than 0 refuses all of it. In doubt it refuses.
import type { PreReceiveAnswer } from '../types.ts';
import { call } from './call.ts';
import { hookContext, judgeFastForward, oversized, readUpdates, requestsOf } from './updates.ts';

const TIMEOUT_MS = 30_000;

async function main(): Promise<number> {
  const context = hookContext(process.env);
  if (context === null) return refuse(['this repository takes pushes only through Sluice']);
  const updates = await judgeFastForward(await readUpdates(process.stdin));
  const tooLarge = await oversized(process.env, context.maxObjectBytes);
  if (tooLarge.length > 0) return refuse(tooLarge);
  const refusals: string[] = [];
  for (const body of requestsOf(context, updates)) {
    const answer = await call(context.socketPath, '/internal/git/pre-receive', body, TIMEOUT_MS);
    const { accepted, lines } = answer as PreReceiveAnswer;
    if (!accepted) refusals.push(...lines);
  }
  return refusals.length === 0 ? 0 : refuse(refusals);
}

function refuse(lines: readonly string[]): number {
  process.stderr.write(`\nThe push was refused:\n${lines.map((line) => `  ${line}\n`).join('')}\n`);
  return 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  const why = error instanceof Error ? error.message : String(error);
  process.exitCode = refuse([`Sluice could not check it (${why}); try again`]);
}
