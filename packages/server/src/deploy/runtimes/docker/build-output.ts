import { StringDecoder } from 'node:string_decoder';

/** One line of the engine's answer to a build, a pull or a push. */
interface Message {
  readonly stream?: string;
  readonly status?: string;
  readonly id?: string;
  readonly progress?: string;
  readonly error?: string;
  readonly aux?: { readonly ID?: string; readonly Digest?: string };
}

export interface BuildOutcome {
  /** Of the image that was built, or of the manifest that was pushed. */
  readonly id: string | null;
  readonly error: string | null;
  /** Every layer that it made or used, oldest first. */
  readonly layers: readonly string[];
}

/** Copies what an engine says to `log` as it comes, without progress bars. Resolves when it has said everything. */
export async function readBuildOutput(
  stream: NodeJS.ReadableStream,
  log: (text: string) => Promise<void>,
  onLayer: (id: string) => Promise<void> = async () => undefined,
): Promise<BuildOutcome> {
  const decoder = new StringDecoder('utf8');
  const layers: string[] = [];
  let rest = '';
  let id: string | null = null;
  let error: string | null = null;
  const take = async (line: string): Promise<void> => {
    if (line.trim() === '') return;
    const message = JSON.parse(line) as Message;
    id = message.aux?.ID ?? message.aux?.Digest ?? id;
    error = message.error ?? error;
    const layer = /^ ---> ([0-9a-f]{12})\n?$/.exec(message.stream ?? '')?.[1];
    if (layer !== undefined) {
      layers.push(layer);
      await onLayer(layer);
    }
    const text = textOf(message);
    if (text !== '') await log(text);
  };
  for await (const chunk of stream) {
    const lines = (rest + (typeof chunk === 'string' ? chunk : decoder.write(chunk))).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) await take(line);
  }
  await take(rest);
  return { id, error, layers };
}

function textOf({ stream, status, id, progress, error }: Message): string {
  if (error !== undefined) return `${error}\n`;
  if (stream !== undefined) return stream;
  // A bar that is redrawn many times a second on a terminal; here only its words, once.
  if (
    status === undefined ||
    progress !== undefined ||
    /^(Downloading|Extracting|Pushing)$/.test(status)
  )
    return '';
  return `${id === undefined ? '' : `${id}: `}${status}\n`;
}
