import type { JobPayload } from '@sluice/contract';
import type { Choice, Installation } from '../toolchains/index.ts';
import type { Language } from './languages/language.ts';
import { quote } from './shell.ts';
import { writeVirtualenv, writeVirtualenvOfImage } from './virtualenv.ts';
import type { Writer } from './writer.ts';

interface ToolchainInput {
  payload: JobPayload;
  place: { home: string };
  rules: Language;
  choice: Choice | null;
  asked: string | null;
}

/** Puts the job's version of its language on PATH, or ends the job saying what there is instead (spec/travis.md 5.8). */
export function writeToolchain(writer: Writer, input: ToolchainInput): void {
  const { rules, choice, asked } = input;
  const { tool } = rules;
  if (tool === null) return;
  if (choice === null) {
    writeVersionFromFile(writer, rules, asked);
    return;
  }
  if (choice.kind === 'missing') {
    writer.line(`__sluice_stop ${quote(choice.message)}`);
    return;
  }
  if (choice.kind === 'image') {
    if (tool === 'python') writeVirtualenvOfImage(writer, choice.version, input.place.home);
    else writeVersionMatch(writer, rules, asked);
    return;
  }
  const { installation } = choice;
  if (tool === 'python') {
    writeVirtualenv(writer, installation, input.place.home);
    return;
  }
  writer.line(`__sluice_toolchain_path=${quote(`${installation.bin}:`)}`);
  for (const [name, value] of toolVariables(installation)) {
    writer.line(`export ${name}=${quote(value)}`);
  }
  writer.line('__sluice_path');
}

/** `.nvmrc` and `.ruby-version` can be read only now that the files are here. */
function writeVersionFromFile(writer: Writer, rules: Language, asked: string | null): void {
  const file = rules.versionFile;
  if (asked !== null || file === null) return;
  writer.line("__sluice_version=''");
  writer.line(`if [[ -f ${file} ]]; then IFS= read -r __sluice_version <${file} || :; fi`);
  writer.line(`if [[ -n $__sluice_version && -n ${quote(rules.versionVariable ?? '')} ]]; then`);
  writer.line(`export ${rules.versionVariable}="$__sluice_version"`);
  writer.line('fi');
  writer.line(`__sluice_toolchain ${rules.tool} "$__sluice_version"`);
}

/** An image is chosen before the repository's files are there; one that names another version is pointed to. */
function writeVersionMatch(writer: Writer, rules: Language, asked: string | null): void {
  const file = rules.versionFile;
  if (asked !== null || file === null) return;
  const [key = ''] = rules.versionKeys;
  writer.line(`if [[ -f ${file} ]]; then`);
  writer.notice(
    `The version in ${file} does not choose the image: write it in .travis.yml, as ${key}.`,
  );
  writer.line('fi');
}

function toolVariables(installation: Installation): [string, string][] {
  if (installation.tool === 'jdk') return [['JAVA_HOME', installation.bin.replace(/\/bin$/, '')]];
  return [];
}
