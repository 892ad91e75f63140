// The git server as a process of its own, for tests that measure it or kill it. Prints one line of JSON when it is ready.
import { startGitServer } from './git-server.ts';

const [dataDir = '', slug = ''] = process.argv.slice(2);
const server = await startGitServer(dataDir);
const { url, repository } = await server.host(slug).catch(async () => {
  const existing = await server.git.bySlug(slug);
  if (existing === null) throw new Error(`no repository ${slug}`);
  return { repository: existing, url: server.urlOf(existing) };
});
process.stdout.write(`${JSON.stringify({ url, repositoryUuid: repository.uuid })}\n`);
