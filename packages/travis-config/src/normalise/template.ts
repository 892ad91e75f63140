import type { Json } from '../messages.ts';
import { seq, str } from '../schema/kinds.ts';
import type { Node } from '../yaml/node.ts';
import { type Context, type Normalise, type Path, report } from './context.ts';

/** The names a notification's template may use, as `%{name}`. */
const templateVariables = [
  'author',
  'branch',
  'build_id',
  'build_number',
  'build_url',
  'commit',
  'commit_message',
  'commit_subject',
  'compare_url',
  'duration',
  'elapsed_time',
  'message',
  'pull_request',
  'pull_request_number',
  'pull_request_url',
  'repository',
  'repository_id',
  'repository_name',
  'repository_slug',
  'repository_url',
  'result',
];

/** A notification's template: lines, with a warning for each variable nobody will fill in. */
export function template(
  node: Node,
  path: Path,
  context: Context,
  normalise: Normalise,
): Json | undefined {
  const lines = normalise(seq(str), node, path, context);
  for (const line of Array.isArray(lines) ? lines : []) {
    for (const [, name = ''] of String(line).matchAll(/%\{(\w+)\}/g)) {
      if (!templateVariables.includes(name)) {
        report(context, 'unknown_var', path, node.at, { var: name });
      }
    }
  }
  return lines;
}
