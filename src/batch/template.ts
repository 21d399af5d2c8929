// Owns: prompts with {{column}} in them.
// Promises: every name must be a column; `\{{` is a literal `{{`; what is put in is not looked at again.
// Never: evaluates anything.
import { didYouMean } from '../contract/parse.ts';

const hole = /\\\{\{|\{\{\s*([^{}]*?)\s*\}\}/g;

/** What is wrong with the template, one sentence a name. */
export function templateProblems(template: string, columns: readonly string[]): readonly string[] {
  const names = [...template.matchAll(hole)].flatMap((match) => (match[1] === undefined ? [] : [match[1]]));
  return [...new Set(names)]
    .filter((name) => !columns.includes(name))
    .map((name) => {
      const known = didYouMean(name, columns) || ` (columns: ${columns.join(', ') || 'none'})`;
      return `{{${name}}} is not a column${known}`;
    });
}

export function fillTemplate(template: string, cells: Readonly<Record<string, string>>): string {
  return template.replaceAll(hole, (text, name?: string) => (name === undefined ? text.slice(1) : (cells[name] ?? '')));
}
