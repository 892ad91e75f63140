import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { registerCiArtifacts } from './ci-artifacts.ts';
import { registerCiRun } from './ci-run.ts';
import { registerCiSettings } from './ci-settings.ts';
import { registerCiSwitch } from './ci-switch.ts';
import { registerCiToolchains } from './ci-toolchains.ts';

/** `ci`: builds on this machine, and the switch of a repository's CI. */
export function registerCi(program: Command, context: Context): void {
  const group = program.command('ci').description("Sluice's CI, here and on the server.");
  registerCiRun(group, context);
  registerCiToolchains(group, context);
  registerCiSwitch(group, context);
  registerCiSettings(group, context);
  registerCiArtifacts(group, context);
}
