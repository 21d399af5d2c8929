// Owns: HTML as a type of its own: what is put into a template is escaped, unless it is already Html.
// Promises: text of a model cannot leave its place: no tag, no attribute, no comment, no control or bidirectional character.
// Values stand between tags or inside double quotes only; no value ever becomes the target of a link.
// Never: takes markup from outside the room.
import { printable } from '../contract/printable.ts';

export type Html = { readonly markup: string };
type Value = Html | string | number | undefined | false | readonly Html[];

export function html(strings: TemplateStringsArray, ...values: readonly Value[]): Html {
  const fixed = flatten(strings);
  let markup = fixed[0] ?? '';
  for (const [index, value] of values.entries()) markup += `${part(value)}${fixed[index + 1] ?? ''}`;
  return { markup };
}

const flattened = new WeakMap<TemplateStringsArray, readonly string[]>();

/** The line breaks of a template are layout of the source: a space says the same to a browser. */
function flatten(strings: TemplateStringsArray): readonly string[] {
  const known = flattened.get(strings);
  if (known !== undefined) return known;
  const flat = strings.map((text) => text.replaceAll(/\s*\n\s*/g, ' '));
  flattened.set(strings, flat);
  return flat;
}

export const nothing: Html = { markup: '' };

/** Markup made by this room's own code, such as the SVG of a chart: its texts are escaped already. */
export function trusted(markup: string): Html {
  return { markup };
}

export function escape(text: string): string {
  return printable(text).replaceAll(/[&<>"'`]/g, (character) => entities[character] ?? '');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

function part(value: Value): string {
  if (value === undefined || value === false) return '';
  if (typeof value === 'string') return escape(value);
  if (typeof value === 'number') return String(value);
  return 'markup' in value ? value.markup : value.map(({ markup }) => markup).join('');
}
