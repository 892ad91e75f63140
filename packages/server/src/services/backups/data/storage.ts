import { PassThrough, Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { Backing } from '../../../deploy/runtimes/backing.ts';
import { type Bytes, DataFailure, type ServiceData } from './types.ts';

/**
 * A restore is unpacked beside the files, in a directory of the same volume. The switch moves the old files out and the new ones in by
 * renaming, and goes on where it was when it is begun again: from the first step on it only goes forward.
 */
export function storageData(
  backing: Pick<Backing, 'readVolume' | 'writeVolume' | 'runOnVolume'>,
  serviceUuid: string,
  image: string,
): ServiceData {
  const script = async (text: string, id: string): Promise<string> => {
    const result = await backing.runOnVolume(serviceUuid, image, ['sh', '-ec', text, 'sh', id]);
    if (result.code === 0) return result.stdout.trim();
    throw new DataFailure(
      `The files could not be changed (status ${result.code}): ${result.stderr.trim()}`,
    );
  };

  return {
    format: 'tar.gz',
    async *dump(signal): Bytes {
      const volume = await backing.readVolume(serviceUuid);
      const archive = volume.pipe(createGzip({ level: 1 }));
      const fail = (error: unknown) => archive.destroy(asError(error));
      const onAbort = () => fail(signal.reason);
      volume.once('error', fail);
      signal.addEventListener('abort', onAbort, { once: true });
      try {
        yield* archive as AsyncIterable<Buffer>;
      } finally {
        signal.removeEventListener('abort', onAbort);
        volume.destroy();
        archive.destroy();
      }
    },

    load: async (id, dump, format, signal) => {
      if (format !== 'tar' && format !== 'tar.gz') {
        throw new DataFailure('This is no archive of files.');
      }
      await script(BEGIN, id);
      const archive = Readable.from(dump).pipe(new PassThrough());
      signal.addEventListener('abort', () => archive.destroy(asError(signal.reason)), {
        once: true,
      });
      await backing.writeVolume(serviceUuid, archive, `.sluice-new-${id}`);
      signal.throwIfAborted();
    },

    switch: async (id) => {
      await script(SWITCH, id);
    },
    wasSwitched: async (id) => (await script(GO_ON, id)) === 'switched',
    clean: async (id) => {
      await script(CLEAN, id);
    },
  };
}

const asError = (error: unknown) => (error instanceof Error ? error : new Error(String(error)));

const IN_VOLUME = 'cd /volume; new=.sluice-new-$1; go=.sluice-go-$1; old=.sluice-old-$1';
const BEGIN = `${IN_VOLUME}; rm -rf "$new" "$old"; mkdir "$new"`;
const EACH = 'find . -mindepth 1 -maxdepth 1';
/** From the rename of `new` on there is no way back; `old/.moved` says that the rest of the old files are out. */
const FORWARD = `
mkdir -p "$old"
if [ ! -e "$old/.sluice-moved" ]; then
  ${EACH} ! -name '.sluice-*' -exec mv {} "$old/" \\;
  : > "$old/.sluice-moved"
fi
cd "$go"; ${EACH} -exec mv {} .. \\;
cd ..; rmdir "$go"`;
const SWITCH = `${IN_VOLUME}; mv "$new" "$go"; ${FORWARD}`;
const GO_ON = `${IN_VOLUME}
if [ -d "$go" ]; then ${FORWARD}
fi
if [ -e "$old/.sluice-moved" ]; then echo switched; fi`;
/** Half of the way is gone to its end first: what is in `old` is in no other place. */
const CLEAN = `${IN_VOLUME}
if [ -d "$go" ]; then ${FORWARD}
fi
rm -rf "$new" "$old"`;
