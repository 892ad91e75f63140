import type { Project } from '../project.ts';
import { type Finding, finding, type ProposedText } from '../types.ts';

export interface PythonInstall {
  readonly commands: readonly string[];
  /** Put before the test's command: `poetry run `. */
  readonly prefix: string;
  readonly files: readonly ProposedText[];
  readonly findings: readonly Finding[];
}

const DEVELOPMENT = [
  'requirements-dev.txt',
  'requirements-test.txt',
  'dev-requirements.txt',
  'test-requirements.txt',
  'requirements/dev.txt',
  'requirements/test.txt',
];

/** How a job installs a Python project, and what a deployment, which reads requirements.txt alone, needs besides. */
export function pythonInstall(project: Project): PythonInstall {
  const pyproject = project.text('pyproject.toml') ?? '';
  const tool = managedBy(project, pyproject);
  if (tool !== null) {
    const exported = `${tool.title} is not used when the application is deployed: only requirements.txt is installed.`;
    const findings = project.has('requirements.txt')
      ? []
      : [finding('differs', tool.title, exported, tool.advice, { file: tool.file })];
    return { commands: tool.commands, prefix: tool.prefix, files: [], findings };
  }
  const development = DEVELOPMENT.filter((path) => project.has(path)).slice(0, 1);
  if (project.has('requirements.txt')) {
    const files = ['requirements.txt', ...development];
    return {
      commands: files.map((path) => `pip install -r ${path}`),
      ...{ prefix: '', files: [], findings: [] },
    };
  }
  const commands = development.map((path) => `pip install -r ${path}`);
  if (/^\[project\]/m.test(pyproject) || project.has('setup.py')) {
    const extra =
      /^\[project\.optional-dependencies\]\n(?:(?!\[)[^\n]*\n)*?(tests?|testing|dev)\s*=/m.exec(
        `${pyproject}\n`,
      )?.[1];
    return {
      commands: [`pip install ${extra === undefined ? '.' : `".[${extra}]"`}`, ...commands],
      prefix: '',
      files: [
        {
          path: 'requirements.txt',
          text: '.\n',
          reason:
            'A deployment installs what requirements.txt names; this line installs the project itself with its dependencies.',
        },
      ],
      findings: [],
    };
  }
  return { commands, prefix: '', files: [], findings: [] };
}

interface Manager {
  readonly title: string;
  readonly file: string;
  readonly commands: readonly string[];
  readonly prefix: string;
  readonly advice: string;
}

function managedBy(project: Project, pyproject: string): Manager | null {
  const lock = 'and commit it, again whenever the dependencies change.';
  if (project.has('uv.lock')) {
    return {
      ...{ title: 'uv', file: 'uv.lock', prefix: 'uv run ' },
      commands: ['pip install uv', 'uv sync'],
      advice: `Run "uv export --no-dev -o requirements.txt" ${lock}`,
    };
  }
  if (project.has('poetry.lock') || /^\[tool\.poetry\]/m.test(pyproject)) {
    return {
      ...{ title: 'Poetry', file: 'pyproject.toml', prefix: 'poetry run ' },
      commands: ['pip install poetry', 'poetry install'],
      advice: `Run "poetry export -o requirements.txt" ${lock}`,
    };
  }
  if (project.has('Pipfile')) {
    return {
      ...{ title: 'Pipenv', file: 'Pipfile', prefix: 'pipenv run ' },
      commands: ['pip install pipenv', 'pipenv install --dev'],
      advice: `Run "pipenv requirements > requirements.txt" ${lock}`,
    };
  }
  return null;
}
