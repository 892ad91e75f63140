import { parseRequest, type VersionRequest } from './request.ts';
import type { Installation, InstalledChoice, Tool } from './types.ts';
import { compareVersions, isRelease, startsWithNumbers, versionNumbers } from './version.ts';

const TITLE: Record<Tool, string> = {
  python: 'Python',
  node: 'Node.js',
  ruby: 'Ruby',
  go: 'Go',
  rust: 'Rust',
  jdk: 'JDK',
  php: 'PHP',
};

/** How many leading numbers make a line of versions that are meant to stay compatible. */
const LINE: Record<Tool, number> = { python: 2, node: 1, ruby: 2, go: 2, rust: 2, jdk: 1, php: 2 };

/**
 * Picks the installation for a version as it is written in `.travis.yml`. Exact if there is one (the newest that
 * begins with the numbers given); otherwise the newest of the same line, then of the nearest newer line, then of the nearest
 * older one, with a notice; nothing when `strict`. `written` null: the installation's default, never a notice.
 */
export function chooseInstallation(
  tool: Tool,
  written: string | null,
  available: readonly Installation[],
  options: { strict: boolean; fallback?: string },
): InstalledChoice {
  const asked = written ?? options.fallback ?? '';
  const request = parseRequest(tool, asked);
  const candidates = available
    .filter((one) => one.tool === tool && one.flavour === request.flavour)
    .sort((a, b) => compareVersions(b.version, a.version));
  const exact = findExact(request, candidates);
  if (exact) return { kind: 'found', installation: exact, notice: null };

  const name = `${TITLE[tool]} ${asked}`.trim();
  const there = describeAvailable(tool, available);
  if (candidates.length === 0 || (options.strict && written !== null)) {
    const why = options.strict && candidates.length > 0 ? ' (strict toolchains are on)' : '';
    return { kind: 'missing', message: `${name} is not on this machine${why}. ${there}` };
  }
  const nearest = findNearest(tool, request, candidates);
  const installation = nearest ?? (candidates[0] as Installation);
  const notice = `${name} is not on this machine; using ${TITLE[tool]} ${installation.version} (${installation.source}) instead.`;
  return { kind: 'found', installation, notice: written === null ? null : notice };
}

function findExact(request: VersionRequest, newestFirst: Installation[]): Installation | null {
  if (request.unreleased) return null;
  const matching = newestFirst.filter((one) => {
    if (request.channel !== null) return one.version === request.channel;
    const numbers = versionNumbers(one.version);
    if (!numbers) return request.numbers.length === 0;
    if (request.longTerm && (numbers[0] ?? 1) % 2 === 1) return false;
    return startsWithNumbers(numbers, request.numbers);
  });
  return matching.find((one) => isRelease(one.version)) ?? matching[0] ?? null;
}

function findNearest(
  tool: Tool,
  request: VersionRequest,
  newestFirst: Installation[],
): Installation | null {
  if (request.numbers.length === 0)
    return newestFirst.find((one) => isRelease(one.version)) ?? null;
  const lineOf = (numbers: number[]) => numbers.slice(0, LINE[tool]);
  const line = lineOf(request.numbers).join('.');
  const lines = new Map<string, Installation>();
  for (const one of newestFirst) {
    const numbers = versionNumbers(one.version);
    if (!numbers) continue;
    const key = lineOf(numbers).join('.');
    const known = lines.get(key);
    if (!known || (!isRelease(known.version) && isRelease(one.version))) lines.set(key, one);
  }
  const same = lines.get(line);
  if (same) return same;
  const keys = [...lines.keys()].sort(compareVersions);
  const newer = keys.find((key) => compareVersions(key, line) > 0);
  const nearest = newer ?? keys.at(-1);
  return nearest === undefined ? null : (lines.get(nearest) ?? null);
}

/** For messages: which versions there are, newest first. */
function describeAvailable(tool: Tool, available: readonly Installation[]): string {
  const versions = available
    .filter((one) => one.tool === tool)
    .sort((a, b) => compareVersions(b.version, a.version))
    .map((one) =>
      one.flavour === 'pypy' || one.flavour === 'jruby'
        ? `${one.flavour}-${one.version}`
        : one.version,
    );
  const list = [...new Set(versions)];
  return list.length === 0 ? `It has no ${TITLE[tool]} at all.` : `It has ${list.join(', ')}.`;
}
