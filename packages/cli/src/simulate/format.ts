import { type Action, BRANCH, byTime, type CommitPlan, type Deed, type Storm } from './storm.ts';

/** A storm as text, one thing for each line: what `--file` reads, and how a failing history is printed. */
export function printStorm(storm: Storm): string {
  const lines = [
    `gate ${storm.gate ? 'on' : 'off'}`,
    `auto-deploy ${storm.autoDeploy ? 'on' : 'off'}`,
    ...(storm.atMost === null ? [] : [`at-most ${storm.atMost}`]),
    ...storm.commits.map(printCommit),
    ...storm.actions.map((action) => `${action.at} ${printDeed(action)}`),
  ];
  return `${lines.join('\n')}\n`;
}

function printCommit(commit: CommitPlan): string {
  const words = [
    ...(commit.testMs > 0 ? [`test ${commit.testMs}`] : []),
    ...(commit.passes ? [] : ['red']),
    ...(commit.deployMs > 0 ? [`deploy ${commit.deployMs}`] : []),
    ...(commit.deploys ? [] : ['broken']),
  ];
  const parents = commit.parents.length === 0 ? [] : ['<', ...commit.parents];
  return ['commit', commit.name, ...parents, ...(words.length === 0 ? [] : [':']), ...words].join(
    ' ',
  );
}

export function printDeed(deed: Deed): string {
  switch (deed.do) {
    case 'push':
    case 'force-push':
      return `${deed.do} ${deed.commit} ${deed.branch}`;
    case 'signal': {
      const key = deed.key === null ? '' : ` key ${deed.key}`;
      return `signal ${deed.commit ?? 'head'} ${deed.door}${key}`;
    }
    default:
      return deed.do;
  }
}

/** Throws an error that names the line. */
export function readStorm(text: string): Storm {
  const storm = { gate: true, autoDeploy: false, atMost: null as number | null };
  const commits: CommitPlan[] = [];
  const actions: Action[] = [];
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.replace(/#.*/, '').trim();
    if (line === '') continue;
    const words = line.split(/\s+/);
    const [first = '', second = ''] = words;
    const known = new Set(commits.map((commit) => commit.name));
    if (first === 'gate') storm.gate = second === 'on';
    else if (first === 'auto-deploy') storm.autoDeploy = second === 'on';
    else if (first === 'at-most' && /^\d+$/.test(second)) storm.atMost = Number(second);
    else if (first === 'commit') commits.push(readCommit(words.slice(1), known, index + 1));
    else if (/^\d+$/.test(first))
      actions.push({ at: Number(first), ...readDeed(words.slice(1), known, index + 1) });
    else throw wrong(index + 1, line);
  }
  return { seed: null, ...storm, commits, actions: byTime(actions) };
}

const NAME = /^[a-z][a-z0-9-]{0,40}$/;

function readCommit(words: string[], known: ReadonlySet<string>, line: number): CommitPlan {
  const [name = '', arrow] = words;
  const colon = words.indexOf(':');
  const parents = arrow === '<' ? words.slice(2, colon < 0 ? words.length : colon) : [];
  const traits = colon < 0 ? [] : words.slice(colon + 1);
  if (!NAME.test(name) || known.has(name) || name === 'head')
    throw wrong(line, `commit ${name}: a new name in small letters is needed`);
  const stranger = parents.find((parent) => !known.has(parent));
  if (stranger !== undefined) throw wrong(line, `there is no earlier commit ${stranger}`);
  const number = (trait: string) => {
    const at = traits.indexOf(trait);
    return at < 0 ? 0 : Number(traits[at + 1]);
  };
  const plan = { testMs: number('test'), deployMs: number('deploy') };
  if (!Number.isInteger(plan.testMs) || !Number.isInteger(plan.deployMs))
    throw wrong(line, words.join(' '));
  return {
    name,
    parents,
    ...plan,
    passes: !traits.includes('red'),
    deploys: !traits.includes('broken'),
  };
}

function readDeed(words: string[], known: ReadonlySet<string>, line: number): Deed {
  const [deed, commit = '', third, ...rest] = words;
  if (deed === 'rollback' || deed === 'resume' || deed === 'crash') return { do: deed };
  if (commit !== 'head' && !known.has(commit)) throw wrong(line, `there is no commit ${commit}`);
  if (deed === 'push' || deed === 'force-push')
    return { do: deed, commit, branch: third ?? BRANCH };
  const door = third ?? 'v3';
  if (deed !== 'signal' || (door !== 'v1' && door !== 'v3')) throw wrong(line, words.join(' '));
  const key = rest[0] === 'key' ? (rest[1] ?? null) : null;
  return { do: 'signal', commit: commit === 'head' ? null : commit, door, key };
}

const wrong = (line: number, text: string) => new Error(`line ${line} of the storm: ${text}`);
