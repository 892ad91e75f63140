import type { SoakResult } from './run.ts';

/** The final table, for people. */
export function report({ broken, kills, totals, growth, rest, longestAwayMs }: SoakResult): string {
  const count = (value: number) => value.toLocaleString('en-US');
  const lines = [
    ...Object.entries(totals).map(([name, value]) => row(name, count(value))),
    ...Object.entries(kills).map(([name, value]) => row(`SIGKILLs of ${name}`, count(value))),
    row('longest away of a killed application', `${(longestAwayMs / 1_000).toFixed(1)} s`),
    '',
    row('open descriptors at rest', 'before -> after'),
    ...Object.entries(rest.after.descriptors).map(([name, value]) =>
      row(`  ${name}`, `${rest.before.descriptors[name] ?? '-'} -> ${value}`),
    ),
    row('processes at rest', `${rest.before.processes.length} -> ${rest.after.processes.length}`),
    '',
    ...growth.map(({ name, minutes, mib, mibPerMinute, descriptors }) =>
      row(
        `${name}, ${minutes.toFixed(1)} min`,
        `${mib.first.toFixed(0)} -> ${mib.last.toFixed(0)} MiB (${mibPerMinute.toFixed(2)} MiB/min), ` +
          `${descriptors.first} -> ${descriptors.last} descriptors`,
      ),
    ),
    '',
    ...broken.map(({ promise, text }) => `broken: ${promise}: ${text}`),
    broken.length === 0 ? 'Every promise was kept.' : `${broken.length} promises were broken.`,
  ];
  return lines.join('\n');
}

const row = (name: string, value: string) => `${name.padEnd(40)} ${value}`;
