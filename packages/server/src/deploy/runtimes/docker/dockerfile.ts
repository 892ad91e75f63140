import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { programFile } from '../../../program-file.ts';
import { isNode, isPython, type SourceFacts } from '../process/plan.ts';
import type { BaseImages } from './options.ts';

/** Files that are added to a build's context for a repository that has no Dockerfile. */
export interface GeneratedBuild {
  readonly dockerfile: string;
  readonly added: Readonly<Record<string, string>>;
}

export interface Versions {
  readonly python: string | null;
  readonly node: string | null;
}

export const GENERATED_DOCKERFILE = '.sluice.Dockerfile';
export const GENERATED_PORT = 8000;

const STATIC_SERVER = '/opt/sluice-static';
const STATIC_SERVER_FILES = ['main', 'server', 'files'] as const;
/** TypeScript from a work tree, compiled from a package. */
const EXTENSION = extname(import.meta.url);
export const STATIC_PROGRAM = `${STATIC_SERVER}/main${EXTENSION}`;
/** Where nobody names one; a version that stays current by itself. */
const DEFAULT_VERSIONS = { python: '3', node: '24' };
const USER = '10001:10001';
const HOME = '/home/app';

/**
 * The process runtime's rules as a Dockerfile: what is there is installed, files belong to root, programs run as somebody else.
 * Static pages are served by Sluice's own small server, which needs Node.js.
 */
export function generateDockerfile(
  facts: SourceFacts,
  versions: Versions,
  images: BaseImages,
  buildArguments: readonly string[],
): GeneratedBuild {
  const python = isPython(facts);
  const isStatic = facts.procfile?.processes.get('web') === undefined && !startsByScript(facts);
  const node = isNode(facts) || isStatic;
  const nodeImage = at(images.node, versions.node ?? DEFAULT_VERSIONS.node);
  const base = python
    ? at(images.python, versions.python ?? DEFAULT_VERSIONS.python)
    : node
      ? nodeImage
      : images.plain;
  const lines = [
    ...(python && node ? [`FROM ${nodeImage} AS node`] : []),
    `FROM ${base}`,
    ...(python && node
      ? [
          'COPY --from=node /usr/local/bin/ /usr/local/bin/',
          'COPY --from=node /usr/local/lib/node_modules/ /usr/local/lib/node_modules/',
        ]
      : []),
    ...buildArguments.map((name) => `ARG ${name}`),
    `ENV HOME=${HOME} LANG=C.UTF-8 PYTHONUNBUFFERED=1`,
    `RUN mkdir -p ${HOME} && chown ${USER} ${HOME}`,
    'WORKDIR /app',
    'COPY . /app/',
    ...(isStatic ? [`COPY .sluice-static/ ${STATIC_SERVER}/`] : []),
    `RUN rm -rf .sluice-static ${GENERATED_DOCKERFILE}`,
    ...(python ? pythonLines(facts) : []),
    ...(isNode(facts) ? nodeLines(facts) : []),
    'ENV PYTHONDONTWRITEBYTECODE=1',
    `EXPOSE ${GENERATED_PORT}`,
    `USER ${USER}`,
  ];
  return {
    dockerfile: `${lines.join('\n')}\n`,
    added: isStatic ? staticServer() : {},
  };
}

function pythonLines(facts: SourceFacts): string[] {
  const options = '--no-cache-dir --disable-pip-version-check --no-input';
  if (!facts.names.has('requirements.txt')) {
    return ['RUN python3 -m venv --without-pip /venv', 'ENV PATH=/venv/bin:$PATH'];
  }
  return [
    'RUN python3 -m venv /venv',
    'ENV PATH=/venv/bin:$PATH',
    `RUN python -m pip install ${options} -r requirements.txt`,
  ];
}

function nodeLines(facts: SourceFacts): string[] {
  const locked = facts.names.has('package-lock.json') || facts.names.has('npm-shrinkwrap.json');
  const quiet = '--no-fund --no-audit --no-update-notifier';
  return [
    'ENV PATH=/app/node_modules/.bin:$PATH',
    `RUN npm ${locked ? 'ci' : 'install'} ${quiet}`,
    ...(facts.packageJson?.scripts['build'] === undefined ? [] : ['RUN npm run build']),
  ];
}

const startsByScript = (facts: SourceFacts) => facts.packageJson?.scripts['start'] !== undefined;

const at = (image: string, version: string) => image.replaceAll('{version}', version);

function staticServer(): Record<string, string> {
  return Object.fromEntries(
    STATIC_SERVER_FILES.map((name) => [
      `.sluice-static/${name}${EXTENSION}`,
      readFileSync(programFile(`../process/static-server/${name}`, import.meta.url), 'utf8'),
    ]),
  );
}
