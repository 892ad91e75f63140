import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { definitions } from './definitions.ts';
import { loadSettings, readSettings, settingsHelp } from './index.ts';
import { flagOf, variableOf } from './read.ts';

describe('settings', () => {
  it('take a flag before a variable before the file before the default', () => {
    const file = { name: 'sluice.yml', text: 'port: 1\nhost: a\napp_domain: file.example' };
    const environment = { SLUICE_PORT: '2', SLUICE_HOST: 'b' };
    const settings = readSettings({ flags: ['--port', '3'], environment, file });
    expect(settings).toMatchObject({ port: 3, host: 'b', appDomain: 'file.example', appPort: 0 });
  });

  it.each([
    [{ flags: ['--port', 'x'] }, /--port must be a whole number/],
    [{ flags: ['--port'] }, /--port needs a value/],
    [{ flags: ['--prot', '1'] }, /Unknown argument "--prot"/],
    [{ environment: { SLUICE_LOG_LEVEL: 'loud' } }, /SLUICE_LOG_LEVEL must be one of/],
    [{ file: { name: 'f.yml', text: 'port: [' } }, /f\.yml is not valid YAML/],
    [{ file: { name: 'f.yml', text: 'prot: 1' } }, /unknown setting "prot"/],
    [{ file: { name: 'f.yml', text: 'just text' } }, /must hold "name: value" lines/],
  ])('say what is wrong and where: %j', (sources, message) => {
    expect(() => readSettings(sources)).toThrow(message);
  });

  it('are all listed by --help with flag and variable', () => {
    const help = settingsHelp();
    for (const name of Object.keys(definitions)) {
      expect(help).toContain(flagOf(name));
      expect(help).toContain(variableOf(name));
    }
  });

  it('are read from sluice.yml of the data directory, and from a named file only if it is there', async () => {
    const data = await mkdtemp(join(tmpdir(), 'sluice-settings-'));
    try {
      await writeFile(join(data, 'sluice.yml'), 'trusted_proxies: [10.0.0.1, 10.0.0.2]\n');
      const settings = await loadSettings(['--data', data], {});
      expect(settings.trustedProxies).toEqual(['10.0.0.1', '10.0.0.2']);
      await expect(loadSettings(['--config', join(data, 'absent.yml')], {})).rejects.toThrow(
        /cannot be read/,
      );
    } finally {
      await rm(data, { recursive: true });
    }
  });
});
