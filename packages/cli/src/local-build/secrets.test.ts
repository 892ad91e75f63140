import { expect, test } from 'vitest';
import { withoutSecrets } from './secrets.ts';

test('encrypted values are taken out wherever they stand, and named', () => {
  const { config, vars, notices } = withoutSecrets({
    language: 'go',
    script: ['make'],
    env: [{ secure: 'abc' }, { A: 'a b', TOKEN: { secure: 'def' } }, { B: '"x y"' }],
    deploy: [{ provider: 'npm', api_key: { secure: 'ghi' }, on: { branch: ['main'] } }],
    addons: { artifacts: { keys: ['plain', { secure: 'jkl' }] } },
  });
  expect(config).toEqual({
    language: 'go',
    script: ['make'],
    deploy: [{ provider: 'npm', on: { branch: ['main'] } }],
    addons: { artifacts: { keys: ['plain'] } },
  });
  expect(vars).toEqual([
    { text: 'A="a b"', secret: false },
    { text: 'B="x y"', secret: false },
  ]);
  expect(notices.join('\n')).toMatch(/encrypted too, TOKEN\. /);
  expect(notices.join('\n')).toContain('deploy.0.api_key');
  expect(notices.join('\n')).toContain('addons.artifacts.keys.1');
});

test('nothing encrypted, nothing to say', () => {
  expect(withoutSecrets({ language: 'go' })).toEqual({
    config: { language: 'go' },
    vars: [],
    notices: [],
  });
});
