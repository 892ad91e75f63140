import type { Project } from '../project.ts';
import { type Detection, type Detector, finding } from '../types.ts';

/** Where the process runtime looks for pages, in this order. */
const PAGES = ['.', 'dist', 'build', 'public', '_site', 'out'];

/** Pages that are served as they are. */
export const detectStatic: Detector = (project) => {
  const page = PAGES.map((folder) => (folder === '.' ? 'index.html' : `${folder}/index.html`)).find(
    (path) => project.has(path),
  );
  if (page === undefined) return null;
  const test = makeTest(project);
  return plain({
    ...{ language: 'generic', evidence: page },
    script: test ?? [`test -s ${page}`],
    scriptReason:
      test === null
        ? 'No tests were found; this at least sees that there is a page.'
        : 'The Makefile has a target "test".',
  });
};

/** C and C++, and whatever a Makefile tests. */
export const detectMake: Detector = (project) => {
  const source = project.paths.find((path) => /\.(c|cc|cpp|cxx)$/.test(path));
  const makefile = ['Makefile', 'makefile', 'GNUmakefile'].find((path) => project.has(path));
  const cmake = project.has('CMakeLists.txt') ? 'CMakeLists.txt' : undefined;
  const evidence = makefile ?? cmake;
  if (evidence === undefined) return null;
  const language = source === undefined ? 'generic' : source.endsWith('.c') ? 'c' : 'cpp';
  const script =
    makefile === undefined
      ? ['cmake -B build', 'cmake --build build', 'ctest --test-dir build --output-on-failure']
      : (makeTest(project) ?? ['make']);
  const reason =
    makefile === undefined ? 'CMake builds and tests it.' : `${makefile} says what to run.`;
  return {
    ...plain({ language, evidence, script, scriptReason: reason }),
    findings: [
      finding(
        'missing',
        'deployment',
        'A deployment compiles nothing: the process runtime knows Python, Node.js and static pages.',
        'Deploying compiled programs comes with the Docker runtime.',
        { file: evidence },
      ),
    ],
  };
};

function makeTest(project: Project): string[] | null {
  const text = project.text('Makefile') ?? project.text('makefile') ?? '';
  const target = /^(test|check)\s*:/m.exec(text)?.[1];
  return target === undefined ? null : [`make ${target}`];
}

const plain = (
  told: Pick<Detection, 'language' | 'evidence' | 'script' | 'scriptReason'>,
): Detection => ({
  ...told,
  ...{ versions: null, install: [], processes: null, files: [], findings: [] },
});
