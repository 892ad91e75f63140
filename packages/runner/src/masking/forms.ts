import { SHORTEST_MASKED } from '@sluice/contract/masking';
import { shellUnquote } from './shell-unquote.ts';

/** Below this a piece of base64 is too likely to be an accident. */
const SHORTEST_FRAGMENT = 8;

/** `base64` of coreutils and of OpenSSL wrap here, which cuts a long secret into lines. */
const WRAP_COLUMNS = [76, 64];

/**
 * Every text under which a secret is known to turn up in logs: itself, without its shell quotes, line by
 * line, and encoded by the tools that builds commonly pipe things through (spec/faults.md 28). Trades a few false
 * alarms for fewer leaks. Returned longest first, as UTF-8 bytes, each longer than three characters.
 */
export function formsOf(secrets: Iterable<string>): Buffer[] {
  const forms = new Map<string, Buffer>();
  const add = (bytes: Buffer) => {
    if (bytes.toString('utf8').length >= SHORTEST_MASKED)
      forms.set(bytes.toString('latin1'), bytes);
  };
  for (const secret of secrets) {
    for (const value of plainValues(secret)) {
      if (value.length < SHORTEST_MASKED) continue;
      add(Buffer.from(value));
      for (const encoded of encodings(value)) add(Buffer.from(encoded));
    }
  }
  return [...forms.values()].sort((a, b) => b.length - a.length);
}

function plainValues(secret: string): Set<string> {
  const values = new Set<string>();
  for (const whole of [secret, shellUnquote(secret)]) {
    values.add(whole);
    values.add(whole.trim());
    if (!whole.includes('\n')) continue;
    // A terminal or a pty writes \r\n; JSON and `set -x` may join the lines differently. Line by line covers all.
    for (const line of whole.split('\n')) {
      values.add(line.trim());
    }
  }
  return values;
}

function encodings(value: string): string[] {
  const bytes = Buffer.from(value);
  const percent = percentEncode(value);
  const json = JSON.stringify(value).slice(1, -1);
  return [
    ...base64Forms(bytes),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    percent,
    percent.replaceAll('%20', '+'),
    percent.replaceAll(/%[0-9A-F]{2}/g, (encoded) => encoded.toLowerCase()),
    json,
    json.replaceAll('/', '\\/'),
    asciiJson(value),
    backslashed(value),
    value.replaceAll("'", `'\\''`),
    markup(value),
  ];
}

/** Lone surrogates make encodeURIComponent throw; Buffer has replaced them already in what is printed. */
function percentEncode(value: string): string {
  return encodeURIComponent(Buffer.from(value).toString('utf8'));
}

function asciiJson(value: string): string {
  return JSON.stringify(value)
    .slice(1, -1)
    .replaceAll(
      /[\u0080-\uffff]/g,
      (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
}

/** As `printf %q` and `set -x` show it. */
function backslashed(value: string): string {
  return value.replaceAll(/[^\w@%+=:,./\u0080-\uffff-]/g, (char) => `\\${char}`);
}

function markup(value: string): string {
  return value
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/**
 * The value's own base64, and the part of it that is the same wherever the value lies inside a longer text
 * (`user:TOKEN`, or with the newline that `echo` adds): three alignments, without the characters that neighbours share.
 */
function base64Forms(bytes: Buffer): string[] {
  const forms: string[] = [];
  const whole = bytes.toString('base64');
  forms.push(whole, whole.replace(/=+$/, ''));
  for (const offset of [0, 1, 2]) {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64url');
    const first = Math.ceil((offset * 8) / 6);
    const last = Math.floor(((offset + bytes.length) * 8) / 6);
    const stable = encoded.slice(first, last);
    if (stable.length < SHORTEST_FRAGMENT) continue;
    forms.push(stable, stable.replaceAll('-', '+').replaceAll('_', '/'));
  }
  forms.push(bytes.toString('base64url'));
  for (const columns of WRAP_COLUMNS) {
    if (whole.length <= columns) continue;
    for (let at = 0; at < whole.length; at += columns) {
      const line = whole.slice(at, at + columns);
      if (line.length >= SHORTEST_FRAGMENT) forms.push(line);
    }
  }
  return forms;
}
