import { createMasker } from '../masking/index.ts';

export interface MaskedLog {
  /** Takes output of the job; resolves when the next may come. */
  write(chunk: Uint8Array | string): Promise<void>;
  /** Bytes that have left so far. Masking may make a log longer than what the job wrote. */
  emitted(): number;
  /** Whole lines of the runner's own, in yellow. */
  notice(text: string): Promise<void>;
  error(text: string): Promise<void>;
  /** Shows what the mask still holds back. Nothing may be written after it. */
  end(): Promise<void>;
}

/** A quiet stream shows a held-back end of a line after this time. */
const FLUSH_MS = 300;

/** A log whose secrets are masked before anything leaves this function. Keeps the order of calls. */
export function createMaskedLog(
  secrets: readonly string[],
  sink: (bytes: Buffer) => Promise<void> | void,
): MaskedLog {
  const masker = createMasker(secrets);
  let turn: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | null = null;
  let emitted = 0;
  const emit = (bytes: Buffer): Promise<void> => {
    emitted += bytes.length;
    if (bytes.length > 0) turn = turn.then(() => sink(bytes));
    return turn;
  };
  const write = (chunk: Uint8Array | string): Promise<void> => {
    const emitted = emit(masker.push(chunk));
    timer ??= setTimeout(() => {
      timer = null;
      emit(masker.flush()).catch(() => undefined);
    }, FLUSH_MS);
    return emitted;
  };
  return {
    write,
    emitted: () => emitted,
    notice: (text) => write(`\x1b[33;1m${text}\x1b[0m\n`),
    error: (text) => write(`\n\x1b[31;1m${text}\x1b[0m\n`),
    end() {
      if (timer) clearTimeout(timer);
      return emit(masker.end());
    },
  };
}
