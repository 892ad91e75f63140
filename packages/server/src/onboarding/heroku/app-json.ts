import { isRecord, lineOf } from '../project.ts';
import type { TestSurroundings } from '../travis-text.ts';
import { type Finding, finding, type Proposal } from '../types.ts';
import { knownAddon } from './addons.ts';

export interface AppJson {
  readonly findings: readonly Finding[];
  readonly variables: Proposal['variables'];
  readonly surroundings: TestSurroundings;
  /** As `language:`, from the buildpacks. */
  readonly language: string | null;
  readonly name: string | null;
}

const FILE = 'app.json';
const KEYS = [
  'addons',
  'buildpacks',
  'env',
  'environments',
  'formation',
  'scripts',
  'stack',
  'success_url',
];

/** Whether it is Heroku's: mobile projects have a file of that name too. */
export const isHeroku = (manifest: Readonly<Record<string, unknown>>): boolean =>
  KEYS.some((key) => manifest[key] !== undefined);

/** Heroku's `app.json`: what it asks for, and what of it there is here. `text` is for the lines. */
export function readAppJson(manifest: Readonly<Record<string, unknown>>, text: string): AppJson {
  const place = (pattern: RegExp) => ({ file: FILE, line: lineOf(text, pattern) });
  const addons = addonFindings(manifest['addons'], place);
  const buildpacks = buildpackFindings(manifest['buildpacks'], place);
  const variables = variablesOf(manifest['env']);
  const known = new Set(variables.map(({ name }) => name));
  const test = environmentOf(manifest, 'test');
  return {
    findings: [
      ...addons.findings,
      ...buildpacks.findings,
      ...formationFindings(manifest['formation'], place),
      ...scriptFindings(manifest['scripts'], place),
      ...stackFindings(manifest['stack'], place),
      ...environmentFindings(manifest, place),
    ],
    variables: [...variables, ...addons.variables.filter(({ name }) => !known.has(name))],
    surroundings: surroundingsOf(manifest, test),
    language: buildpacks.language,
    name: typeof manifest['name'] === 'string' ? manifest['name'] : null,
  };
}

type Place = (pattern: RegExp) => { file: string; line: number | null };

function variablesOf(env: unknown): Proposal['variables'] {
  if (!isRecord(env)) return [];
  return Object.entries(env).map(([name, given]) => {
    const entry = isRecord(given) ? given : { value: given };
    const value = entry['value'];
    return {
      name,
      value: value === undefined || value === null ? null : String(value),
      description: typeof entry['description'] === 'string' ? entry['description'] : null,
      required: entry['required'] !== false,
      is_generated: entry['generator'] === 'secret',
    };
  });
}

function addonFindings(addons: unknown, place: Place) {
  const findings: Finding[] = [];
  const variables: Proposal['variables'] = [];
  for (const entry of Array.isArray(addons) ? addons : []) {
    const plan = isRecord(entry) ? entry['plan'] : entry;
    if (typeof plan !== 'string') continue;
    const known = knownAddon(plan);
    const prefix = isRecord(entry) && typeof entry['as'] === 'string' ? entry['as'] : null;
    const subject = `add-on ${plan}`;
    const at = place(new RegExp(`"${literally(plan)}"`));
    if (known === null) {
      const detail = 'There are no add-ons here.';
      const advice = 'Run the service yourself and set the variables that it gave the application.';
      findings.push(finding('missing', subject, detail, advice, at));
      continue;
    }
    const detail = known.level === 'works' ? 'Not needed.' : 'There are no add-ons here.';
    findings.push(finding(known.level, subject, detail, known.advice, at));
    if (known.variable === null) continue;
    const name = prefix === null ? known.variable : `${prefix}_URL`;
    variables.push({
      ...{ name, value: null, required: true, is_generated: false },
      description: `Was set by the add-on ${plan}.`,
    });
  }
  return { findings, variables };
}

const BUILDPACKS: Readonly<Record<string, string>> = {
  ...{ python: 'python', nodejs: 'node_js', static: 'generic', ruby: 'ruby', go: 'go', php: 'php' },
  ...{ java: 'java', gradle: 'java', scala: 'scala', clojure: 'clojure' },
};
const DEPLOYED = ['python', 'node_js', 'generic'];

function buildpackFindings(buildpacks: unknown, place: Place) {
  const findings: Finding[] = [];
  let language: string | null = null;
  for (const entry of Array.isArray(buildpacks) ? buildpacks : []) {
    const url = isRecord(entry) ? entry['url'] : entry;
    if (typeof url !== 'string') continue;
    const name = /(?:heroku\/|heroku-buildpack-)([\w-]+?)(?:\.git|\.tgz)?$/.exec(url)?.[1] ?? '';
    const spoken = Object.hasOwn(BUILDPACKS, name) ? BUILDPACKS[name] : undefined;
    const at = place(new RegExp(literally(url)));
    const subject = `buildpack ${url}`;
    if (spoken !== undefined && DEPLOYED.includes(spoken)) {
      // The last one of Heroku's is the application's own language.
      language = spoken;
      const detail = 'Not needed: the files of the project tell what to install.';
      findings.push(finding('works', subject, detail, null, at));
      continue;
    }
    language = spoken ?? language;
    const detail =
      'There are no buildpacks here; the process runtime knows Python, Node.js and static pages.';
    const advice = 'Deploying this comes with the Docker runtime.';
    findings.push(finding('missing', subject, detail, advice, at));
  }
  return { findings, language };
}

function formationFindings(formation: unknown, place: Place): Finding[] {
  if (!isRecord(formation)) return [];
  return Object.entries(formation).flatMap(([type, given]) => {
    if (!isRecord(given)) return [];
    const quantity = Number(given['quantity'] ?? 1);
    const at = place(new RegExp(`"${literally(type)}"\\s*:`));
    const found: Finding[] = [];
    if (quantity > 1) {
      const detail = `${quantity} instances were asked for; one of each process runs here.`;
      found.push(finding('differs', `formation: ${type}`, detail, null, at));
    }
    if (quantity === 0) {
      const detail = 'It was switched off; here every process of the Procfile runs.';
      const advice = `Take ${type} out of the Procfile.`;
      found.push(finding('differs', `formation: ${type}`, detail, advice, at));
    }
    if (given['size'] !== undefined) {
      const detail = `The size ${String(given['size'])} has no meaning here: an instance may use what the machine has.`;
      found.push(finding('differs', `formation: ${type}`, detail, null, at));
    }
    return found;
  });
}

function scriptFindings(scripts: unknown, place: Place): Finding[] {
  if (!isRecord(scripts)) return [];
  const found: Finding[] = [];
  if (typeof scripts['postdeploy'] === 'string') {
    const detail = `It ran once, after the first deployment: ${scripts['postdeploy']}`;
    const advice =
      'Nothing runs only once here. If it can be repeated, make it a release command, which runs before each release goes live.';
    found.push(finding('differs', 'scripts.postdeploy', detail, advice, place(/"postdeploy"/)));
  }
  if (typeof scripts['release'] === 'string') {
    const detail = `It becomes the line "release" of the Procfile: ${scripts['release']}`;
    found.push(finding('works', 'scripts.release', detail, null, place(/"release"/)));
  }
  if (typeof scripts['pr-predestroy'] === 'string') {
    const detail = 'Environments for pull requests are not made yet.';
    found.push(finding('missing', 'scripts.pr-predestroy', detail, null, place(/"pr-predestroy"/)));
  }
  return found;
}

function stackFindings(stack: unknown, place: Place): Finding[] {
  if (typeof stack !== 'string') return [];
  const at = place(/"stack"/);
  if (stack === 'container') {
    const detail = 'The application is a container image.';
    return [
      finding('missing', 'stack: container', detail, 'It comes with the Docker runtime.', at),
    ];
  }
  const detail = 'Applications run on the system of the machine, whatever it is.';
  return [finding('differs', `stack: ${stack}`, detail, null, at)];
}

function environmentOf(manifest: Readonly<Record<string, unknown>>, name: string) {
  const all = manifest['environments'];
  const found = isRecord(all) ? all[name] : undefined;
  return isRecord(found) ? found : null;
}

function environmentFindings(manifest: Readonly<Record<string, unknown>>, place: Place): Finding[] {
  const found: Finding[] = [];
  if (environmentOf(manifest, 'review') !== null) {
    const detail = 'Environments for pull requests are not made yet.';
    found.push(finding('missing', 'environments.review', detail, null, place(/"review"/)));
  }
  const test = environmentOf(manifest, 'test');
  if (test !== null) {
    const detail = 'Its commands and plain variables become part of .travis.yml.';
    found.push(finding('works', 'environments.test', detail, null, place(/"test"/)));
    const { findings } = addonFindings(test['addons'], place);
    found.push(
      ...findings.map((one) => ({
        ...one,
        advice:
          'For tests name the service in `services` of .travis.yml: it is started where the machine has it.',
      })),
    );
  }
  return found;
}

function surroundingsOf(
  manifest: Readonly<Record<string, unknown>>,
  test: Readonly<Record<string, unknown>> | null,
): TestSurroundings {
  const rootScripts = isRecord(manifest['scripts']) ? manifest['scripts'] : {};
  const scripts = isRecord(test?.['scripts']) ? test['scripts'] : {};
  const command = (name: string): string[] => {
    const value = scripts[name] ?? rootScripts[name];
    return typeof value === 'string' && value.trim() !== '' ? [value] : [];
  };
  const plain = variablesOf(test?.['env']).filter(
    ({ name, value }) => value !== null && /^\w+$/.test(name),
  );
  return {
    env: Object.fromEntries(plain.map(({ name, value }) => [name, value ?? ''])),
    beforeScript: command('test-setup'),
    script: command('test'),
  };
}

const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
