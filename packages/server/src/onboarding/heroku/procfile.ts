import { type Finding, finding } from '../types.ts';

const LINE = /^([A-Za-z0-9_-]{1,60})\s*:\s*(\S.*)$/;

/** An existing Procfile: each process, and lines that a deployment would refuse. */
export function procfileFindings(text: string): Finding[] {
  const found: Finding[] = [];
  const seen = new Set<string>();
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const place = { file: 'Procfile', line: index + 1 };
    const [, type, command] = LINE.exec(line) ?? [];
    if (type === undefined || command === undefined) {
      const detail = `A deployment refuses it: it is not of the form "<type>: <command>" (${line.slice(0, 100)}).`;
      found.push(finding('missing', 'Procfile', detail, 'Correct the line.', place));
      continue;
    }
    if (seen.has(type)) {
      const detail = 'A deployment refuses it: this process was named before.';
      found.push(finding('missing', `process ${type}`, detail, 'Keep one of them.', place));
      continue;
    }
    seen.add(type);
    found.push(...processFindings(type, command, place));
  }
  if (seen.size > 0 && !seen.has('web')) {
    const detail =
      'There is no web process, so nothing answers requests unless there are static pages or a start script.';
    found.push(
      finding('differs', 'Procfile', detail, 'Add a line "web: <command>".', {
        file: 'Procfile',
        line: 1,
      }),
    );
  }
  return found;
}

function processFindings(
  type: string,
  command: string,
  place: { file: string; line: number },
): Finding[] {
  const detail =
    type === 'web'
      ? 'It answers requests; it must listen on the port in $PORT.'
      : type === 'release'
        ? 'It runs before each release goes live; when it fails, the old release stays.'
        : 'It runs beside the web process, as one instance.';
  const found = [finding('works', `process ${type}`, detail, null, place)];
  if (
    /\b(bundle|puma|rails|java|mvn|php|heroku-php-\w+|bin\/start-nginx)\b|^(target|bin)\//.test(
      command,
    )
  ) {
    found.push(
      finding(
        'missing',
        `process ${type}`,
        'A deployment installs Python and Node.js only, so what this command starts is not there.',
        'It comes with the Docker runtime.',
        place,
      ),
    );
  }
  if (type === 'web' && /\bgunicorn\b/.test(command) && !/(-b|--bind)\b/.test(command)) {
    found.push(
      finding(
        'differs',
        'process web',
        'Without --bind gunicorn listens on every address of the machine, past the router.',
        'Add --bind 127.0.0.1:$PORT.',
        place,
      ),
    );
  }
  return found;
}
