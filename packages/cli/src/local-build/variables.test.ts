import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { asEnvVar, givenVariable, readEnvFile } from './variables.ts';

test('a value arrives in the shell as it is', () => {
  const value = fc.string({ unit: fc.constantFrom(...`ab '"\\$\`!#&|;<>(){}[]*?~=\n\t%é`) });
  fc.assert(
    fc.property(value, (text) => {
      const script = `export ${asEnvVar(givenVariable(`NAME=${text}`)).text}; printf %s "$NAME"`;
      expect(execFileSync('bash', ['-c', script], { encoding: 'utf8' })).toBe(text);
    }),
    { numRuns: 60 },
  );
});

test('what is shown of a plain value is what was typed', () => {
  expect(asEnvVar(givenVariable('A=1.2:/x')).text).toBe('A=1.2:/x');
  expect(asEnvVar(givenVariable('A=')).text).toBe('A=');
});

test('a file of variables: comments, quotes, export, and no text of a wrong line in the message', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-env-'));
  try {
    const path = join(folder, '.env');
    writeFileSync(path, '# a\n\nA=1\r\nexport B="x = y"\n  C=\'#\' \nD=\n');
    expect(await readEnvFile(path)).toEqual(
      [
        ['A', '1'],
        ['B', 'x = y'],
        ['C', '#'],
        ['D', ''],
      ].map(([name, value]) => ({ name, value, secret: true })),
    );
    writeFileSync(path, 'A=1\nhunter2\n');
    await expect(readEnvFile(path)).rejects.toThrow(`${path}:2: expected NAME=value.`);
    await expect(readEnvFile(join(folder, 'none'))).rejects.toThrow('cannot be read');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
