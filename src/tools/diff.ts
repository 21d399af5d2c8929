// Owns: what a change looks like to a person who is asked.
// Promises: a unified diff, bounded in time and size.
// Never: fails: a change too large to compare is described in a line.
import { counted } from '../contract/text.ts';
import { boundText } from './truncate.ts';
import type { Limits } from './limits.ts';

export async function unifiedDiff(path: string, before: string, after: string, limits: Limits): Promise<string> {
  if (before === after) return `${path}: no change`;
  const { createTwoFilesPatch, FILE_HEADERS_ONLY } = await import('diff');
  const patch = createTwoFilesPatch(path, path, before, after, undefined, undefined, {
    context: 3,
    timeout: 500,
    headerOptions: FILE_HEADERS_ONLY,
  });
  if (patch === undefined) {
    return `${path}: ${counted(before.split('\n').length, 'line')} become ${counted(after.split('\n').length, 'line')} (too different to compare)`;
  }
  return boundText(
    patch,
    { bytes: limits.outputBytes, lines: limits.outputLines },
    'The change is larger than what is shown.',
  );
}
