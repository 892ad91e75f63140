// Run by git after it has accepted a push. It can only tell: the push stands, whatever happens here.
import type { PostReceiveAnswer } from '../types.ts';
import { call } from './call.ts';
import { hookContext, readUpdates, requestsOf } from './updates.ts';

const TIMEOUT_MS = 10_000;

async function main(): Promise<readonly string[]> {
  const context = hookContext(process.env);
  if (context === null) return [];
  const said: string[] = [];
  for (const body of requestsOf(context, await readUpdates(process.stdin))) {
    const answer = await call(context.socketPath, '/internal/git/post-receive', body, TIMEOUT_MS);
    said.push(...(answer as PostReceiveAnswer).lines);
  }
  return said;
}

try {
  const lines = await main();
  if (lines.length > 0) process.stdout.write(`\n${lines.join('\n')}\n\n`);
} catch {
  process.stdout.write('\nThe push is received; Sluice is busy and will look at it shortly.\n\n');
}
