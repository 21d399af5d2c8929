// Owns: the tables of the bench, as Markdown.
// Promises: every figure of a program stands beside the floor of the same run; what was not measured is a dash.
import type { Measured } from './measured.ts';

export type Row = { readonly workers: number; readonly program: string; readonly measured: Measured };

export function wallTable(rows: readonly Row[]): string {
  const head = ['N', 'program', 'wall ms', 'over ideal', 'over floor', 'CPU ms a reply', 'peak MB', 'first request ms'];
  const body = rows.map(({ workers, program, measured }) => [
    String(workers),
    program,
    measured.wall_ms.toFixed(0),
    measured.over_ideal.toFixed(3),
    (measured.wall_ms / floorOf(rows, workers)).toFixed(3),
    measured.cpu_ms_a_reply.toFixed(2),
    measured.peak_mb.toFixed(0),
    measured.first_request_ms.toFixed(0),
  ]);
  return markdown(head, body);
}

/** What only some programs have, and what the number of workers does to memory. */
export function detailTable(rows: readonly Row[]): string {
  const head = [
    'N',
    'program',
    'MB a further worker',
    'spawn p50 / p99 ms',
    'last reply to answer ms',
    'first request tokens',
    'at once',
  ];
  const body = rows.map((row) => {
    const { workers, program, measured } = row;
    const one = rows.find((other) => other.workers === 1 && other.program === program)?.measured.peak_mb;
    const further = one === undefined || workers === 1 ? undefined : (measured.peak_mb - one) / (workers - 1);
    const { spawn_p50_ms: p50, spawn_p99_ms: p99, last_reply_to_answer_ms: last } = measured;
    return [
      String(workers),
      program,
      further?.toFixed(2) ?? '–',
      p50 === undefined || p99 === undefined ? '–' : `${p50.toFixed(2)} / ${p99.toFixed(1)}`,
      last?.toFixed(1) ?? '–',
      measured.first_request_tokens.toFixed(0),
      String(measured.most_at_once),
    ];
  });
  return markdown(head, body);
}

export function markdown(head: readonly string[], body: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...body.map(line)].join('\n');
}

function floorOf(rows: readonly Row[], workers: number): number {
  return rows.find((row) => row.workers === workers && row.program === 'floor')?.measured.wall_ms ?? Number.NaN;
}
