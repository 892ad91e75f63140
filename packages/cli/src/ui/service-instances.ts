import type { ServiceInstance } from '@sluice/contract';
import type { Context } from '../context.ts';
import { table } from './table.ts';

export function printServiceInstances(
  terminal: Context['terminal'],
  instances: readonly ServiceInstance[],
  removed: boolean,
): void {
  if (instances.length === 0) {
    terminal.note(
      removed
        ? 'Nothing was removed lately.'
        : 'None yet: sluice app service-instances add -s postgresql',
    );
    return;
  }
  const rows = instances.map((one) => [
    one.identifier,
    one.prefix,
    one.service_status,
    removed ? (one.kept_until?.slice(0, 10) ?? '') : names(one),
    one.uuid,
  ]);
  const heads = ['SERVICE', 'PREFIX', 'STATUS', removed ? 'KEPT UNTIL' : 'VARIABLES', 'UUID'];
  for (const line of table(heads, rows)) terminal.print(line);
  for (const { identifier, prefix, problem } of instances) {
    if (problem !== null) terminal.note(`${identifier} ${prefix}: ${problem}`);
  }
}

/** Those that a variable of the environment hides stand in brackets. */
const names = ({ variables }: ServiceInstance): string =>
  variables.map(({ name, is_overridden }) => (is_overridden ? `(${name})` : name)).join(' ');
