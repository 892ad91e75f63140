import type { Project } from '../project.ts';
import { type Finding, finding, type Processes, type ProposedText } from '../types.ts';
import { dependencyText } from './python-test.ts';

interface PythonWeb {
  readonly processes: Processes | null;
  readonly files: readonly ProposedText[];
  readonly findings: readonly Finding[];
}

/** Instances share the machine, so they listen on loopback: the router alone speaks to them. */
const WSGI = (module: string) => `gunicorn ${module} --bind 127.0.0.1:$PORT`;
const ASGI = (module: string) => `uvicorn ${module} --host 127.0.0.1 --port $PORT`;

/** The command that serves a Python project, from its framework. */
export function pythonWeb(project: Project, requirements: string | null): PythonWeb {
  const wsgi = project.find(/(?:^|\/)wsgi\.py$/);
  if (project.has('manage.py') && wsgi !== null) {
    const commands: [string, string][] = [
      ['web', WSGI(`${moduleOf(wsgi)}`)],
      ['release', 'python manage.py migrate --noinput'],
    ];
    const reason = `${wsgi} is the Django project's own entry for web servers, and gunicorn serves it; migrations run before a release goes live.`;
    return withServer(project, requirements, ['gunicorn'], { commands, reason });
  }
  const entries = project.paths.filter(
    (path) => path.endsWith('.py') && project.text(path) !== null,
  );
  for (const path of entries) {
    const text = project.text(path) ?? '';
    const [, name, framework] =
      /^(\w+)\s*(?::[^=\n]+)?=\s*(FastAPI|Starlette|Quart|Flask|Bottle|falcon\.App)\(/m.exec(
        text,
      ) ?? [];
    if (name === undefined || framework === undefined) continue;
    const isAsync = ['FastAPI', 'Starlette', 'Quart'].includes(framework);
    const target = `${moduleOf(path)}:${name}`;
    const needed = [framework.split('.')[0]?.toLowerCase() ?? '', isAsync ? 'uvicorn' : 'gunicorn'];
    return withServer(project, requirements, needed, {
      commands: [['web', isAsync ? ASGI(target) : WSGI(target)]],
      reason: `${path} makes a ${framework} application named "${name}".`,
    });
  }
  const standalone = entries.find((path) => {
    const text = project.text(path) ?? '';
    return (
      !path.includes('/') && /__name__\s*==\s*['"]__main__['"]/.test(text) && /\bPORT\b/.test(text)
    );
  });
  if (standalone !== undefined) {
    const reason = `${standalone} starts a server of its own on the port in $PORT.`;
    return {
      processes: { commands: [['web', `python ${standalone}`]], reason },
      files: [],
      findings: [],
    };
  }
  return { processes: null, files: [], findings: [] };
}

/** `shop/wsgi.py` -> `shop.wsgi`; a package is named by its folder. */
function moduleOf(path: string): string {
  return path
    .replace(/\.py$/, '')
    .replace(/\/__init__$/, '')
    .replaceAll('/', '.');
}

/** Adds to requirements.txt what the web command needs and the project does not install. */
function withServer(
  project: Project,
  requirements: string | null,
  needed: readonly string[],
  processes: Processes,
): PythonWeb {
  const known = `${dependencyText(project)}\n${requirements ?? ''}`;
  const absent = needed.filter(
    (name) => !new RegExp(`(^|[\\s"'\\[,])${name}\\b`, 'im').test(known),
  );
  if (absent.length === 0) return { processes, files: [], findings: [] };
  const list = absent.join(' and ');
  if (requirements === null && dependencyText(project).trim() !== '') {
    const detail = `The web command needs ${list}, not named among the project's dependencies.`;
    const advice = `Add ${list} to them and to requirements.txt.`;
    return { processes, files: [], findings: [finding('differs', list, detail, advice)] };
  }
  const before = (requirements ?? '').replace(/\s*$/, '\n').replace(/^\n/, '');
  const reason = `The web command needs ${list}, which requirements.txt does not name yet.`;
  const text = `${before}${absent.map((name) => `${name}\n`).join('')}`;
  return { processes, files: [{ path: 'requirements.txt', text, reason }], findings: [] };
}
