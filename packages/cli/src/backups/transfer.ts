import { createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';

/** `12.3 MB`. */
export function sizeText(bytes: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1_000 && unit < units.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  return unit === 0 ? `${value} bytes` : `${value.toFixed(1)} ${units[unit]}`;
}

/** Fetches an address into a file, which is there whole or not at all. Answers its path and size. */
export async function download(
  { terminal, directory }: Context,
  url: string,
  target: string | undefined,
): Promise<{ path: string; bytes: number }> {
  const answer = await fetch(url);
  if (!answer.ok || answer.body === null) throw await refused('download', answer);
  const named = /filename="([^"/\\]+)"/.exec(answer.headers.get('content-disposition') ?? '')?.[1];
  const path = resolve(directory, target ?? basename(named ?? 'backup'));
  const part = join(dirname(path), `.${basename(path)}.part`);
  let bytes = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      terminal.progress(`${sizeText(bytes)} received`);
      done(null, chunk);
    },
  });
  try {
    await pipeline(
      Readable.fromWeb(answer.body),
      counted,
      createWriteStream(part, { mode: 0o600 }),
    );
    await rename(part, path);
  } finally {
    await rm(part, { force: true });
    terminal.progress(null);
  }
  return { path, bytes };
}

/** Puts a file to an address, and then says that it is all there. */
export async function upload(
  { terminal, directory }: Context,
  file: string,
  address: { url: string; limit: number; finish: string },
): Promise<void> {
  const handle = await open(resolve(directory, file)).catch((error: Error) => {
    throw new CommandError(exitCodes.usage, `${file} cannot be read: ${error.message}`);
  });
  try {
    const { size } = await handle.stat();
    if (size > address.limit) {
      throw new CommandError(
        exitCodes.failed,
        `${file} is ${sizeText(size)}, more than the ${sizeText(address.limit)} that the server takes.`,
      );
    }
    let sent = 0;
    const counted = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        sent += chunk.length;
        terminal.progress(`${sizeText(sent)} of ${sizeText(size)} sent`);
        done(null, chunk);
      },
    });
    const body = Readable.toWeb(handle.createReadStream({ autoClose: false }).pipe(counted));
    const headers = { 'content-length': String(size), 'content-type': 'application/octet-stream' };
    const init = { method: 'PUT', headers, body, duplex: 'half' };
    const answer = await fetch(address.url, init as RequestInit);
    if (!answer.ok) throw await refused('upload', answer);
  } finally {
    terminal.progress(null);
    await handle.close();
  }
  const finished = await fetch(address.finish, { method: 'POST' });
  if (!finished.ok) throw await refused('upload', finished);
}

async function refused(what: string, answer: Response): Promise<CommandError> {
  const text = (await answer.text()).slice(0, 500);
  let said = text;
  try {
    const values = Object.values(JSON.parse(text) as Record<string, unknown>).flat();
    said = values.join(' ');
  } catch {
    // Something else than Sluice answered: its own words are all there is.
  }
  return new CommandError(exitCodes.failed, `The ${what} was refused (${answer.status}): ${said}`);
}
