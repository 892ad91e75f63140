import { StringDecoder } from 'node:string_decoder';
import { createMasker } from '@sluice/runner';

/** A deployment's log (spec/divio.md 3.5), in which no secret value of the environment appears. */
export interface DeploymentLog {
  /** A heading on a line of its own, a blank line after it. */
  section(title: string): Promise<void>;
  line(text: string): Promise<void>;
  /** Output of programs, cut anywhere. */
  write(text: string): Promise<void>;
  /** For what is said elsewhere, such as the reason of a failure. */
  mask(text: string): string;
  /** Shows what masking held back. Nothing can be written after it. */
  end(): Promise<void>;
}

export function createDeploymentLog(
  secrets: readonly string[],
  append: (text: string) => Promise<void>,
): DeploymentLog {
  const masker = createMasker(secrets);
  const decoder = new StringDecoder('utf8');
  let atLineStart = true;

  const show = async (bytes: Uint8Array): Promise<void> => {
    const text = decoder.write(Buffer.from(bytes));
    if (text !== '') await append(text);
  };
  const write = async (text: string): Promise<void> => {
    if (text === '') return;
    atLineStart = text.endsWith('\n');
    await show(masker.push(text));
  };
  const ownLine = () => (atLineStart ? '' : '\n');

  return {
    write,
    line: (text) => write(`${ownLine()}${text}\n`),
    section: async (title) => {
      await write(`${ownLine()}===== ${title} =====\n\n`);
    },
    mask: (text) => masker.mask(text),
    end: () => show(masker.end()),
  };
}
