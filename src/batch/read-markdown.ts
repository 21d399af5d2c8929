// Owns: a Markdown file to sections: front matter and one section per `##` heading.
// Promises: headings inside fenced code are text; every section knows its line. Text before the first `##` is for people.
// Never: gives a section a meaning.

type MarkdownSection = { readonly heading: string; readonly body: string; readonly line: number };

export type MarkdownFile = {
  /** Text between the `---` lines, and its line; undefined: none. */
  readonly front: { readonly text: string; readonly line: number } | undefined;
  /** The front matter was opened and not closed. */
  readonly unclosed: boolean;
  readonly sections: readonly MarkdownSection[];
};

export function readMarkdown(source: string): MarkdownFile {
  const lines = source.split(/\r?\n/);
  const opened = /^---[ \t]*$/.test(lines[0] ?? '');
  const end = opened ? lines.findIndex((line, index) => index > 0 && /^---[ \t]*$/.test(line)) : -1;
  if (opened && end === -1) return { front: undefined, unclosed: true, sections: [] };
  const front = end === -1 ? undefined : { text: lines.slice(1, end).join('\n'), line: 2 };

  const sections: { heading: string; lines: string[]; line: number }[] = [];
  let fence: string | undefined;
  for (const [index, line] of lines.entries()) {
    if (index <= end) continue;
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    const closes = fence !== undefined && mark !== undefined && mark.startsWith(fence) && line.trim() === mark;
    const heading = fence === undefined ? /^##[ \t]+(.*?)[ \t]*#*[ \t]*$/.exec(line)?.[1] : undefined;
    if (closes) fence = undefined;
    else if (fence === undefined && mark !== undefined) fence = mark;
    if (heading === undefined) sections.at(-1)?.lines.push(line);
    else sections.push({ heading, lines: [], line: index + 1 });
  }
  return {
    front,
    unclosed: false,
    sections: sections.map(({ heading, lines: body, line }) => ({ heading, line, body: body.join('\n').trim() })),
  };
}
