import { realpathSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createStaticServer } from './server.ts';

/** Runs inside an application's sandbox, so it imports nothing but Node and its neighbours. */
const { values } = parseArgs({
  options: {
    root: { type: 'string' },
    port: { type: 'string' },
    host: { type: 'string', default: '127.0.0.1' },
  },
});
const server = createStaticServer(realpathSync(values.root ?? '.'));
server.listen(Number(values.port), values.host, () => {
  console.log(`serving the files of this release on port ${values.port}`);
});
process.on('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
