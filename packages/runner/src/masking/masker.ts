import { formsOf } from './forms.ts';

const MASK = Buffer.from('[secure]');

/** So few characters of a secret's beginning may be shown when nothing follows for a while. */
const HARMLESS_PREFIX = 3;

/** An end that is at least this long, and half a secret, is taken for a secret that was cut off. */
const SUSPICIOUS_END = 8;

export interface Masker {
  /** Takes the next bytes of the stream, returns what can be shown by now. Holds back less than the longest secret. */
  push(chunk: Uint8Array | string): Buffer;
  /**
   * For when the stream has been quiet: shows a held-back end of up to three bytes. A longer one goes on waiting, since it
   * is most likely the first half of a secret. The mask still holds when the rest arrives.
   */
  flush(): Buffer;
  /** The stream is over: everything that is left. */
  end(): Buffer;
  /** A text that stands by itself, independent of the stream. */
  mask(text: string): string;
}

/**
 * Replaces every known form of every secret by `[secure]` in a stream of bytes, wherever the stream is cut
 * (spec/travis.md 14.4, spec/faults.md 28). Of several that begin at one place, the longest is taken.
 * Values of up to three characters are ignored. Works on bytes, so invalid UTF-8 passes unchanged.
 */
export function createMasker(secrets: Iterable<string>): Masker {
  const forms = formsOf(secrets);
  const byFirstByte = new Map<number, Buffer[]>();
  for (const form of forms) {
    const first = form[0] as number;
    const group = byFirstByte.get(first);
    if (group) group.push(form);
    else byFirstByte.set(first, [form]);
  }

  let held: Buffer = Buffer.alloc(0);
  /** How many bytes at the start of `held` have been shown already, by a flush. */
  let shown = 0;

  const scan = (data: Buffer, alreadyShown: number, final: boolean) => {
    const output: Buffer[] = [];
    let plainFrom = alreadyShown;
    let position = 0;
    while (position < data.length) {
      const group = byFirstByte.get(data[position] as number);
      const found = group ? matchAt(group, data, position, final) : null;
      if (found === 'wait') break;
      if (found === null) {
        position++;
        continue;
      }
      if (position > plainFrom) output.push(data.subarray(plainFrom, position));
      output.push(MASK);
      position += found;
      plainFrom = position;
    }
    if (position > plainFrom) output.push(data.subarray(plainFrom, position));
    return {
      output: Buffer.concat(output),
      position,
      shownAfter: Math.max(0, plainFrom - position),
    };
  };

  const advance = (chunk: Uint8Array | string, final: boolean): Buffer => {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : Buffer.from(chunk);
    const data = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
    const result = scan(data, shown, final);
    held = Buffer.from(data.subarray(result.position));
    shown = result.shownAfter;
    return result.output;
  };

  return {
    push: (chunk) => advance(chunk, false),
    flush() {
      if (held.length > HARMLESS_PREFIX) return Buffer.alloc(0);
      const rest = held.subarray(shown);
      shown = held.length;
      return Buffer.from(rest);
    },
    end: () => advance(Buffer.alloc(0), true),
    mask: (text) => scan(Buffer.from(text), 0, true).output.toString('utf8'),
  };
}

/** Length of the secret at `position`, null for none, `wait` when more bytes are needed to tell. */
function matchAt(
  group: Buffer[],
  data: Buffer,
  position: number,
  final: boolean,
): number | 'wait' | null {
  const available = data.length - position;
  for (const form of group) {
    const compared = Math.min(form.length, available);
    if (data.compare(form, 0, compared, position, position + compared) !== 0) continue;
    if (form.length <= available) return form.length;
    if (!final) return 'wait';
    if (available >= SUSPICIOUS_END && available * 2 >= form.length) return available;
  }
  return null;
}
