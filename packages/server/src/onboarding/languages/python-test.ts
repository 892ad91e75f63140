import type { Project } from '../project.ts';
import { type Finding, finding } from '../types.ts';

interface PythonTest {
  readonly script: readonly string[];
  readonly reason: string;
  /** For test programs that the project does not install itself. */
  readonly install: readonly string[];
  readonly findings: readonly Finding[];
}

/** The project's own test: what it is configured for, then what its tests look like, then at least its syntax. */
export function pythonTest(project: Project, prefix: string): PythonTest {
  const dependencies = dependencyText(project);
  const uses = (name: string) => new RegExp(`(^|[\\s"'\\[,])${name}\\b`, 'im').test(dependencies);
  const needs = (name: string) => (uses(name) || prefix !== '' ? [] : [`pip install ${name}`]);
  const answer = (command: string, reason: string, tool: string | null): PythonTest => ({
    script: [`${prefix}${command}`],
    reason,
    install: tool === null ? [] : needs(tool),
    findings: [],
  });

  const configured = pytestConfiguration(project);
  if (configured !== null) return answer('pytest', `${configured} configures pytest.`, 'pytest');
  if (project.has('manage.py')) {
    return answer('python manage.py test', 'manage.py runs the tests of a Django project.', null);
  }
  const test = project.find(/(?:^|\/)(?:test_\w+|\w+_test|tests)\.py$/);
  if (
    test !== null &&
    /^\s*(import|from) unittest\b/m.test(project.text(test) ?? '') &&
    !uses('pytest')
  ) {
    return answer(
      test.includes('/') && !project.has(`${test.slice(0, test.lastIndexOf('/'))}/__init__.py`)
        ? `python -m unittest discover -s ${test.slice(0, test.lastIndexOf('/'))}`
        : `python -m unittest ${test.includes('/') ? 'discover' : test.replace(/\.py$/, '')}`,
      `${test} uses Python's own unittest.`,
      null,
    );
  }
  if (test !== null) return answer('pytest', `pytest finds tests such as ${test}.`, 'pytest');
  if (uses('pytest')) return answer('pytest', 'pytest is among the requirements.', 'pytest');
  if (project.has('tox.ini')) return answer('tox', 'tox.ini says what to run.', 'tox');
  const ruff =
    project.has('ruff.toml') || /^\[tool\.ruff/m.test(project.text('pyproject.toml') ?? '');
  const linter = ruff ? 'ruff' : 'flake8';
  const lints =
    ruff ||
    project.has('.flake8') ||
    /^\[flake8\]/m.test(project.text('setup.cfg') ?? '') ||
    uses('flake8');
  const none = finding(
    'differs',
    'tests',
    'No tests were found, so the build tells little about whether a commit works.',
    'Add a test, then run it in `script`.',
  );
  if (lints) {
    return {
      ...answer(ruff ? 'ruff check .' : 'flake8', `The project is checked with ${linter}.`, linter),
      findings: [none],
    };
  }
  return {
    ...answer(
      'python -m compileall -q .',
      'No tests were found; this at least refuses a commit that Python cannot read.',
      null,
    ),
    findings: [none],
  };
}

/** What the project installs, as text to look for names in. */
export function dependencyText(project: Project): string {
  const files = project.paths.filter(
    (path) => /requirements[\w./-]*\.txt$|^requirements\//.test(path) || path === 'Pipfile',
  );
  const packaging = ['pyproject.toml', 'setup.py', 'setup.cfg'];
  return [...files, ...packaging].map((path) => project.text(path) ?? '').join('\n');
}

function pytestConfiguration(project: Project): string | null {
  if (project.has('pytest.ini')) return 'pytest.ini';
  const conftest = project.find(/(?:^|\/)conftest\.py$/);
  if (conftest !== null) return conftest;
  const sections: [string, RegExp][] = [
    ['pyproject.toml', /^\[tool\.pytest/m],
    ['setup.cfg', /^\[tool:pytest\]/m],
    ['tox.ini', /^\[pytest\]/m],
  ];
  return sections.find(([path, section]) => section.test(project.text(path) ?? ''))?.[0] ?? null;
}
