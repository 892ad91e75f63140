import { test } from 'vitest';
import { KEPT } from './simulation/kept-histories.ts';
import { play } from './simulation/run.ts';

test.each(KEPT)('$name', ({ history }) => {
  play(history);
});
