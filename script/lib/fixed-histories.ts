import { configureGlobal } from 'fast-check';

/**
 * The normal run plays the same random cases each time: what fails there, the change at hand broke. With
 * `SLUICE_FUZZ_SEED=any`, and wherever `SLUICE_FUZZ_RUNS` asks for more of them, they are new ones.
 */
const { SLUICE_FUZZ_SEED: seed, SLUICE_FUZZ_RUNS: runs } = process.env;
if (seed !== 'any' && runs === undefined) configureGlobal({ seed: Number(seed ?? 20_261_124) });
