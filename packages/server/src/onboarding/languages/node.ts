import { isRecord, lineOf, type Project } from '../project.ts';
import { type Detection, type Detector, type Finding, finding, type Processes } from '../types.ts';

/** Programs that serve source to a developer, not pages to visitors. */
const DEVELOPMENT_SERVER =
  /\b(react-scripts start|vite(?! preview)( dev| serve)?$|webpack(-dev-server| serve)|nodemon|ng serve|gatsby develop|next dev|nuxt dev|astro dev|parcel(?! build)|ts-node-dev|tsx watch)\b|^vite$/;

/** Node.js, by package.json. */
export const detectNode: Detector = (project) => {
  if (!project.has('package.json')) return null;
  const manifest = project.json('package.json');
  const scripts = stringsOf(manifest?.['scripts']);
  const manager = packageManager(project, manifest);
  const test = nodeTest(project, scripts, manager.run);
  const web = nodeWeb(project, scripts, manifest);
  const findings = [...manager.findings, ...test.findings, ...web.findings];
  if (manifest === null) {
    const detail = 'package.json could not be read as JSON.';
    findings.unshift(
      finding('missing', 'package.json', detail, 'Correct it first.', { file: 'package.json' }),
    );
  }
  return {
    ...{ language: 'node_js', evidence: 'package.json' },
    versions: nodeVersion(project, manifest),
    install: manager.install,
    script: test.script,
    scriptReason: test.reason,
    processes: web.processes,
    ...{ files: [], findings },
  };
};

function stringsOf(value: unknown): Readonly<Record<string, string>> {
  if (!isRecord(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  );
}

function nodeVersion(
  project: Project,
  manifest: Readonly<Record<string, unknown>> | null,
): Detection['versions'] {
  for (const from of ['.nvmrc', '.node-version']) {
    const value = /^\s*v?(\d+(?:\.\d+)*|lts\/[\w*-]+)\s*$/m.exec(project.text(from) ?? '')?.[1];
    if (value !== undefined) return { key: 'node_js', value, from };
  }
  const wanted = stringsOf(manifest?.['engines'])['node'];
  // Of a range its first number: `>=18 <21`, `^20.1`, `20.x`.
  const value = /\d+/.exec(wanted ?? '')?.[0];
  return value === undefined ? null : { key: 'node_js', value, from: 'package.json' };
}

interface Manager {
  readonly install: readonly string[];
  /** `npm run`, for a script of package.json. */
  readonly run: (script: string) => string;
  readonly findings: readonly Finding[];
}

function packageManager(
  project: Project,
  manifest: Readonly<Record<string, unknown>> | null,
): Manager {
  const field = typeof manifest?.['packageManager'] === 'string' ? manifest['packageManager'] : '';
  const deployed = (file: string) =>
    finding(
      'differs',
      file,
      'A deployment installs with npm, which does not read this file: it takes the newest versions that package.json allows.',
      'Commit a package-lock.json (npm install --package-lock-only) to fix them.',
      { file },
    );
  const locked = project.has('package-lock.json') || project.has('npm-shrinkwrap.json');
  if (project.has('pnpm-lock.yaml') || field.startsWith('pnpm')) {
    return {
      install: ['npx --yes pnpm install --frozen-lockfile'],
      run: (script) => `npx --yes pnpm run ${script}`,
      findings: locked ? [] : [deployed('pnpm-lock.yaml')],
    };
  }
  if (project.has('yarn.lock')) {
    return {
      install: [],
      run: (script) => `yarn ${script === 'test' ? 'test' : `run ${script}`}`,
      findings: locked ? [] : [deployed('yarn.lock')],
    };
  }
  return {
    install: [],
    run: (script) => (script === 'test' ? 'npm test' : `npm run ${script}`),
    findings: [],
  };
}

function nodeTest(
  project: Project,
  scripts: Readonly<Record<string, string>>,
  run: (script: string) => string,
): { script: string[]; reason: string; findings: Finding[] } {
  const { test, lint, build } = scripts;
  if (test !== undefined && !/no test specified/.test(test)) {
    const reason = `package.json names its test: ${test}.`;
    return { script: [run('test')], reason, findings: [] };
  }
  const findings = [
    finding(
      'differs',
      'tests',
      'package.json names no test, so the build tells little about whether a commit works.',
      'Add a "test" script.',
      { file: 'package.json', line: lineOf(project.text('package.json'), /"scripts"/) },
    ),
  ];
  const script = [
    ...(lint === undefined ? [] : [run('lint')]),
    ...(build === undefined ? [] : [run('build')]),
  ];
  if (script.length > 0) {
    const what = [lint === undefined ? null : 'lint', build === undefined ? null : 'build'];
    const reason = `There is no test; ${what.filter(Boolean).join(' and ')} at least must succeed.`;
    return { script, reason, findings };
  }
  const entry = project.paths.find((path) => /^(?:server|index|app|main)\.[cm]?js$/.test(path));
  return entry === undefined
    ? {
        script: ['npm ls --omit=dev'],
        reason: 'There is no test; this at least sees that all dependencies are there.',
        findings,
      }
    : {
        script: [`node --check ${entry}`],
        reason: 'There is no test; this at least refuses a file that Node.js cannot read.',
        findings,
      };
}

function nodeWeb(
  project: Project,
  scripts: Readonly<Record<string, string>>,
  manifest: Readonly<Record<string, unknown>> | null,
): { processes: Processes | null; findings: Finding[] } {
  const { start, build } = scripts;
  const line = lineOf(project.text('package.json'), /"start"\s*:/);
  if (start !== undefined && DEVELOPMENT_SERVER.test(start.trim())) {
    const detail = `"start" runs a server for development (${start}).`;
    const advice =
      build === undefined
        ? 'Add a Procfile with a web command that serves visitors on the port in $PORT.'
        : 'Rename this script to "dev": without "start", the pages that "build" makes are served as they are.';
    const place = { file: 'package.json', line };
    return { processes: null, findings: [finding('differs', 'start', detail, advice, place)] };
  }
  if (start !== undefined) {
    const reason = `package.json starts it: ${start}. It must listen on the port in $PORT.`;
    return { processes: { commands: [['web', 'npm start']], reason }, findings: [] };
  }
  // A build without a server makes pages, which are served without any command.
  if (build !== undefined) return { processes: null, findings: [] };
  const main =
    typeof manifest?.['main'] === 'string' ? manifest['main'].replace(/^\.\//, '') : null;
  const entries = [
    ...(main === null ? [] : [main]),
    'server.js',
    'server.mjs',
    'app.js',
    'index.js',
  ];
  const entry = entries.find((path) => /\.listen\(/.test(project.text(path) ?? ''));
  if (entry === undefined) return { processes: null, findings: [] };
  const reason = `${entry} listens for requests; it must use the port in $PORT.`;
  return { processes: { commands: [['web', `node ${entry}`]], reason }, findings: [] };
}
