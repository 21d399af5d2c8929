// Owns: reading the results file of a batch for a report.
// Promises: of several lines of a task the last one counts; a task's combinations stand together and in order, whichever ended
// first; a torn last line is left out; any other line that is no result is an error with its number.
// Never: writes; the batch owns the file.
import { readFile } from 'node:fs/promises';
import { AworkersError, errorText } from '../contract/errors.ts';
import { tryParse } from '../contract/parse.ts';
import { type TaskResult, taskResultSchema } from '../contract/task-result.ts';

const hint = 'Name the file that `aworkers run --out` wrote.';

export async function readResults(path: string): Promise<readonly TaskResult[]> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new AworkersError('usage', `The results file ${path} cannot be read: ${errorText(cause)}.`, hint, { cause });
  });
  const results = new Map<string, TaskResult>();
  for (const [index, line] of text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .entries()) {
    if (line.trim() === '') continue;
    const result = parseLine(line, `${path}, line ${index + 1}`);
    results.set(result.id, result);
  }
  const places = new Map<string, number>();
  for (const { task } of results.values()) if (!places.has(task)) places.set(task, places.size);
  const placeOf = ({ task }: TaskResult) => places.get(task) ?? 0;
  return [...results.values()].toSorted(
    (a, b) => placeOf(a) - placeOf(b) || a.id.localeCompare(b.id, 'en', { numeric: true }),
  );
}

function parseLine(line: string, place: string): TaskResult {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new AworkersError('usage', `${place}: not JSON (${errorText(cause)}).`, hint, { cause });
  }
  const parsed = tryParse(taskResultSchema(), value);
  if (parsed.ok) return parsed.value;
  throw new AworkersError('usage', `${place}: not a result (${parsed.problems.slice(0, 3).join('; ')}).`, hint);
}
