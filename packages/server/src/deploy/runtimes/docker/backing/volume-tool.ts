import type { ExecResult } from '../../backing.ts';
import { type Engine, isConflict, isMissing } from '../engine.ts';
import { frames } from '../frames.ts';
import type { Names } from '../labels.ts';

const MOST_TEXT = 64 * 1024;
const CAPABILITIES = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER'];

/** Runs a program over a volume, in a container whose name belongs to that volume: two never change it at once. */
export async function runOnVolume(
  engine: Engine,
  names: Names,
  volume: string,
  image: string,
  argv: readonly string[],
): Promise<ExecResult> {
  const name = `${volume}-tool`;
  const remove = () =>
    engine
      .call('remove a container', (docker) =>
        docker.getContainer(name).remove({ force: true, v: true }),
      )
      .catch((error: unknown) => {
        if (!isMissing(error) && !isConflict(error)) throw error;
      });
  const wait = () =>
    engine.call('wait for a program', (docker) => docker.getContainer(name).wait());

  // One that a killed server began goes on by itself.
  await wait().catch((error: unknown) => {
    if (!isMissing(error)) throw error;
  });
  await remove();
  const { id } = await engine.call('make a container', (docker) =>
    docker.createContainer({
      name,
      Image: image,
      Entrypoint: [],
      Cmd: [...argv],
      User: '0',
      Labels: names.labels('carrier'),
      NetworkDisabled: true,
      HostConfig: {
        Mounts: [{ Type: 'volume', Source: volume, Target: '/volume' }],
        SecurityOpt: ['no-new-privileges'],
        CapDrop: ['ALL'],
        CapAdd: CAPABILITIES,
      },
    }),
  );
  try {
    await engine.call('start a container', (docker) => docker.getContainer(id).start());
    const { StatusCode } = await wait();
    const stream = await engine.call('read the output of a container', (docker) =>
      docker.getContainer(id).logs({ follow: true, stdout: true, stderr: true }),
    );
    const text = { stdout: '', stderr: '' };
    for await (const { source, bytes } of frames(stream)) {
      text[source] = (text[source] + bytes.toString('utf8')).slice(-MOST_TEXT);
    }
    return { code: Number(StatusCode), ...text };
  } finally {
    await remove();
  }
}
