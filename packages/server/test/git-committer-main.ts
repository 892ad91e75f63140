// Commits to one hosted repository without end, for tests that kill it. Prints the repository's uuid after each commit.
import { startGitServer } from './git-server.ts';

const [dataDir = '', slug = ''] = process.argv.slice(2);
const server = await startGitServer(dataDir);
const repository = (await server.git.bySlug(slug)) ?? (await server.host(slug)).repository;
for (let count = 0; ; count += 1) {
  await server.git.commitFiles(repository.uuid, {
    ...{ branch: 'main', message: `Commit ${count}`, pusherUuid: 'ada' },
    author: { name: '', email: 'ada@example.com' },
    files: new Map([['deep/count.txt', `${process.pid} ${count}\n`]]),
  });
  process.stdout.write(`${repository.uuid}\n`);
}
