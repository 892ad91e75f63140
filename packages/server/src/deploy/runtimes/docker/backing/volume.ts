import { Readable } from 'node:stream';
import type { Engine } from '../engine.ts';
import { isConflict, isMissing } from '../engine.ts';
import type { Names } from '../labels.ts';

const PLACE = '/volume';
const BLOCK = 512;

/**
 * Files of a volume, through a container that never runs: the engine itself packs and unpacks them. Its image has nothing but a directory
 * that everybody may write to; a fresh volume takes that over, so that an application without a root can use it.
 */
export function createVolumes(engine: Engine, names: Names) {
  const image = `${names.repository('volume')}:1`;

  const ensureImage = async (): Promise<void> => {
    try {
      await engine.call('look at an image', (docker) => docker.getImage(image).inspect());
    } catch (error) {
      if (!isMissing(error)) throw error;
      const stream = await engine.call('make an image', (docker) =>
        docker.importImage(Readable.from([emptyImage()]), { repo: image, tag: '' }),
      );
      for await (const _ of stream as AsyncIterable<unknown>);
    }
  };

  /** Mounts it in a container of the moment. */
  const within = async <T>(volume: string, work: (id: string) => Promise<T>): Promise<T> => {
    await ensureImage();
    const { id } = await engine.call('make a container', (docker) =>
      docker.createContainer({
        Image: image,
        Cmd: ['none'],
        Labels: names.labels('carrier'),
        NetworkDisabled: true,
        HostConfig: { Mounts: [{ Type: 'volume', Source: volume, Target: PLACE }] },
      }),
    );
    try {
      return await work(id);
    } finally {
      await engine
        .call('remove a container', (docker) => docker.getContainer(id).remove({ force: true }))
        .catch((error: unknown) => {
          // What is left is swept one day.
          if (!isMissing(error) && !isConflict(error)) throw error;
        });
    }
  };

  return {
    /** Lets everybody write to one that is fresh. */
    open: (volume: string): Promise<void> => within(volume, async () => undefined),
    write: (volume: string, archive: Readable, folder?: string): Promise<void> =>
      within(volume, async (id) => {
        await engine.once('write into a volume', (docker) =>
          docker
            .getContainer(id)
            .putArchive(archive, { path: folder === undefined ? PLACE : `${PLACE}/${folder}` }),
        );
      }),
    read: async (volume: string): Promise<Readable> => {
      const output = Promise.withResolvers<Readable>();
      const done = within(volume, async (id) => {
        const stream = await engine.once('read a volume', (docker) =>
          docker.getContainer(id).getArchive({ path: `${PLACE}/.` }),
        );
        const readable = Readable.from(stream as AsyncIterable<Buffer>, { objectMode: false });
        output.resolve(readable);
        await new Promise((resolve) => readable.once('close', resolve));
      });
      done.catch(output.reject);
      return output.promise;
    },
  };
}

/** A tar archive with one directory. */
function emptyImage(): Buffer {
  const header = Buffer.alloc(BLOCK);
  header.write('volume/', 0);
  header.write('0001777\0', 100);
  for (const at of [108, 116]) header.write('0000000\0', at);
  for (const at of [124, 136]) header.write('00000000000\0', at);
  header.write('        5', 148);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, Buffer.alloc(2 * BLOCK)]);
}
