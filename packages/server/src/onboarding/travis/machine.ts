import { chooseInstallation, type Installation, type Tool } from '@sluice/runner';
import { languages, versionKey } from '@sluice/travis-config';
import { type Finding, finding } from '../types.ts';
import { lineAt, parts, type ReadTravis, strings } from './place.ts';

const FILE = '.travis.yml';
const at = (line: number | null) => ({ file: FILE, line });

/** Languages whose version, install and test the host executor knows (packages/runner/src/script/languages). */
const TOOLS: Readonly<Record<string, Tool | null>> = {
  ...{ python: 'python', node_js: 'node', ruby: 'ruby', go: 'go', rust: 'rust', php: 'php' },
  ...{ java: 'jdk', groovy: 'jdk', scala: 'jdk', clojure: 'jdk' },
  ...{ c: null, cpp: null, generic: null, shell: null },
};

/** Operating system, distribution, processor, language and versions: what the machine that runs jobs makes of them. */
export function machineFindings(
  read: ReadTravis,
  installations: readonly Installation[] | null,
): Finding[] {
  const found: Finding[] = [];
  for (const [path, part] of parts(read)) {
    for (const [index, os] of strings(part.os).entries()) {
      if (os === 'linux') continue;
      found.push(
        finding(
          'missing',
          `os: ${os}`,
          'Jobs run on linux only; a job for another system ends at once, errored.',
          'Take it out of the matrix, or name it in jobs.allow_failures.',
          at(lineAt(read, `${path}os.${index}`)),
        ),
      );
    }
    for (const [index, arch] of strings(part.arch).entries()) {
      if (arch === 'amd64') continue;
      found.push(
        finding(
          'differs',
          `arch: ${arch}`,
          'A job runs on the processor of the machine that there is, and its log says so.',
          null,
          at(lineAt(read, `${path}arch.${index}`)),
        ),
      );
    }
    // What the file does not name has no place: the default distribution needs no word.
    if (part.dist !== undefined && read.positions.has(`${path}dist`)) {
      found.push(
        finding(
          'differs',
          `dist: ${part.dist}`,
          'Jobs run on the distribution of the machine, whatever it is.',
          'Ask for versions of the language instead.',
          at(lineAt(read, `${path}dist`)),
        ),
      );
    }
    for (const key of ['sudo', 'vm', 'group', 'stack']) {
      if (part[key as 'sudo'] === undefined) continue;
      const detail =
        key === 'sudo'
          ? 'The key has no effect: jobs are not root and cannot become it.'
          : 'The key has no effect here.';
      found.push(finding('differs', key, detail, null, at(lineAt(read, `${path}${key}`))));
    }
  }
  return [...found, ...languageFindings(read, installations)];
}

function languageFindings(
  read: ReadTravis,
  installations: readonly Installation[] | null,
): Finding[] {
  const found: Finding[] = [];
  for (const [path, part] of parts(read)) {
    const language = part.language ?? (path === '' ? 'ruby' : undefined);
    if (language === undefined || !(languages as readonly string[]).includes(language)) continue;
    const line = lineAt(read, `${path}language`);
    if (!Object.hasOwn(TOOLS, language)) {
      const detail = `Sluice sets nothing up for ${language}: a job runs the commands of the file with what the machine has.`;
      const advice = 'Name install and script, and have the tools installed on the machine.';
      found.push(finding('differs', `language: ${language}`, detail, advice, at(line)));
      continue;
    }
    const tool = TOOLS[language] ?? null;
    const key = versionKey(language);
    if (tool === null || key === null || installations === null) continue;
    for (const [index, version] of strings(part[key]).entries()) {
      const choice = chooseInstallation(tool, version, installations, { strict: false });
      const place = at(lineAt(read, `${path}${key}.${index}`));
      const subject = `${key}: ${version}`;
      if (choice.kind === 'missing') {
        const advice = 'Install it on the machine, or ask for a version that is there.';
        found.push(finding('missing', subject, choice.message, advice, place));
      } else if (choice.notice !== null) {
        const advice = 'A build says so at its top; strict toolchains make it an error instead.';
        found.push(finding('differs', subject, choice.notice, advice, place));
      }
    }
  }
  return found;
}
