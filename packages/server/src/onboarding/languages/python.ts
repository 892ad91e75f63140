import { lineOf, type Project } from '../project.ts';
import { type Detection, type Detector, type Finding, finding } from '../types.ts';
import { pythonInstall } from './python-install.ts';
import { pythonTest } from './python-test.ts';
import { pythonWeb } from './python-web.ts';

/** Python, by what it installs from, or by nothing but its source. */
export const detectPython: Detector = (project) => {
  const evidence = pythonEvidence(project);
  return evidence === null ? null : describe(project, evidence);
};

/** For a folder of scripts without any packaging; asked after all other languages. */
export const detectPythonScripts: Detector = (project) => {
  const evidence = project.paths.find((path) => /^[\w-]+\.py$/.test(path));
  return evidence === undefined ? null : describe(project, evidence);
};

function pythonEvidence(project: Project): string | null {
  for (const path of ['manage.py', 'requirements.txt', 'Pipfile', 'setup.py', 'setup.cfg']) {
    if (project.has(path)) return path;
  }
  const pyproject = project.text('pyproject.toml');
  return pyproject !== null && /^\[(project|tool\.poetry)\]/m.test(pyproject)
    ? 'pyproject.toml'
    : null;
}

function describe(project: Project, evidence: string): Detection {
  const install = pythonInstall(project);
  const test = pythonTest(project, install.prefix);
  const proposed = install.files.find(({ path }) => path === 'requirements.txt')?.text ?? null;
  const web = pythonWeb(project, project.text('requirements.txt') ?? proposed);
  const isDefault =
    install.commands.length === 1 && install.commands[0] === 'pip install -r requirements.txt';
  const commands = [...install.commands, ...test.install];
  return {
    ...{ language: 'python', evidence },
    versions: pythonVersion(project),
    install: isDefault && test.install.length === 0 ? [] : commands,
    script: test.script,
    scriptReason: test.reason,
    processes: web.processes,
    // Of two texts for one file the later one holds the earlier one too.
    files: [...(web.files.length > 0 ? [] : install.files), ...web.files],
    findings: [...install.findings, ...test.findings, ...web.findings, ...djangoFindings(project)],
  };
}

function pythonVersion(project: Project): Detection['versions'] {
  const sources: [string, RegExp][] = [
    ['runtime.txt', /^\s*python-?(\d+\.\d+)/i],
    ['.python-version', /^\s*(\d+\.\d+)/m],
    ['.tool-versions', /^python\s+(\d+\.\d+)/m],
    ['Pipfile', /^python(?:_full)?_version\s*=\s*["'](\d+\.\d+)/m],
    ['pyproject.toml', /^requires-python\s*=\s*["'][^\d"']*(\d+\.\d+)/m],
    ['pyproject.toml', /^python\s*=\s*["'][^\d"']*(\d+\.\d+)/m],
  ];
  for (const [from, pattern] of sources) {
    const value = pattern.exec(project.text(from) ?? '')?.[1];
    if (value !== undefined) return { key: 'python', value, from };
  }
  return null;
}

function djangoFindings(project: Project): Finding[] {
  const settings = project.find(/(?:^|\/)settings\.py$/);
  if (!project.has('manage.py') || settings === null) return [];
  const text = project.text(settings);
  const found: Finding[] = [
    finding(
      'differs',
      'collectstatic',
      'Static files are not collected when the application is deployed: only requirements are installed.',
      'Let whitenoise serve them with WHITENOISE_USE_FINDERS = True, or commit the collected files.',
      { file: settings },
    ),
  ];
  if (text !== null && /sqlite3/.test(text)) {
    found.push(
      finding(
        'differs',
        'SQLite',
        'A database file inside the checkout cannot be written, and each release has a checkout of its own.',
        'Set DATABASE_URL to a database server as a variable of the environment, and read it in the settings.',
        { file: settings, line: lineOf(text, /sqlite3/) },
      ),
    );
  }
  return found;
}
