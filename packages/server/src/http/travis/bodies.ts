import type { FastifyInstance } from 'fastify';
import { SluiceError } from '../../errors.ts';

/**
 * The `travis` command sends forms, and JSON under the content type of a form (spec/travis.md 15). So the text decides:
 * what begins with a brace is JSON, anything else a form.
 */
export function addTravisBodyParser(app: FastifyInstance): void {
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (request, body, done) => {
    const text = body.toString();
    if (text.trimStart().startsWith('{')) void parseJson(request, text, done);
    else done(null, parseForm(text));
  });
}

/** A form with at most one pair of brackets in a name: `hook[id]=1&hook[active]=true`. Values stay texts. */
function parseForm(text: string): Record<string, unknown> {
  const plain = new Map<string, string>();
  const nested = new Map<string, Map<string, string>>();
  for (const [name, value] of new URLSearchParams(text)) {
    const match = /^([^[\]]+)\[([^[\]]+)\]$/.exec(name);
    if (match?.[1] === undefined || match[2] === undefined) {
      plain.set(name, value);
      continue;
    }
    const inner = nested.get(match[1]) ?? new Map<string, string>();
    nested.set(match[1], inner.set(match[2], value));
  }
  return Object.fromEntries([
    ...plain,
    ...[...nested].map(([name, inner]) => [name, Object.fromEntries(inner)] as const),
  ]);
}

/** What a form or JSON says for true or false; throws `invalid` for anything else. */
export function readFlag(field: string, value: boolean | string): boolean {
  if (typeof value === 'boolean') return value;
  if (/^(true|1|yes|on)$/i.test(value)) return true;
  if (/^(false|0|no|off)$/i.test(value)) return false;
  throw new SluiceError('invalid', `${field} must be true or false.`);
}
