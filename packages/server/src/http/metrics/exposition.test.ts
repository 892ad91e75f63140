import { expect, test } from 'vitest';
import { exposition } from './exposition.ts';

test('families with help, type and labels, and nothing in a value that could end it', () => {
  const labels = { application: 'a"b\\c\nd', environment: 'live' };
  const text = exposition([
    { name: 'one', help: 'Of\nlines \\', type: 'gauge', samples: [{ labels, value: 1.5 }] },
    { name: 'two', help: 'No labels.', type: 'counter', samples: [{ labels: {}, value: 0 }] },
    { name: 'none', help: 'Nothing.', type: 'gauge', samples: [] },
  ]);
  expect(text).toBe(
    [
      '# HELP sluice_one Of\\nlines \\\\',
      '# TYPE sluice_one gauge',
      'sluice_one{application="a\\"b\\\\c\\nd",environment="live"} 1.5',
      '# HELP sluice_two No labels.',
      '# TYPE sluice_two counter',
      'sluice_two 0',
      '# HELP sluice_none Nothing.',
      '# TYPE sluice_none gauge',
      '',
    ].join('\n'),
  );
});
