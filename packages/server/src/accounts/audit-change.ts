import type { StoreChange } from '../store/index.ts';

interface Audited {
  readonly action: string;
  readonly target: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/**
 * What watchers are told of an audited action of this room: whatever changes accounts is audited, so this is the one
 * place. Null: another room's, which tells it itself.
 */
export function changeOf({ action, target, details }: Audited): StoreChange | null {
  const [noun = '', id = ''] = split(target);
  const user = textOf(details?.['user']);
  const [about] = action.split('.');
  if (about === 'member') {
    return { kind: 'member', id, application: null, organisation: id, ...whose(user) };
  }
  if (about === 'collaborator') {
    return { kind: 'member', id, application: id, ...whose(user) };
  }
  if (about === 'session') {
    return { kind: 'session', id: textOf(details?.['session']) ?? id, application: null, user: id };
  }
  switch (noun) {
    case 'user':
      return { kind: 'user', id, application: null, user: id };
    case 'token':
      return { kind: noun, id, application: null, ...whose(user) };
    case 'organisation':
      return { kind: 'organisation', id, application: null, organisation: id };
    default:
      return null;
  }
}

function split(target: string): [string, string] {
  const colon = target.indexOf(':');
  return colon < 0 ? [target, ''] : [target.slice(0, colon), target.slice(colon + 1)];
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

const whose = (user: string | null): { user?: string } => (user === null ? {} : { user });
