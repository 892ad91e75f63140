import { RULES as RIGHT } from '../../packages/server/src/deploy/ordering/rules.ts';
import { FAULTS } from '../../packages/server/src/deploy/ordering/test/faults.ts';

const name = process.env['PLANTED_FAULT'];
const fault = FAULTS.find((one) => one.name === name);
if (fault === undefined) throw new Error(`PLANTED_FAULT: there is no fault "${name}"`);

export const RULES = { ...RIGHT, ...fault.rules };
