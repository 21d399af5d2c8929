// Owns: putting one child into a JSON object or list, and taking one out, in the layout that the text has.
// Promises: line ends, indentation, comments and trailing commas stay; one-line containers stay on one line.
// Never: decides what belongs there.
import { createScanner } from 'jsonc-parser';
import type { Node } from './json-tree.ts';
import type { Json } from './setting.ts';

/** Kinds of token, by the numbers of the parser: its own names are a const enum, which is erased. */
const token = { comma: 5, lineComment: 12, blockComment: 13, trivia: 15 } as const;

type Layout = { readonly eol: string; readonly unit: string };
type Child = { readonly key?: string; readonly value: Json };

export function layoutOf(text: string): Layout {
  return { eol: /\r\n|\n|\r/.exec(text)?.[0] ?? '\n', unit: /^([ \t]+)["\]}]/m.exec(text)?.[1] ?? '  ' };
}

export function insertChild(text: string, container: Node, child: Child): string {
  const layout = layoutOf(text);
  const close = container.offset + container.length - 1;
  const last = container.children?.at(-1);
  const inside = text.slice(container.offset + 1, close);
  if (container.type === 'array' && inside.trim() === '') {
    return splice(text, container.offset + 1, close, inline(child, gapOf(text)));
  }
  if (last !== undefined && !/[\r\n]/.test(inside)) {
    const gap = gapOf(/[,:]/.test(inside) ? inside : text);
    const { anchor, comma } = endOf(text, last);
    const body = `${gap}${inline(child, gap)}`;
    return comma ? splice(text, anchor, anchor, `${body},`) : splice(text, anchor, anchor, `,${body}`);
  }
  const outer = indentAt(text, container.offset);
  const indent =
    last !== undefined && startsLine(text, last.offset) ? indentAt(text, last.offset) : outer + layout.unit;
  const { anchor, comma } = last === undefined ? { anchor: container.offset + 1, comma: false } : endOf(text, last);
  const behind = commentsBehind(text, anchor, close);
  const rest = text.slice(behind, close);
  const ends = /^[^\S\r\n]*$/.test(rest);
  const line = `${layout.eol}${indent}${render(child, indent, layout)}${comma ? ',' : ''}`;
  const added = splice(text, behind, ends ? close : behind, ends ? `${line}${layout.eol}${outer}` : line);
  return last === undefined || comma ? added : splice(added, anchor, anchor, ',');
}

export function removeChild(text: string, container: Node, child: Node): string {
  const siblings = container.children ?? [];
  const before = siblings[siblings.indexOf(child) - 1];
  const { anchor, comma } = endOf(text, child);
  const ownLine = startsLine(text, child.offset);
  const tail = /^[^\S\r\n]*(\r\n|\n|\r)?/.exec(text.slice(anchor));
  const wholeLine = ownLine && tail?.[1] !== undefined;
  const start = wholeLine ? child.offset - indentAt(text, child.offset).length : child.offset;
  const cut = splice(text, start, anchor + (wholeLine || comma ? (tail?.[0].length ?? 0) : 0), '');
  if (comma || before === undefined) return cut;
  const separator = endOf(text, before);
  const space = wholeLine ? 0 : (/^[^\S\r\n]*/.exec(text.slice(separator.anchor))?.[0].length ?? 0);
  return splice(cut, separator.anchor - 1, Math.min(separator.anchor + space, start), '');
}

/** `{…}` alone, in the layout of the (empty) text before it. */
export function frame(children: readonly Child[], text: string): string {
  const layout = layoutOf(text);
  const body = children.map((child) => `${layout.unit}${render(child, layout.unit, layout)}`).join(`,${layout.eol}`);
  return `{${layout.eol}${body}${layout.eol}}`;
}

export function replaceNode(text: string, node: Node, value: Json): string {
  const indent = indentAt(text, node.offset);
  return splice(text, node.offset, node.offset + node.length, render({ value }, indent, layoutOf(text)));
}

/** Where a child ends, its comma included. */
function endOf(text: string, node: Node): { readonly anchor: number; readonly comma: boolean } {
  const end = node.offset + node.length;
  const scanner = createScanner(text, true);
  scanner.setPosition(end);
  const next: number = scanner.scan();
  const comma = next === token.comma;
  return comma ? { anchor: scanner.getTokenOffset() + 1, comma } : { anchor: end, comma };
}

/** The end of the comments that belong to the line that ends at `from`. */
function commentsBehind(text: string, from: number, close: number): number {
  const scanner = createScanner(text);
  scanner.setPosition(from);
  let end = from;
  while (scanner.getPosition() < close) {
    const kind: number = scanner.scan();
    if (kind === token.trivia) continue;
    const comment = kind === token.lineComment || kind === token.blockComment;
    if (!comment) return end;
    end = scanner.getTokenOffset() + scanner.getTokenLength();
    if (/[\r\n]/.test(scanner.getTokenValue())) return end;
  }
  return end;
}

function indentAt(text: string, offset: number): string {
  const line =
    text
      .slice(0, offset)
      .split(/[\r\n]/)
      .at(-1) ?? '';
  return /^[ \t]*/.exec(line)?.[0] ?? '';
}

function startsLine(text: string, offset: number): boolean {
  return /(^|[\r\n])[ \t]*$/.test(text.slice(0, offset));
}

function render({ key, value }: Child, indent: string, layout: Layout): string {
  return `${key === undefined ? '' : `${JSON.stringify(key)}: `}${renderValue(value, indent, layout)}`;
}

function renderValue(value: Json, indent: string, layout: Layout): string {
  if (Array.isArray(value)) return `[${value.map((item: Json) => renderValue(item, indent, layout)).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = indent + layout.unit;
  const lines = Object.entries(value).map(([key, item]) => `${inner}${render({ key, value: item }, inner, layout)}`);
  return lines.length === 0 ? '{}' : `{${layout.eol}${lines.join(`,${layout.eol}`)}${layout.eol}${indent}}`;
}

/** What stands behind a comma or colon on one line. */
function gapOf(text: string): string {
  return /[,:][ \t]/.test(text) ? ' ' : '';
}

function inline({ key, value }: Child, gap: string): string {
  const text = (item: Json): string => {
    if (Array.isArray(item)) return `[${item.map(text).join(`,${gap}`)}]`;
    if (typeof item !== 'object' || item === null) return JSON.stringify(item);
    return `{${Object.entries(item)
      .map(([name, inner]) => `${JSON.stringify(name)}:${gap}${text(inner)}`)
      .join(`,${gap}`)}}`;
  };
  return `${key === undefined ? '' : `${JSON.stringify(key)}:${gap}`}${text(value)}`;
}

function splice(text: string, start: number, end: number, put: string): string {
  return text.slice(0, start) + put + text.slice(end);
}
