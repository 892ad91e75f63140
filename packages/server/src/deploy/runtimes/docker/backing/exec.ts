import { once } from 'node:events';
import type { ExecRequest, ExecResult } from '../../backing.ts';
import type { Engine } from '../engine.ts';
import { frames } from '../frames.ts';

const MOST_TEXT = 64 * 1024;

/** Runs a program in a container that runs, and waits for its end. */
export async function execIn(
  engine: Engine,
  container: string,
  request: ExecRequest,
): Promise<ExecResult> {
  const { stdin, stdout: sink, signal, variables = {} } = request;
  signal?.throwIfAborted();
  const exec = await engine.call('run a program in a container', (docker) =>
    docker.getContainer(container).exec({
      Cmd: [...request.argv],
      Env: Object.entries(variables).map(([name, value]) => `${name}=${value}`),
      AttachStdin: stdin !== undefined,
      AttachStdout: true,
      AttachStderr: true,
    }),
  );
  const stream = await engine.once('run a program in a container', () =>
    exec.start({ hijack: true, stdin: stdin !== undefined }),
  );
  const abort = () => stream.destroy(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  // A program that ends before it has read everything is told of by its exit status.
  stream.on('error', () => undefined);
  stdin?.on('error', (error) => stream.destroy(error));
  stdin?.pipe(stream);
  const text = { stdout: '', stderr: '' };
  const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
  try {
    for await (const { source, bytes } of frames(stream)) {
      if (source === 'stdout' && sink !== undefined) {
        if (!sink.write(bytes)) await once(sink, 'drain', signal === undefined ? {} : { signal });
        continue;
      }
      const more = decoders[source].decode(bytes, { stream: true });
      text[source] = (text[source] + more).slice(-MOST_TEXT);
    }
  } finally {
    signal?.removeEventListener('abort', abort);
    stdin?.unpipe(stream);
    stream.destroy();
  }
  signal?.throwIfAborted();
  const { ExitCode } = await engine.call('look at a program in a container', () => exec.inspect());
  return { code: ExitCode ?? -1, ...text };
}
