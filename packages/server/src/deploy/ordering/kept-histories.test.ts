import { test } from 'vitest';
import { KEPT } from './test/kept-histories.ts';
import { play } from './test/run.ts';

test.each(KEPT)('$name', ({ history }) => {
  play(history);
});
