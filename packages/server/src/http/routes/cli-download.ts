import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { SluiceError } from '../../errors.ts';
import type { App } from '../context.ts';

/** What `script/bootstrap` bundled. */
const FILE = fileURLToPath(new URL('../../../../cli/dist/sluice.mjs', import.meta.url));

/**
 * The `sluice` command as one file for any Node from 20 on, so that another CI service needs no package registry and
 * always has the version of its server (docs/how-to/deploy-from-another-ci.md).
 */
export function registerCliDownload(app: App, file = FILE): void {
  app.get(
    '/cli/sluice.mjs',
    {
      config: { public: true },
      schema: { summary: 'The sluice command, as one file for Node 20 and newer', tags: ['cli'] },
    },
    async (_request, reply) => {
      const found = await stat(file).catch(() => null);
      if (found === null) {
        throw new SluiceError('unavailable', 'The command is not built. Run script/bootstrap.');
      }
      return reply
        .type('text/javascript; charset=utf-8')
        .header('content-length', found.size)
        .header('cache-control', 'no-cache')
        .send(createReadStream(file));
    },
  );
}
