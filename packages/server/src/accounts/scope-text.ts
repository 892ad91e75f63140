import { ACTIONS } from '@sluice/contract';
import { SluiceError } from '../errors.ts';
import type { Action, Scope } from './types.ts';

/** Short names for what people usually want. */
const SHORT: Readonly<Record<string, readonly Action[]>> = {
  read: ['application:read', 'repository:read', 'build:read'],
  deploy: ['application:deploy', 'build:read'],
  push: ['repository:push', 'build:read'],
};

/**
 * Reads a scope as the command line writes it: actions separated by commas, then perhaps `@` and applications:
 * `deploy@flake8-site`, `application:read,build:read`, `push@12,13`. `findApplication` answers the uuid for a
 * website id, slug or uuid, or null.
 */
export async function parseScope(
  text: string,
  findApplication: (text: string) => Promise<string | null>,
): Promise<Scope> {
  const [actionsText = '', applicationsText, ...rest] = text.trim().split('@');
  if (rest.length > 0) throw refuse(`"${text}" has more than one @.`);
  const actions = [...new Set(split(actionsText).flatMap(readActions))];
  if (actions.length === 0) throw refuse(`"${text}" names no action.`);
  if (applicationsText === undefined) return { actions };
  const applications: string[] = [];
  for (const name of split(applicationsText)) {
    const uuid = await findApplication(name);
    if (uuid === null) throw refuse(`There is no application "${name}".`);
    applications.push(uuid);
  }
  if (applications.length === 0) throw refuse(`"${text}" names no application after the @.`);
  return { actions, applications };
}

const split = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

function readActions(text: string): readonly Action[] {
  const action = ACTIONS.find((candidate) => candidate === text);
  if (action !== undefined) return [action];
  const actions = Object.hasOwn(SHORT, text) ? SHORT[text] : undefined;
  if (actions !== undefined) return actions;
  throw refuse(
    `There is no action "${text}". Use ${Object.keys(SHORT).join(', ')}, or some of ${ACTIONS.join(', ')}.`,
  );
}

const refuse = (text: string) => new SluiceError('invalid', text, { fields: { scopes: [text] } });
