// Owns: `--sweep key=a,b,c`: axes and their combinations.
// Promises: every bad key and value is named, all at once; combinations come in the order of the command, the last axis fastest.
// Never: reads a file by itself.
import { AworkersError, errorText } from '../contract/errors.ts';
import { optionNames, type WorkerOptions } from '../contract/options.ts';
import { didYouMean } from '../contract/parse.ts';
import { inOneSentence } from '../contract/text.ts';
import { type OptionName, optionFromText, optionProblem } from './option-text.ts';
import { splitList } from './split-list.ts';

/** What one value of an axis puts in place. */
type Change = {
  readonly options?: WorkerOptions;
  readonly agent_type?: string;
  readonly prompt?: string;
};

export type Axis = {
  readonly key: string;
  readonly values: readonly { readonly label: string; readonly change: Change }[];
};

export type Combination = Change & {
  /** Key to value as typed. */
  readonly labels: Readonly<Record<string, string>>;
  readonly options: WorkerOptions;
};

/** `readPrompt` gets a path. */
export async function parseSweeps(
  specs: readonly string[],
  readPrompt: (path: string) => Promise<string>,
): Promise<readonly Axis[]> {
  const keys: readonly string[] = [...optionNames(), 'agent_type', 'prompt'];
  const problems: string[] = [];
  const axes: Axis[] = [];
  for (const spec of specs) {
    const [, word = '', list = ''] = /^([^=]*)=(.*)$/s.exec(spec) ?? [];
    const key = word.trim().replaceAll('-', '_');
    const labels = splitList(list);
    if (!spec.includes('=') || labels.length === 0) {
      problems.push(`--sweep ${spec}: write key=value,value,… such as temperature=0,0.5,1`);
    } else if (!keys.includes(key)) {
      problems.push(`--sweep ${spec}: unknown key "${word}"${didYouMean(key, keys) || ` (known: ${keys.join(', ')})`}`);
    } else if (axes.some((axis) => axis.key === key)) {
      problems.push(`--sweep ${spec}: ${key} was given twice`);
    } else if (new Set(labels).size < labels.length) {
      problems.push(`--sweep ${spec}: a value is there twice`);
    } else {
      const values: Axis['values'][number][] = [];
      for (const label of labels) {
        const change = await changeOf(key, label, readPrompt);
        if (typeof change === 'string') problems.push(`--sweep ${key}: ${JSON.stringify(label)} ${change}`);
        else values.push({ label, change });
      }
      axes.push({ key, values });
    }
  }
  if (problems.length > 0) throw new AworkersError('usage', inOneSentence(problems), '');
  return axes;
}

export function combinationsOf(axes: readonly Axis[]): readonly Combination[] {
  return axes.reduce<readonly Combination[]>(
    (combinations, { key, values }) =>
      combinations.flatMap((combination) =>
        values.map(({ label, change }) => ({
          ...combination,
          ...change,
          options: { ...combination.options, ...change.options },
          labels: { ...combination.labels, [key]: label },
        })),
      ),
    [{ labels: {}, options: {} }],
  );
}

/** The change, or why the value does not do. */
async function changeOf(
  key: string,
  label: string,
  readPrompt: (path: string) => Promise<string>,
): Promise<Change | string> {
  const text = label.replace(/^"(.*)"$/s, '$1');
  if (key === 'agent_type') return { agent_type: text };
  if (key === 'prompt') {
    if (!text.startsWith('@')) return { prompt: text };
    try {
      return { prompt: await readPrompt(text.slice(1)) };
    } catch (error) {
      return `cannot be read: ${errorText(error)}`;
    }
  }
  const name = key as OptionName;
  const value = optionFromText(name, label);
  const problem = optionProblem(name, value);
  return problem === undefined ? { options: { [name]: value } } : problem.replace(/^Invalid/, 'is not valid: invalid');
}
