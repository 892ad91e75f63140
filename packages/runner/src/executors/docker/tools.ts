import { createHash } from 'node:crypto';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type Docker from 'dockerode';
import { archiveOf, type Entry } from './tar.ts';

/** Where jobs see it, read-only. */
export const TOOLS = '/opt/sluice';
export const COMMANDS = `${TOOLS}/commands`;

const LABEL = 'sluice.tools';
const COMPLETE = 'complete';
/** Filling takes seconds; who was killed meanwhile does not keep the others waiting for longer. */
const FILLING_MS = 120_000;
const OLD_MS = 24 * 60 * 60_000;

/** The runner's own Node with the libraries it is linked to, the agent, and Sluice's commands: what a job's container needs of us. */
export interface Tools {
  /** Name of the volume that holds them; its content is what the name is made of. */
  volume: string;
  /** The command line of the agent in a container. */
  agent: readonly string[];
  entries: readonly Entry[];
}

/**
 * Collects the tools from this machine. They run in any Linux image of the same processor, since even the loader and the C library
 * are brought along.
 */
export async function collectTools(commandsBundle: string | null): Promise<Tools> {
  const libraries = await loadedLibraries();
  const loader = libraries.find((one) => /^ld-/.test(one.name));
  if (!loader) throw new Error('This Node is linked statically: jobs in Docker need another one.');
  const at = (name: string) => `${TOOLS}/lib/${name}`;
  const node = [at(loader.name), '--library-path', `${TOOLS}/lib`, at('runtime')];
  const agentFolder = join(import.meta.dirname, 'agent');
  // `.ts` in the work tree, `.js` in a package.
  const extension = extname(import.meta.filename);
  const agentFiles = (await readdir(agentFolder)).filter(
    (name) => name.endsWith(extension) && !name.includes('.test.'),
  );
  const command = (program: string) =>
    `#!/bin/sh\nSLUICE_PROGRAM_NAME=${program} exec ${node.join(' ')} ${TOOLS}/lib/sluice.mjs "$@"\n`;
  const entries: Entry[] = [
    { name: 'package.json', text: '{"type":"module"}\n' },
    await fileEntry('lib/runtime', process.execPath, 0o755),
    ...(await Promise.all(libraries.map((one) => fileEntry(`lib/${one.name}`, one.path, 0o755)))),
    ...(await Promise.all(
      agentFiles.map(async (name) => ({
        name: `agent/${name}`,
        text: await readFile(join(agentFolder, name), 'utf8'),
      })),
    )),
  ];
  if (commandsBundle !== null) {
    entries.push(await fileEntry('lib/sluice.mjs', commandsBundle, 0o644));
    for (const name of ['sluice', 'divio']) {
      entries.push({ name: `commands/${name}`, text: command(name), mode: 0o755 });
    }
  }
  const volume = `sluice-tools-${await fingerprint(entries)}`;
  entries.push({ name: COMPLETE, text: '' });
  return { volume, entries, agent: [...node, '--no-warnings', `${TOOLS}/agent/main${extension}`] };
}

async function fileEntry(name: string, file: string, mode: number): Promise<Entry> {
  return { name, file, mode, size: (await stat(file)).size };
}

/** The libraries that this very process has loaded, under the names by which they are asked for. */
async function loadedLibraries(): Promise<{ name: string; path: string }[]> {
  const maps = await readFile('/proc/self/maps', 'utf8');
  const paths = new Set([...maps.matchAll(/(\/\S*\.so(?:\.[\d.]+)?)$/gm)].map((one) => one[1]));
  const found: { name: string; path: string }[] = [];
  for (const path of paths) {
    if (path === undefined) continue;
    const folder = dirname(path);
    const stem = /^[a-zA-Z_+-]+/.exec(basename(path))?.[0] ?? basename(path);
    for (const name of await readdir(folder)) {
      // By its soname: `libstdc++.so.6`, and not `libstdc++.so.6.0.30` as well.
      if (!name.startsWith(stem) || !/\.so(\.\d+)?$/.test(name)) continue;
      if ((await realpath(join(folder, name)).catch(() => null)) === path) {
        found.push({ name, path });
      }
    }
  }
  return found;
}

async function fingerprint(entries: readonly Entry[]): Promise<string> {
  const hash = createHash('sha256');
  for (const entry of entries) {
    hash.update(`${entry.name}\0${entry.mode ?? ''}\0`);
    if ('text' in entry) hash.update(entry.text);
    // Content, not time: the same installation unpacked twice makes the same volume.
    if ('file' in entry) hash.update(await readFile(entry.file));
  }
  return hash.digest('hex').slice(0, 20);
}

/**
 * Makes sure that the volume is there and filled. It is filled through a container that never runs, so this works on an engine on
 * another machine; that container's name keeps two runners from filling one volume at once.
 */
export async function ensureTools(engine: Docker, tools: Tools, image: string): Promise<void> {
  const isThere = await engine
    .getVolume(tools.volume)
    .inspect()
    .then(
      () => true,
      () => false,
    );
  if (isThere && filled.has(tools.volume)) return;
  await fill(engine, tools, image);
  filled.add(tools.volume);
}

/** Volumes that this process has seen to be complete. */
const filled = new Set<string>();

async function fill(engine: Docker, tools: Tools, image: string): Promise<void> {
  const name = `${tools.volume}-filling`;
  const until = performance.now() + FILLING_MS;
  await engine.createVolume({ Name: tools.volume, Labels: { [LABEL]: 'yes' } });
  for (;;) {
    try {
      const container = await engine.createContainer({
        name,
        Image: image,
        Cmd: ['true'],
        Labels: { [LABEL]: 'yes' },
        HostConfig: { Mounts: [{ Type: 'volume', Source: tools.volume, Target: TOOLS }] },
      });
      try {
        if (!(await isComplete(container))) {
          await container.putArchive(archiveOf(tools.entries), { path: TOOLS });
        }
      } finally {
        await container.remove({ force: true }).catch(() => undefined);
      }
      return;
    } catch (error) {
      if ((error as { statusCode?: number }).statusCode !== 409) throw error;
      if (performance.now() > until) {
        await engine
          .getContainer(name)
          .remove({ force: true })
          .catch(() => undefined);
      }
      await pause(200);
    }
  }
}

async function isComplete(container: Docker.Container): Promise<boolean> {
  return container.infoArchive({ path: `${TOOLS}/${COMPLETE}` }).then(
    () => true,
    () => false,
  );
}

/**
 * Removes volumes of other versions once they are old: another runner may be about to use a newer one. The engine keeps one that
 * a container uses.
 */
export async function removeOldTools(engine: Docker, current: string): Promise<void> {
  const { Volumes: volumes } = await engine.listVolumes({
    filters: { label: [LABEL], dangling: ['true'] },
  });
  for (const volume of volumes ?? []) {
    const { Name: name, CreatedAt: created } = volume as { Name: string; CreatedAt?: string };
    const isOld = Date.now() - Date.parse(created ?? '') > OLD_MS;
    if (name !== current && isOld)
      await engine
        .getVolume(name)
        .remove()
        .catch(() => undefined);
  }
}
