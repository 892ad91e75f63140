import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Which engine an installation's containers are on: who ends them need not know how the server was started. */
export interface EngineRecord {
  readonly engine: string;
  readonly certificates: string;
}

const fileIn = (dataDir: string) => join(dataDir, 'docker', 'engine.json');

export async function rememberEngine(
  dataDir: string,
  { engine, certificates }: EngineRecord,
): Promise<void> {
  await mkdir(join(dataDir, 'docker'), { recursive: true, mode: 0o700 });
  await writeFile(fileIn(dataDir), `${JSON.stringify({ engine, certificates })}\n`);
}

/** Null: the installation has never run anything on an engine. */
export async function rememberedEngine(dataDir: string): Promise<EngineRecord | null> {
  const text = await readFile(fileIn(dataDir), 'utf8').catch(() => null);
  return text === null ? null : (JSON.parse(text) as EngineRecord);
}
