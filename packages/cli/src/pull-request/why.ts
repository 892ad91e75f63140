import type { PullWhy } from '@sluice/contract';
import { printable, table } from '../ui/table.ts';
import type { Terminal } from '../ui/terminal.ts';

/** What became of a pull request: all in one line, each step, and where its change is. */
export function describeWhy(terminal: Pick<Terminal, 'style'>, why: PullWhy): string[] {
  const steps = why.steps.map(({ at, rule, text }) => [at ?? 'now', rule, text]);
  const places = why.environments.map((place) => [
    place.slug,
    place.state,
    place.at ?? '',
    place.rule ?? '',
    place.deployment ?? '',
    place.text ?? '',
  ]);
  return [
    terminal.style('bold', `#${why.number} ${printable(why.title)}`),
    printable(why.summary),
    '',
    ...table(['WHEN', 'RULE', 'WHAT'], steps),
    ...(places.length === 0
      ? []
      : ['', ...table(['ENVIRONMENT', 'STATE', 'SINCE', 'RULE', 'DEPLOYMENT', 'REASON'], places)]),
  ];
}
