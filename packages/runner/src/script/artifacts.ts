import { flag, isMap, type JobSettings, texts } from './config.ts';
import { quote } from './shell.ts';
import type { Writer } from './writer.ts';

/** Keys of Travis's uploader that say where in Amazon's storage files go; here Sluice keeps them itself. */
const WITHOUT_EFFECT = new Set([
  ...['bucket', 'key', 'secret', 'branch', 'region', 's3_region', 'endpoint', 'permissions'],
  ...['target_paths', 'cache_control', 'upload_provider', 'retries', 'concurrency', 'log_format'],
  ...['max_size', 'save_host', 'auth_token', 'debug', 'quiet', 'project_id'],
]);

interface Wanted {
  /** Shell words: variables, `~`, patterns and `$(...)` count, as in Travis; several in one are divided by colons. */
  readonly paths: readonly string[];
  readonly workingDir: string | null;
  readonly ignored: readonly string[];
}

/** `addons.artifacts`: `true`, paths, or a map. Null: not asked for. */
export function wantedArtifacts(config: JobSettings): Wanted | null {
  const addons = isMap(config['addons']) ? config['addons'] : {};
  const { artifacts } = addons;
  if (artifacts === undefined || artifacts === null || artifacts === false) return null;
  const maps = (Array.isArray(artifacts) ? artifacts : [artifacts]).filter(isMap);
  if (maps.length === 0) {
    const plain = texts(artifacts).filter((one) => !/^(true|yes|on)$/i.test(one));
    if (plain.length === 0 && !flag(artifacts, false)) return null;
    return { paths: plain, workingDir: null, ignored: [] };
  }
  if (maps.some((map) => flag(map['enabled'], true) === false)) return null;
  return {
    paths: maps.flatMap((map) => texts(map['paths'])),
    workingDir:
      texts(maps.find((map) => map['working_dir'] !== undefined)?.['working_dir'])[0] ?? null,
    ignored: [...new Set(maps.flatMap((map) => Object.keys(map)))].filter((key) =>
      WITHOUT_EFFECT.has(key),
    ),
  };
}

/** Sends the files after the last phase, whatever the result was. Writes nothing where none are asked for. */
export function writeArtifacts(writer: Writer, config: JobSettings): void {
  const wanted = wantedArtifacts(config);
  if (wanted === null) return;
  writer.line('__sluice_phase artifacts');
  writer.line('travis_fold start artifacts');
  if (wanted.ignored.length > 0) {
    writer.notice(
      `Sluice keeps artifacts itself; these have no effect: ${wanted.ignored.join(', ')}.`,
    );
  }
  const place = wanted.workingDir === null ? '$TRAVIS_BUILD_DIR' : wanted.workingDir;
  const word = (text: string) => text.replace(/^~(?=\/|$)/, '$HOME').replaceAll(/["`\\]/g, '\\$&');
  writer.line(`eval ${quote(`__sluice_artifact_dir="${word(place)}"`)} 198>&- || :`);
  writer.line('__sluice_artifact_words=()');
  for (const path of wanted.paths) {
    writer.line(`eval ${quote(`__sluice_artifact_words+=("${word(path)}")`)} 198>&- || :`);
  }
  writer.line('__sluice_artifacts');
  writer.line('travis_fold end artifacts');
}
