import { CommandError, exitCodes } from '../exit-codes.ts';
import { askSecret } from './confirm.ts';

/** A token for an outside repository: never an argument, since those are seen by everybody on the machine. */
export async function askToken(): Promise<string> {
  const token = await askSecret('Token or password: ');
  if (token !== '') return token;
  throw new CommandError(exitCodes.usage, 'Give the token on standard input, or at the prompt.');
}
