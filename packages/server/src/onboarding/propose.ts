import { type AppJson, isHeroku, readAppJson } from './heroku/app-json.ts';
import { procfileFindings } from './heroku/procfile.ts';
import { detectLanguages } from './languages/index.ts';
import type { Project } from './project.ts';
import { changedTravis, fromHeroku, newTravis, type ProposalFacts } from './proposed-travis.ts';
import { checkTravis } from './travis/check.ts';
import { procfileText } from './travis-text.ts';
import {
  type Detection,
  type Finding,
  finding,
  type Proposal,
  type ProposedFile,
} from './types.ts';

/** What a set of files makes of an application: pure, so that every kind of project can be tried in a table. */
export function propose(project: Project, facts: ProposalFacts): Proposal {
  const heroku = herokuOf(project);
  const { chosen: seen, others } = detectLanguages(project, heroku?.language ?? null);
  const chosen = seen ?? fromHeroku(heroku);
  const travis = project.text('.travis.yml');
  const checked =
    travis === null
      ? null
      : checkTravis(travis, { installations: facts.installations, readable: facts.readable });
  const files = [
    ...(travis === null || checked === null
      ? newTravis(chosen, heroku, facts)
      : changedTravis(travis, checked, facts)),
    ...procfile(project, chosen, manifestRelease(project)),
    ...(chosen?.files ?? []).map((file) => ({
      ...file,
      exists: project.has(file.path),
      alternative: null,
    })),
  ];
  return {
    has_code: project.paths.length > 0,
    ...{ branch: facts.branch, head: facts.head },
    language: checked?.read?.config.language ?? chosen?.language ?? null,
    evidence: checked?.read?.positions.has('language') ? '.travis.yml' : (chosen?.evidence ?? null),
    files,
    findings: unique([
      ...(checked?.findings ?? []),
      ...(heroku?.findings ?? []),
      ...(project.text('Procfile') === null
        ? []
        : procfileFindings(project.text('Procfile') ?? '')),
      ...(chosen?.findings ?? []),
      ...dockerFindings(project, chosen),
      ...others.map(({ language, evidence }) =>
        finding(
          'differs',
          language,
          `${evidence} is there too; one language is chosen for the build.`,
          null,
          {
            file: evidence,
          },
        ),
      ),
      ...(project.paths.length > 0 && chosen === null && travis === null && !isDocker(project)
        ? [unknownProject]
        : []),
    ]),
    messages: [...(checked?.messages ?? [])],
    variables: [...(heroku?.variables ?? [])],
  };
}

function herokuOf(project: Project): AppJson | null {
  const manifest = project.json('app.json');
  const text = project.text('app.json');
  if (manifest === null || text === null || !isHeroku(manifest)) return null;
  return readAppJson(manifest, text);
}

function manifestRelease(project: Project): string | null {
  const scripts = project.json('app.json')?.['scripts'];
  const release =
    typeof scripts === 'object' && scripts !== null && 'release' in scripts
      ? scripts.release
      : null;
  return typeof release === 'string' ? release : null;
}

function procfile(
  project: Project,
  chosen: Detection | null,
  release: string | null,
): ProposedFile[] {
  const there = project.text('Procfile');
  if (there !== null || project.has('Procfile')) {
    if (release === null || there === null || /^release\s*:/m.test(there)) return [];
    const text = `${there.replace(/\n*$/, '\n')}release: ${release}\n`;
    const reason =
      'scripts.release of app.json becomes a process that runs before a release goes live.';
    return [{ path: 'Procfile', text, reason, exists: true, alternative: null }];
  }
  if (chosen?.processes == null) return [];
  const named = chosen.processes.commands.filter(
    ([type]) => type !== 'release' || release === null,
  );
  const commands = release === null ? named : [...named, ['release', release] as const];
  return [
    {
      ...{ path: 'Procfile', text: procfileText(commands), exists: false, alternative: null },
      reason: chosen.processes.reason,
    },
  ];
}

const isDocker = (project: Project): boolean =>
  project.has('Dockerfile') || project.has('heroku.yml') || project.has('docker-compose.yml');

function dockerFindings(project: Project, chosen: Detection | null): Finding[] {
  if (!isDocker(project)) return [];
  const file = ['Dockerfile', 'heroku.yml', 'docker-compose.yml'].find((path) => project.has(path));
  if (chosen === null) {
    const detail =
      'This repository is deployed as a container image, which this version cannot do.';
    const advice =
      'It comes with the Docker runtime. Until then an application needs a Procfile, a start script in package.json, or pages.';
    return [finding('missing', 'Docker', detail, advice, { file: file ?? 'Dockerfile' })];
  }
  const detail = `${file} is not used: the application is installed and started as ${chosen.evidence} says.`;
  const advice = 'Container images come with the Docker runtime.';
  return [finding('differs', 'Docker', detail, advice, { file: file ?? 'Dockerfile' })];
}

const unknownProject = finding(
  'missing',
  'language',
  'No file tells what this project is written in.',
  'Write a .travis.yml with the language and a script, and a Procfile with a line "web: <command>".',
);

function unique(findings: readonly Finding[]): Finding[] {
  const seen = new Set<string>();
  return findings.filter((one) => {
    const key = JSON.stringify(one);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
