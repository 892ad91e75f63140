import type { Project } from '../project.ts';
import type { Detection, Detector } from '../types.ts';
import { compiledDetectors } from './compiled.ts';
import { detectNode } from './node.ts';
import { detectMake, detectStatic } from './plain.ts';
import { detectPython, detectPythonScripts } from './python.ts';

/** Frameworks first: a Django or Rails project often has a package.json for its style sheets. */
const ORDER: readonly Detector[] = [
  detectPython,
  ...compiledDetectors,
  detectNode,
  detectStatic,
  detectMake,
  detectPythonScripts,
];

/** Words in the web command of a Procfile that settle the language where files of several are there. */
const SPOKEN: readonly (readonly [RegExp, string])[] = [
  [/\b(npm|node|yarn|npx|pnpm)\b/, 'node_js'],
  [/\b(gunicorn|uvicorn|python3?|waitress-serve|daphne|hypercorn)\b/, 'python'],
  [/\b(bundle|puma|rails|rackup|ruby)\b/, 'ruby'],
];

export interface Languages {
  readonly chosen: Detection | null;
  /** Other languages that are there too. */
  readonly others: readonly Detection[];
}

/** What a project is written in; with several languages, the one that its web command speaks, or the first. */
export function detectLanguages(project: Project, hint: string | null = null): Languages {
  const all = ORDER.map((detector) => detector(project)).filter((found) => found !== null);
  const web = /^\s*web\s*:(.*)$/m.exec(project.text('Procfile') ?? '')?.[1] ?? '';
  const spoken = SPOKEN.find(([word]) => word.test(web))?.[1];
  const wanted = [hint, spoken].filter((language) => language != null);
  const chosen = all.find(({ language }) => wanted.includes(language)) ?? all[0] ?? null;
  const weak = ['generic', 'c', 'cpp'];
  const others = all.filter(
    ({ language }) => language !== chosen?.language && !weak.includes(language),
  );
  return { chosen, others };
}
