// Owns: making text of unknown origin fit to stand in a message: clean, and within what one result may hold.
// Promises: a cut is marked, with `advice` on how to get the rest.
import { defaultLimits } from './limits.ts';
import { cleanTerminal } from './sanitize.ts';
import { boundText } from './truncate.ts';

export function boundOutput(text: string, advice: string): string {
  const { outputBytes, outputLines } = defaultLimits;
  return boundText(cleanTerminal(text), { bytes: outputBytes, lines: outputLines }, advice);
}
