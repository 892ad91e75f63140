import type { Note } from '../engine.ts';

export interface Letter {
  /** The server that wrote it, which has heard all of it already. */
  readonly from: string;
  readonly notes: readonly Note[];
}

/** PostgreSQL takes 7999 bytes in one notification. */
const MOST_BYTES = 7_900;

/** Puts notes into as few notifications as they need. One that fits into none becomes `lost`. */
export function writeLetters(from: string, notes: readonly Note[]): string[] {
  const letters: string[] = [];
  const envelope = Buffer.byteLength(JSON.stringify({ from, notes: [] }));
  let texts: string[] = [];
  let bytes = envelope;
  const close = () => {
    if (texts.length > 0) letters.push(`{"from":${JSON.stringify(from)},"notes":[${texts}]}`);
    texts = [];
    bytes = envelope;
  };
  for (const note of notes) {
    let text = JSON.stringify(note);
    if (envelope + Buffer.byteLength(text) > MOST_BYTES) text = JSON.stringify({ lost: true });
    const more = Buffer.byteLength(text) + 1;
    if (bytes + more > MOST_BYTES) close();
    texts.push(text);
    bytes += more;
  }
  close();
  return letters;
}

/** Null: not one of ours. */
export function readLetter(text: string): Letter | null {
  try {
    const letter: unknown = JSON.parse(text);
    const isLetter =
      typeof letter === 'object' && letter !== null && 'from' in letter && 'notes' in letter;
    return isLetter ? (letter as Letter) : null;
  } catch {
    return null;
  }
}
