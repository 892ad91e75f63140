import { isMap, type JobSettings, texts } from './config.ts';
import { quote } from './shell.ts';
import type { Writer } from './writer.ts';

/** Handled below; the others only get a notice. */
const HANDLED = new Set(['apt', 'apt_packages', 'artifacts', 'ssh_known_hosts', 'timeout']);

/**
 * Addons (spec/travis.md 8) on a machine that builds share and may not change: packages are looked for and not installed,
 * and what is missing is named, so that a later failure explains itself.
 */
export function writeAddons(writer: Writer, config: JobSettings): void {
  const addons = isMap(config['addons']) ? config['addons'] : {};
  writeApt(writer, [...aptPackages(addons['apt']), ...texts(addons['apt_packages'])]);
  const hosts = texts(addons['ssh_known_hosts']);
  if (hosts.length > 0) {
    writer.line(`__sluice_known_hosts ${hosts.map(quote).join(' ')}`);
  }
  const others = Object.entries(addons)
    .filter(([name, value]) => !HANDLED.has(name) && value !== false && value !== null)
    .map(([name]) => name);
  if (others.length > 0) {
    writer.notice(
      `Addons that have no effect here: ${others.join(', ')}. What this machine has can be used.`,
    );
  }
  if (isMap(addons['apt']) && texts(addons['apt']['sources']).length > 0) {
    writer.notice('Package sources are not added here: the machine is shared.');
  }
}

function aptPackages(apt: unknown): string[] {
  return isMap(apt) ? texts(apt['packages']) : texts(apt);
}

function writeApt(writer: Writer, packages: readonly string[]): void {
  if (packages.length === 0) return;
  writer.line('travis_fold start apt');
  writer.line(`__sluice_apt ${packages.map(quote).join(' ')}`);
  writer.line('travis_fold end apt');
}
