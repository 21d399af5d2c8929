// Owns: the imports in a memory file: `@path` outside of code.
// Promises: pure; candidates in order, each once; linear in the text.
// Never: touches a file: whether a candidate is one is found out by reading it.

const maxImports = 100;

export function importsIn(text: string): readonly string[] {
  if (!text.includes('@')) return [];
  const found = [...withoutCode(text).matchAll(/(?:^|[\s(])@((?:\\ |[^\s\\])+)/g)].map((match) =>
    (match[1] ?? '').replaceAll('\\ ', ' ').replace(/[.,;:!?)\]'"]+$/, ''),
  );
  return [...new Set(found)].filter((path) => path !== '' && !path.includes('@')).slice(0, maxImports);
}

/** Fenced blocks and code spans hold examples and package names, not imports. */
function withoutCode(text: string): string {
  let fence: string | undefined;
  const lines = text.split('\n').map((line) => {
    const mark = /^\s*(```+|~~~+)/.exec(line)?.[1];
    if (fence !== undefined) {
      if (mark?.startsWith(fence) === true) fence = undefined;
      return '';
    }
    if (mark !== undefined) {
      fence = mark;
      return '';
    }
    return line.replaceAll(/(`+)[^`]*\1/g, ' ');
  });
  return lines.join('\n');
}
