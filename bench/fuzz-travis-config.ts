/**
 * Throws texts at the configuration library until the time is up: damaged corpus files, words of YAML and
 * Travis in any order, and configurations with the right keys in the wrong places. Anything but an answer or
 * a ConfigError, and any text that takes longer than a second of processor time, ends the run with the text
 * printed and exit code 1.
 *
 *   node bench/fuzz-travis-config.ts [seconds, default 600] [seed]
 */
import fc from 'fast-check';
import { ConfigError, lint, parse, plan } from '../packages/travis-config/src/index.ts';
import { stopwatch } from '../packages/travis-config/test/cpu.ts';
import { anyText, configText, mutatedText } from '../packages/travis-config/test/generators.ts';

const seconds = Number(process.argv[2] ?? 600);
const firstSeed = Number(process.argv[3] ?? Date.now() % 1_000_000);
const data = { branch: 'master', type: 'push', commit_message: 'Fix it', env: { FOO: '1' } };
const texts = fc.oneof(anyText, configText, mutatedText);

const end = performance.now() + seconds * 1000;
let count = 0;
let refused = 0;
let jobs = 0;
let slowestMs = 0;

function fuzz(text: string): void {
  const elapsedMs = stopwatch();
  try {
    const result = plan(text, data);
    jobs += result.jobs.length;
    plan(text, {}, { defaults: false });
    const again = parse(JSON.stringify(result.config), { defaults: false }).config;
    if (JSON.stringify(sorted(again)) !== JSON.stringify(sorted(result.config))) {
      throw new Error('normalising twice is not normalising once');
    }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    if (lint(text).ok) throw new Error('lint accepts what plan refuses');
    refused++;
  }
  const took = elapsedMs();
  slowestMs = Math.max(slowestMs, took);
  if (took > 1000) throw new Error(`took ${took.toFixed(0)} ms`);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, inner]) => [key, sorted(inner)]);
}

console.log(`fuzzing for ${seconds} s, seed ${firstSeed}`);
for (let seed = firstSeed; performance.now() < end; seed++) {
  for (const text of fc.sample(texts, { numRuns: 500, seed })) {
    try {
      fuzz(text);
    } catch (error) {
      console.error(`seed ${seed}: ${error instanceof Error ? error.stack : error}`);
      console.error(JSON.stringify(text));
      process.exit(1);
    }
    count++;
  }
}
console.log(
  `${count} texts: ${refused} refused with an error, ${jobs} jobs planned, slowest ${slowestMs.toFixed(0)} ms, nothing found`,
);
