import { StringDecoder } from 'node:string_decoder';
import { plainLog } from '../build/plain-log.ts';

/** Where a job's log goes. */
export interface JobOutput {
  push(bytes: Buffer): void;
  end(): void;
}

/** Writes a log as text, without fold and timing marks unless `raw`. A `label` stands before each line. */
export function jobOutput(
  write: (text: string) => void,
  { raw, label }: { readonly raw: boolean; readonly label: string | null },
): JobOutput {
  const decoder = new StringDecoder('utf8');
  const marks = plainLog();
  const lines = label === null ? null : labelled(label, write);
  const emit = (text: string) => {
    if (text === '') return;
    if (lines === null) write(text);
    else lines.push(text);
  };
  return {
    push: (bytes) => {
      const text = decoder.write(bytes);
      emit(raw ? text : marks.push(text));
    },
    end: () => {
      const rest = decoder.end();
      emit(raw ? rest : marks.push(rest) + marks.end());
      lines?.end();
    },
  };
}

/** Whole lines only, so that the logs of jobs that run at once do not mix inside one. */
function labelled(label: string, write: (text: string) => void) {
  let open = '';
  return {
    push: (text: string) => {
      const lines = (open + text).split('\n');
      open = lines.pop() ?? '';
      if (lines.length > 0) write(lines.map((line) => `${label}${line}\n`).join(''));
    },
    end: () => {
      if (open !== '') write(`${label}${open}\n`);
      open = '';
    },
  };
}
